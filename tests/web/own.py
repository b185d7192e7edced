"""An organisation of a test's own, with the cast in it, and somebody of the cast in the browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from flask import Flask

from tests.cast import PASSWORD, SMALL, START, Cast, hire
from tests.conftest import Database
from tests.web.pages import Reader
from weerklank.identity.login import set_password
from weerklank.identity.people import find_person
from weerklank.kernel.database import open_session, tenant_scope, without_tenant
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.tenancy.model import State
from weerklank.tenancy.organisations import create
from weerklank.tenancy.policies import publish
from weerklank.web.parts import NAME


@dataclass(frozen=True)
class Own:
    """An organisation in trial with the example's policy and the cast, who can all log in with PASSWORD."""

    app: Flask
    database: Database
    id: UUID
    slug: str
    cast: Cast

    @property
    def keyring(self) -> Keyring:
        found: Keyring = self.app.extensions[NAME].keyring
        return found

    def reader(self, language: str = "en") -> Reader:
        """A browser of its own, not logged in."""
        return Reader(self.app.test_client(), f"/{self.slug}", language)

    def log_in(self, who: str, language: str = "en") -> Reader:
        """A browser in which somebody of the cast is logged in, by the page for it."""
        reader = self.reader(language)
        values = {"email": f"{who}@example.nl", "password": PASSWORD}
        page = reader.send(reader.get("/account"), values)
        assert page.errors() == []
        return reader


MakeOwn = Callable[[], Own]


def make_own(app: Flask, database: Database, policy: str = SMALL) -> Own:
    """A fresh organisation; what is written stays until the run ends."""
    keyring: Keyring = app.extensions[NAME].keyring
    now = datetime.now(UTC)
    slug = f"own-{new_id().hex[-10:]}"
    with open_session(database.engine) as session:
        with without_tenant(session, "a test makes its organisation"):
            tenant = create(session, f"Organisation {slug}", slug, "OWN", State.TRIAL, now)
            tenant_id = tenant.id
        keyring.new_tenant(tenant_id)
        with tenant_scope(session, tenant_id):
            cast = hire(session, keyring, tenant_id)
            for person_id in (cast.bram, cast.dewi, cast.els):
                set_password(session, find_person(session, person_id), PASSWORD, now)
            publish(session, tenant, policy, START, today=START, now=now, actor=None)
            session.commit()
    return Own(app, database, tenant_id, slug, cast)
