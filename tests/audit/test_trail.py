"""Whatever is done to the events or the seals behind the program's back, `verify` says what and where."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from tests.conftest import AUDIT_KEY, Database, Organisation, add_tenant
from weerklank.audit.seals import seal_heads, witness, witness_file
from weerklank.audit.verify import Fault, Finding, Report, verify
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.errors import Conflict
from weerklank.kernel.events import EventDraft, append
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Trail:
    """Anna's organisation with two cases of three events, in two seals, and the ways to work and tamper."""

    database: Database
    keyring: Keyring
    folder: Path
    tenant: Organisation
    cases: tuple[UUID, UUID]

    def act(self, case_id: UUID, expected_seq: int, count: int = 1) -> None:
        with open_session(self.database.engine) as session, tenant_scope(session, self.tenant.id):
            record(session, self.keyring, self.tenant.id, case_id, expected_seq, count)
            session.commit()

    def seal(self, minute: int, *, outside: bool = True) -> int | None:
        with open_session(self.database.engine) as session, tenant_scope(session, self.tenant.id):
            no = seal_heads(session, AUDIT_KEY, self.tenant.id, NOW + timedelta(minutes=minute))
            session.commit()
            if outside:
                witness(session, self.folder, self.tenant.id)
        return no

    def verify(self) -> Report:
        with open_session(self.database.engine) as session, tenant_scope(session, self.tenant.id):
            return verify(session, AUDIT_KEY, self.folder, self.tenant.id)

    def tamper(self, statement: str, **values: object) -> None:
        """As the owner of the tables, who may do all and lacks only the audit key."""
        with psycopg.connect(self.database.owner_url) as connection:
            connection.execute("SELECT set_config('app.tenant', %s, true)", (str(self.tenant.id),))
            changed = connection.execute(statement, {"a": self.cases[0], "b": self.cases[1]} | values)
            assert changed.rowcount > 0, "the tampering did nothing"


def record(session: Session, keyring: Keyring, tenant_id: UUID, case_id: UUID, expected: int, count: int) -> None:
    draft = EventDraft("noted", "person", new_id(), {"day": "2026-03-02"}, {"text": "a secret"})
    append(
        session,
        keyring,
        AUDIT_KEY,
        tenant_id=tenant_id,
        case_id=case_id,
        expected_seq=expected,
        drafts=[draft] * count,
        now=NOW,
    )


@pytest.fixture
def trail(fresh_database: Database, keyring: Keyring, tmp_path: Path) -> Trail:
    with open_session(fresh_database.engine) as session:
        anna = add_tenant(session, keyring, "anna")
    trail = Trail(fresh_database, keyring, tmp_path / "audit", anna, (new_id(), new_id()))
    for case_id in trail.cases:
        keyring.new_case(anna.id, case_id)
        trail.act(case_id, 0, count=2)
    assert trail.seal(1) == 1
    for case_id in trail.cases:
        trail.act(case_id, 2)
    assert trail.seal(2) == 2
    return trail


def test_it_finds_nothing_in_a_whole_trail(trail: Trail) -> None:
    report = trail.verify()
    assert report == Report(trail.tenant.id, cases=2, events=6, seals=2)


def test_it_seals_once(trail: Trail) -> None:
    assert trail.seal(3) is None
    assert trail.verify().seals == 2


def test_it_says_what_is_not_yet_sealed(trail: Trail) -> None:
    trail.act(trail.cases[0], 3)
    report = trail.verify()
    assert (report.findings, report.unsealed, report.unwitnessed) == ([], 1, 0)
    trail.seal(3, outside=False)
    report = trail.verify()
    assert (report.findings, report.unsealed, report.unwitnessed) == ([], 0, 1)
    trail.act(trail.cases[0], 4)
    trail.seal(4)
    report = trail.verify()
    assert (report.findings, report.unsealed, report.unwitnessed) == ([], 0, 0)


def test_it_proves_a_trail_whose_keys_are_destroyed(trail: Trail) -> None:
    for case_id in trail.cases:
        trail.keyring.destroy_case(trail.tenant.id, case_id)
    assert trail.verify().findings == []


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'decided'",
        'open = \'{"day": "2026-03-03"}\'',
        "at = at + interval '1 microsecond'",
        "actor_id = gen_random_uuid()",
        "actor_id = NULL",
        "actor_kind = 'system'",
        "id = gen_random_uuid()",
        "sealed = sealed || '\\x00'",
        "sealed = NULL",
        "mac = sha256(mac)",
    ],
)
def test_it_finds_a_changed_event(trail: Trail, change: str) -> None:
    trail.tamper(f"UPDATE event SET {change} WHERE case_id = %(a)s AND seq = 2")
    findings = trail.verify().findings
    assert Finding(Fault.EVENT_CHANGED, trail.cases[0], 2) in findings
    assert {finding.case_id for finding in findings} == {trail.cases[0]}


def test_it_finds_a_removed_event(trail: Trail) -> None:
    trail.tamper("DELETE FROM event WHERE case_id = %(a)s AND seq = 2")
    assert trail.verify().findings == [Finding(Fault.EVENT_MISSING, trail.cases[0], 2)]


def test_it_finds_a_removed_event_whose_gap_was_closed(trail: Trail) -> None:
    trail.tamper("DELETE FROM event WHERE case_id = %(a)s AND seq = 2")
    trail.tamper("UPDATE event SET seq = 2 WHERE case_id = %(a)s AND seq = 3")
    assert trail.verify().findings == [
        Finding(Fault.EVENT_CHANGED, trail.cases[0], 2),
        Finding(Fault.EVENTS_CUT_OFF, trail.cases[0], 3),
    ]


def test_it_finds_a_removed_first_event(trail: Trail) -> None:
    trail.tamper("DELETE FROM event WHERE case_id = %(a)s AND seq = 1")
    assert trail.verify().findings == [Finding(Fault.EVENT_MISSING, trail.cases[0], 1)]


def test_it_finds_events_in_another_order(trail: Trail) -> None:
    for old, new in ((1, 9), (2, 1), (9, 2)):
        trail.tamper("UPDATE event SET seq = %(new)s WHERE case_id = %(a)s AND seq = %(old)s", old=old, new=new)
    findings = trail.verify().findings
    assert Finding(Fault.EVENT_CHANGED, trail.cases[0], 1) in findings
    assert Finding(Fault.EVENT_CHANGED, trail.cases[0], 2) in findings


def test_it_finds_an_event_moved_to_another_case(trail: Trail) -> None:
    trail.tamper("UPDATE event SET case_id = %(b)s, seq = 4 WHERE case_id = %(a)s AND seq = 3")
    assert set(trail.verify().findings) == {
        Finding(Fault.EVENTS_CUT_OFF, trail.cases[0], 3),
        Finding(Fault.EVENT_CHANGED, trail.cases[1], 4),
    }


def test_it_finds_that_the_newest_events_were_cut_off(trail: Trail) -> None:
    trail.tamper("DELETE FROM event WHERE case_id = %(a)s AND seq > 1")
    assert trail.verify().findings == [Finding(Fault.EVENTS_CUT_OFF, trail.cases[0], 2)]


def test_it_finds_that_a_case_was_removed(trail: Trail) -> None:
    trail.tamper("DELETE FROM event WHERE case_id = %(a)s")
    assert trail.verify().findings == [Finding(Fault.CASE_REMOVED, trail.cases[0], 3)]


def test_it_finds_an_event_that_was_slipped_in(trail: Trail) -> None:
    trail.tamper(
        "INSERT INTO event SELECT tenant_id, case_id, 4, gen_random_uuid(), kind, at, actor_kind, actor_id, open,"
        " sealed, mac FROM event WHERE case_id = %(a)s AND seq = 3"
    )
    assert trail.verify().findings == [Finding(Fault.EVENT_CHANGED, trail.cases[0], 4)]


def test_it_finds_a_case_that_was_cut_off_together_with_its_seal(trail: Trail) -> None:
    trail.tamper("DELETE FROM event WHERE seq = 3")
    trail.tamper("DELETE FROM seal_entry WHERE seal_no = 2")
    trail.tamper("DELETE FROM seal WHERE no = 2")
    assert trail.verify().findings == [Finding(Fault.SEALS_CUT_OFF, None, 2)]


def test_it_finds_that_all_was_removed(trail: Trail) -> None:
    for table in ("event", "seal_entry", "seal"):
        trail.tamper(f"DELETE FROM {table}")
    assert trail.verify().findings == [Finding(Fault.SEALS_CUT_OFF, None, 1)]


def test_it_finds_a_removed_seal(trail: Trail) -> None:
    trail.act(trail.cases[0], 3)
    trail.seal(3)
    trail.tamper("DELETE FROM seal_entry WHERE seal_no = 2")
    trail.tamper("DELETE FROM seal WHERE no = 2")
    assert Finding(Fault.SEAL_MISSING, None, 2) in trail.verify().findings


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE seal SET at = at + interval '1 second' WHERE no = 1",
        "DELETE FROM seal_entry WHERE seal_no = 1 AND case_id = %(a)s",
        "UPDATE seal_entry SET seq = 1 WHERE seal_no = 1 AND case_id = %(a)s",
        "UPDATE seal_entry SET mac = sha256(mac) WHERE seal_no = 1 AND case_id = %(a)s",
        "UPDATE seal SET mac = sha256(mac) WHERE no = 1",
    ],
)
def test_it_finds_a_changed_seal(trail: Trail, statement: str) -> None:
    trail.tamper(statement)
    assert Finding(Fault.SEAL_CHANGED, None, 1) in trail.verify().findings


def test_it_finds_a_list_that_is_not_the_one_outside(trail: Trail) -> None:
    file = witness_file(trail.folder, trail.tenant.id)
    first, second, _ = file.read_text().split("\n")
    file.write_text(f"{first}\n{second[:-4]}0000\n")
    assert trail.verify().findings == [Finding(Fault.SEAL_CHANGED, None, 2)]


def test_it_writes_half_a_line_again_after_a_crash(trail: Trail) -> None:
    file = witness_file(trail.folder, trail.tenant.id)
    file.write_bytes(file.read_bytes()[:-20])
    assert trail.verify().unwitnessed == 1
    trail.seal(3)
    report = trail.verify()
    assert (report.findings, report.unwitnessed) == ([], 0)


def test_it_lets_one_of_two_sealers_win(trail: Trail) -> None:
    trail.act(trail.cases[0], 3)
    with open_session(trail.database.engine) as slow, tenant_scope(slow, trail.tenant.id):
        assert seal_heads(slow, AUDIT_KEY, trail.tenant.id, NOW) == 3
        trail.act(trail.cases[1], 3)
        outcome: list[object] = []
        quick = threading.Thread(target=lambda: outcome.append(attempt(trail)))
        quick.start()
        slow.commit()
        quick.join(20)
    assert outcome in ([Conflict], [4])
    trail.seal(5)
    report = trail.verify()
    assert (report.findings, report.unsealed) == ([], 0)


def attempt(trail: Trail) -> object:
    try:
        return trail.seal(4)
    except Conflict as error:
        return type(error)


@pytest.mark.parametrize("statement", ["UPDATE seal SET no = 7", "DELETE FROM seal", "DELETE FROM seal_entry"])
def test_it_lets_the_application_change_no_seal(app_session: Session, tenant: Organisation, statement: str) -> None:
    with tenant_scope(app_session, tenant.id), pytest.raises(ProgrammingError, match="permission denied"):
        app_session.execute(text(statement))


def test_it_proves_each_organisation_by_itself(
    open_test_session: Callable[[], Session],
    tenant: Organisation,
    other_tenant: Organisation,
    keyring: Keyring,
    tmp_path: Path,
) -> None:
    for owner, count in ((tenant, 1), (other_tenant, 2)):
        session, case_id = open_test_session(), new_id()
        keyring.new_case(owner.id, case_id)
        with tenant_scope(session, owner.id):
            record(session, keyring, owner.id, case_id, 0, count)
            assert seal_heads(session, AUDIT_KEY, owner.id, NOW) == 1
            session.commit()
            witness(session, tmp_path, owner.id)
            assert verify(session, AUDIT_KEY, tmp_path, owner.id).events == count
            session.commit()
