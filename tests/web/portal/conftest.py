"""Somebody who complained at an organisation with the small procedure, and what its people do in the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.web.own import Own, make_own
from tests.web.pages import Reader
from weerklank.cases.actions.verb import Action
from weerklank.cases.doors import Intake, Received, perform, receive_complaint
from weerklank.cases.messages import Written, seal_body
from weerklank.cases.model import Message
from weerklank.kernel.database import tenant_scope
from weerklank.policy.events import COMPLAINANT, Actor, ActorKind
from weerklank.tenancy.model import Tenant
from weerklank.web.parts import NAME

Do = Callable[[str, Action], None]


@pytest.fixture(scope="module")
def own(app: Flask, web_database: Database) -> Own:
    return make_own(app, web_database)


Complain = Callable[[str], Received]


@pytest.fixture
def complain(own: Own, session: Session) -> Complain:
    """`complain("Anna Achterberg")`: a complaint that came in; answers its id and code."""

    def make(name: str) -> Received:
        contact = {"name": name, "email": "somebody@example.nl"}
        intake = Intake("portal", language="en", contact=contact, story="The parcel was late.")
        engine = own.app.extensions[NAME].engine
        with tenant_scope(session, own.id):
            tenant = session.get_one(Tenant, own.id)
            made = receive_complaint(session, engine, tenant, intake, COMPLAINANT, datetime.now(UTC))
            session.commit()
        return made

    return make


@pytest.fixture
def made(complain: Complain) -> Received:
    return complain("Anna Achterberg")


@pytest.fixture
def case_id(made: Received) -> UUID:
    return made.case_id


@pytest.fixture
def browser(own: Own, made: Received) -> Reader:
    """Anna, who gave her code and follows her complaint."""
    reader = own.reader()
    reader.send(reader.get("/status"), {"code": made.code})
    return reader


@pytest.fixture
def do(own: Own, session: Session, case_id: UUID) -> Do:
    """`do("bram", action)`: somebody of the cast does something in the case."""

    def act(who: str, action: Action) -> None:
        with tenant_scope(session, own.id):
            actor = Actor(ActorKind.PERSON, getattr(own.cast, who))
            perform(session, own.app.extensions[NAME].engine, own.id, case_id, action, actor, datetime.now(UTC))
            session.commit()

    return act


@pytest.fixture
def write_out(own: Own, session: Session, case_id: UUID) -> Callable[[str], UUID]:
    """Write every message to the complainant out with this subject, as the worker does; answers the id of one."""

    def write(subject: str) -> UUID:
        with tenant_scope(session, own.id):
            rows = session.scalars(select(Message).where(Message.case_id == case_id, Message.role == "complainant"))
            sealer, written = own.keyring.for_case(own.id, case_id), list(rows)
            for row in written:
                row.body = seal_body(sealer, row.id, Written(subject, ("Dear Anna,", "This is how it stands.")))
            session.commit()
            return written[0].id

    return write
