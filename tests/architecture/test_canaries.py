"""What people write and are called is sealed wherever it is kept: after a whole case no word of it can be read.

Every word is a canary of its own, so that a column that sings says which.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy.orm import Session

from tests.cast import SMALL, Cast, hire, publish_small
from tests.conftest import Database, add_tenant
from weerklank.assembly import Platform
from weerklank.cases import doors
from weerklank.cases.act import Engine
from weerklank.cases.actions.ask import Ask, TakeAnswer
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.extend import Extend
from weerklank.cases.actions.involve import Involve, Release
from weerklank.cases.actions.measures import CarryOutMeasure, MoveMeasure, PlanMeasure, VerifyMeasure
from weerklank.cases.actions.record import Note, Record
from weerklank.cases.actions.share import ShareFiles, WithholdFile
from weerklank.cases.actions.verb import Action
from weerklank.cases.doors import Intake, UploadedFile
from weerklank.correspondence import drafts
from weerklank.deadlines import Duration
from weerklank.documents.files import Files
from weerklank.documents.store import Folder
from weerklank.identity.letters import invite
from weerklank.identity.login import log_in
from weerklank.identity.people import find_person
from weerklank.kernel import outbox
from weerklank.kernel.database import current_tenant, open_session
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.kernel.settings import Settings
from weerklank.policy.events import COMPLAINANT, Actor, ActorKind
from weerklank.tenancy.model import Tenant
from weerklank.web.portal.sessions import open_session as open_for_complainant
from weerklank.workers.bell import QUEUE, hang, make_broker
from weerklank.workers.jobs import run_job

NOW = datetime(2026, 3, 6, 10, 0, tzinfo=UTC)
FACTS = """
facts:
  place:
    label: {nl: plaats, en: place}
    type: text
    at_intake: optional
    source: art-2
  told_before:
    label: {nl: eerder verteld, en: told before}
    type: story
    at_intake: optional
    source: art-2
"""
NAMES = ("bakker", "dekker", "evers", "faber", "groot", "haan", "example.nl")  # of the cast


@dataclass
class Birds:
    """Words that can be found again wherever they come out: `kanarie` and where they were let in."""

    let_in: list[str] = field(default_factory=list)

    def __call__(self, where: str) -> str:
        self.let_in.append(f"kanarie{where}")
        return self.let_in[-1]

    def singing_in(self, text: str) -> list[str]:
        """Those that can be read here, as text or as the bytes of it."""
        low = text.lower()
        return [bird for bird in (*self.let_in, *NAMES) if bird in low or bird.encode().hex() in low]


@pytest.fixture
def platform(
    fresh_database: Database, keyring: Keyring, audit_key: bytes, settings: Settings, tmp_path: Path
) -> Iterator[Platform]:
    """The platform on a database of its own; mail goes into a folder."""
    own = replace(
        settings,
        var=tmp_path / "var",
        database_url=fresh_database.app_url,
        database_clock_url=fresh_database.clock_url,
    )
    files = Files(Folder(tmp_path / "files"))
    made = Platform(own, Engine(keyring, audit_key, files), files)
    yield made
    made.database.dispose()
    made.clock.dispose()


def test_no_word_that_anybody_wrote_can_be_read_where_it_is_kept(
    platform: Platform, fresh_database: Database, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    birds = Birds()
    with open_session(platform.database) as session:
        organisation = add_tenant(session, platform.keyring, "anna")
    with platform.tenant(organisation.id) as session:
        cast = hire(session, platform.keyring, organisation.id)
        publish_small(session, organisation.id, SMALL.replace("\nfacts:\n", FACTS))
        session.commit()
        handle(session, platform, receive(session, platform, birds), cast, birds)
        withdrawn = receive(session, platform, birds)
        doors.withdraw(session, platform.engine, organisation.id, withdrawn, NOW, reason=birds("withdrawal"))
        try_doors(session, platform, cast, withdrawn, birds)
        session.commit()
    rung = let_the_worker_work(platform)
    mail = [path.read_text("utf-8") for path in (tmp_path / "var" / "mail" / "new").iterdir()]
    assert any("kanariedecision" in each for each in mail)  # it does go out
    assert birds.singing_in(" ".join(rung)) == []
    kept = list(rows(fresh_database.superuser_url))
    assert {"event", "message", "person", "outbox", "document", "intake_draft"} <= {table for table, _ in kept}
    for table, row in (*kept, *rows(fresh_database.cluster.dsn("weerklank_keys", "postgres"))):
        assert birds.singing_in(row) == [], table
    for path in (tmp_path / "files").rglob("*"):
        if path.is_file():
            assert birds.singing_in(path.read_bytes().hex()) == []
    out, err = capfd.readouterr()
    assert birds.singing_in(out + err) == []


def receive(session: Session, platform: Platform, birds: Birds) -> UUID:
    """A complaint by the page, that was a draft first."""
    tenant = current_tenant(session)
    keyring, engine = platform.keyring, platform.engine
    draft, _ = drafts.begin(session, keyring, tenant, NOW)
    draft.answers = {"story": [birds("draft")]}
    drafts.save(keyring, draft)
    drafts.stage(session, keyring, tenant, draft, f"{birds('draftfile')}.txt", birds("draftcontent").encode())
    session.commit()
    intake = Intake(
        channel="portal",
        contact={name: birds(name) for name in ("name", "phone", "address")} | {"email": f"{birds('email')}@x.example"},
        story=birds("story"),
        texts={"place": birds("place"), "told_before": birds("toldbefore"), "about": birds("about")},
        representative={"name": birds("helper"), "email": f"{birds('helpermail')}@x.example"},
        files=[UploadedFile(f"{birds('filename')}.txt", birds("content").encode())],
        dedupe=draft.id,
    )
    received = doors.receive_complaint(session, engine, session.get_one(Tenant, tenant), intake, COMPLAINANT, NOW)
    drafts.sent(session, keyring, draft, received.case_id, received.reference, received.code, NOW)
    birds.let_in.append(received.code.lower())
    session.commit()
    return received.case_id


def handle(session: Session, platform: Platform, case_id: UUID, cast: Cast, birds: Birds) -> None:
    """All that staff and complainant can write in a case, up to closing."""
    measure = new_id()
    deeds: list[tuple[UUID, Action]] = [
        (cast.bram, Record(facts={"about": cast.els})),
        (cast.bram, Complete("acknowledge", text=birds("acknowledgement"))),
        (cast.bram, Complete("assign", reason=birds("assignment"))),
        (cast.bram, Note(birds("note"))),
        (cast.bram, Ask(birds("question"))),
        (cast.bram, TakeAnswer(birds("answer"))),
        (cast.bram, Involve(cast.gijs, "involved", birds("involvement"))),
        (cast.bram, Release(cast.gijs, birds("release"))),
        (cast.femke, Extend("decide", Duration.parse("1 weeks"), birds("extension"))),
        (cast.femke, PlanMeasure(measure, cast.gijs, date(2026, 4, 1), birds("measure"))),
        (cast.femke, MoveMeasure(measure, date(2026, 4, 2), birds("moved"))),
        (cast.gijs, CarryOutMeasure(measure, birds("proof"))),
        (cast.bram, VerifyMeasure(measure)),
        (cast.femke, Complete("decision", facts={"judgement": "upheld"}, text=birds("decision"))),
    ]
    tenant_id = current_tenant(session)
    for who, deed in deeds:
        doors.perform(session, platform.engine, tenant_id, case_id, deed, Actor(ActorKind.PERSON, who), NOW)
    bram = Actor(ActorKind.PERSON, cast.bram)
    given = [UploadedFile(f"{birds('givenname')}.txt", birds("givencontent").encode())]
    (kept,) = doors.keep_files(session, platform.engine, tenant_id, case_id, given, bram, NOW)
    for deed in (ShareFiles({kept: birds("sharedname")}), WithholdFile(kept, birds("heldname"), birds("withholding"))):
        doors.perform(session, platform.engine, tenant_id, case_id, deed, bram, NOW)
    files = [UploadedFile(f"{birds('addedname')}.txt", birds("addedcontent").encode())]
    doors.add_information(session, platform.engine, tenant_id, case_id, birds("information"), NOW, files=files)
    doors.perform(session, platform.engine, tenant_id, case_id, Complete("close"), bram, NOW)
    session.commit()


def try_doors(session: Session, platform: Platform, cast: Cast, case_id: UUID, birds: Birds) -> None:
    """An address that is tried, somebody who is invited, a complainant who reads on."""
    tenant = session.get_one(Tenant, current_tenant(session))
    log_in(session, platform.keyring, tenant, f"{birds('tried')}@x.example", birds("password"), None, NOW)
    invite(session, platform.keyring, find_person(session, cast.gijs), NOW)
    birds.let_in.append(open_for_complainant(session, tenant.id, case_id, NOW).lower())


def let_the_worker_work(platform: Platform) -> list[str]:
    """Every job that waits is rung for and carried out; answers what went over the bell."""
    broker = make_broker(None)
    ring = hang(broker, lambda: None)
    with open_session(platform.clock) as session:
        waiting = outbox.due(session, 500)
    for tenant_id, job_id in waiting:
        ring(tenant_id, job_id)
        run_job(platform, tenant_id, job_id, NOW + timedelta(minutes=1))
    queue = broker.queues[QUEUE]
    return [str(queue.get_nowait()) for _ in range(queue.qsize())]


def rows(url: str) -> Iterator[tuple[str, str]]:
    """Every row of every table of a database, as text."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        assert tables
        for schema, table in tables:
            query = SQL("SELECT row_to_json(each)::text FROM {} AS each").format(Identifier(schema, table))
            for (row,) in connection.execute(query):
                yield table, row
