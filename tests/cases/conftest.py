"""An organisation with the small procedure: Anna complains about Bram; Dina is his manager, Eva the quality officer,
Fred the board; Gijs works there and has no part in anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine as Database
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.conftest import Organisation
from weerklank.cases import doors, walls
from weerklank.cases.act import Acted, Engine
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.verb import Action
from weerklank.cases.doors import Intake, Received
from weerklank.documents.files import Files
from weerklank.documents.store import Folder
from weerklank.identity import people
from weerklank.kernel.database import tenant_scope
from weerklank.kernel.keys import Keyring
from weerklank.policy.events import COMPLAINANT, Actor, ActorKind
from weerklank.tenancy import policies
from weerklank.tenancy.model import Tenant

FRIDAY = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
LONG_AGO = date(2025, 1, 1)
SMALL = Path(__file__).parents[1] / "policy" / "examples" / "small.yaml"


@dataclass
class Office:
    """One organisation in one session, and short ways to do things there."""

    session: Session
    engine: Engine
    tenant: Tenant
    tenant_id: UUID
    bram: UUID
    dina: UUID
    eva: UUID
    fred: UUID
    gijs: UUID

    def receive(self, now: datetime = FRIDAY, actor: Actor = COMPLAINANT, **given: Any) -> Received:
        intake: dict[str, Any] = {
            "channel": "portal",
            "contact": {"name": "Anna de Wit", "email": "anna@voorbeeld.example"},
            "story": "Het gesprek ging helemaal mis.",
            "facts": {"about": self.bram},
        }
        return doors.receive_complaint(self.session, self.engine, self.tenant, Intake(**intake | given), actor, now)

    def do(self, case_id: UUID, action: Action | Sequence[Action], who: UUID | Actor, now: datetime = FRIDAY) -> Acted:
        actor = who if isinstance(who, Actor) else by(who)
        return doors.perform(self.session, self.engine, self.tenant.id, case_id, action, actor, now)

    def reader(self, person: UUID, now: datetime = FRIDAY) -> walls.Reader:
        return walls.reader(self.session, self.tenant.id, person, now.date())

    def assign(self, case_id: UUID) -> None:
        self.do(case_id, Complete("assign"), self.eva)


def by(person: UUID) -> Actor:
    return Actor(ActorKind.PERSON, person)


def open_office(session: Session, engine: Engine, tenant_id: UUID, more_steps: str = "") -> Office:
    """People, posts and the small policy (with more steps, as YAML) for an organisation that is there. Commits."""
    tenant = session.get_one(Tenant, tenant_id)
    text = SMALL.read_text("utf-8").replace("prefix: VBD", f"prefix: {tenant.prefix}")
    text = text.replace("\nsteps:\n", f"\nsteps:\n{more_steps}")
    version = policies.publish(session, tenant, text, LONG_AGO, today=LONG_AGO, now=FRIDAY, actor=None)
    policy = policies.policy_of(version)

    def join(name: str) -> Any:
        email = f"{name.lower()}@organisatie.example"
        return people.add_person(session, engine.keyring, tenant_id, name=name, email=email, today=LONG_AGO)

    bram, dina, eva, fred, gijs = (join(name) for name in ("Bram", "Dina", "Eva", "Fred", "Gijs"))
    people.set_manager(session, bram, dina.id)
    people.set_manager(session, dina, fred.id)
    people.appoint(session, policy, eva, "quality_officer", LONG_AGO)
    people.appoint(session, policy, fred, "board", LONG_AGO)
    session.commit()
    return Office(session, engine, tenant, tenant_id, bram.id, dina.id, eva.id, fred.id, gijs.id)


@pytest.fixture
def engine(keyring: Keyring, audit_key: bytes, tmp_path: Path) -> Engine:
    return Engine(keyring, audit_key, Files(Folder(tmp_path / "files")))


@pytest.fixture
def office(app_session: Session, engine: Engine, tenant: Organisation) -> Iterator[Office]:
    with tenant_scope(app_session, tenant.id):
        yield open_office(app_session, engine, tenant.id)


@pytest.fixture
def count_queries(database: Any) -> Callable[[], Any]:
    """`with count_queries() as statements:` holds every statement that the application sent within it."""
    return lambda: counted(database.engine)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            statements.append(statement)

    event.listen(database, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database, "before_cursor_execute", note)
