"""An organisation of its own for each test, with the small procedure and its cast, behind the running application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.cast import SMALL, Cast, hire, let_in, publish_small
from tests.conftest import Database, Organisation, add_tenant
from tests.web.pages import Reader
from weerklank.cases import doors
from weerklank.cases.act import Acted
from weerklank.cases.actions.verb import Action
from weerklank.cases.doors import Intake, Received
from weerklank.cases.model import Message
from weerklank.correspondence.delivery import write_out
from weerklank.kernel.database import db, open_session, tenant_scope
from weerklank.kernel.ids import new_id
from weerklank.policy.events import COMPLAINANT, Actor, ActorKind
from weerklank.tenancy.model import Tenant
from weerklank.web.parts import NAME

STORY = "Het gesprek ging helemaal mis."


def today() -> date:
    """The legal day on which these tests run."""
    return datetime.now(ZoneInfo("Europe/Amsterdam")).date()


@dataclass
class Desk:
    """An organisation, ways to do things there without a page, and its people with a browser."""

    app: Flask
    organisation: Organisation
    cast: Cast
    database: Database
    tokens: dict[UUID, str] = field(default_factory=dict)

    @contextmanager
    def session(self) -> Iterator[Session]:
        with open_session(self.database.engine) as session, tenant_scope(session, self.organisation.id):
            yield session

    def staff(self, person: UUID, language: str = "en") -> Reader:
        """Somebody of the cast, logged in, at a browser of his own."""
        if person not in self.tokens:
            with self.session() as session:
                self.tokens[person] = let_in(session, person, datetime.now(UTC)).token
                session.commit()
        client = self.app.test_client()
        slug = self.organisation.slug
        client.set_cookie(f"weerklank-{slug}-staff", self.tokens[person], path=f"/{slug}/")
        return Reader(client, f"/{slug}", language)

    def receive(self, actor: Actor = COMPLAINANT, **given: Any) -> Received:
        intake: dict[str, Any] = {
            "channel": "portal",
            "contact": {"name": "Anna de Wit", "email": "anna@voorbeeld.example"},
            "story": STORY,
            "facts": {"about": self.cast.els},
        }
        with self.session() as session:
            tenant = session.get_one(Tenant, self.organisation.id)
            engine = self.app.extensions[NAME].engine
            received = doors.receive_complaint(
                session, engine, tenant, Intake(**intake | given), actor, datetime.now(UTC)
            )
            session.commit()
        return received

    def do(self, case_id: UUID, action: Action, person: UUID) -> Acted:
        with self.session() as session:
            engine, actor = self.app.extensions[NAME].engine, Actor(ActorKind.PERSON, person)
            acted = doors.perform(session, engine, self.organisation.id, case_id, action, actor, datetime.now(UTC))
            session.commit()
        return acted

    def write_out(self) -> None:
        """Write out what waits to be sent, as the worker does, and send it nowhere."""
        engine = self.app.extensions[NAME].engine
        with self.session() as session:
            waiting = select(Message.id).where(Message.tenant_id == self.organisation.id, Message.state == "queued")
            for message_id in session.scalars(waiting).all():
                write_out(
                    session, engine, self.organisation.id, message_id, "http://here", "us@here", datetime.now(UTC)
                )
            session.commit()


@pytest.fixture
def open_desk(app: Flask, web_database: Database) -> Callable[..., Desk]:
    """Makes an organisation with the small procedure, or another text of one."""

    def make(text: str = SMALL) -> Desk:
        slug = f"desk-{new_id().hex[-12:]}"
        with open_session(web_database.engine) as session:
            organisation = add_tenant(session, app.extensions[NAME].keyring, slug)
        with open_session(web_database.engine) as session, tenant_scope(session, organisation.id):
            cast = hire(session, app.extensions[NAME].keyring, organisation.id)
            tenant = session.get_one(Tenant, organisation.id)
            publish_small(session, organisation.id, text.replace("prefix: VBD", f"prefix: {tenant.prefix}"))
            session.commit()
        return Desk(app, organisation, cast, web_database)

    return make


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    return open_desk()


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements the application sends within it; the one that names the tenant goes with each transaction."""
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "set_config('app.tenant'" not in statement:
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
