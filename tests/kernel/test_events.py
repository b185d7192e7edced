"""Events are appended in order, chained, sealed with the case's key, and read without it."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from tests.conftest import AUDIT_KEY, Database, Organisation, add_tenant
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.errors import Conflict
from weerklank.kernel.events import GENESIS, EventDraft, StoredEvent, append, canonical, load, next_mac
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.kernel.sealed import ERASED, Tampered

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)


def drafts(count: int = 1) -> list[EventDraft]:
    return [
        EventDraft(
            kind="noted",
            actor_kind="person",
            actor_id=new_id(),
            open={"day": date(2026, 3, 2), "nr": nr, "who": new_id(), "nested": {"b": [1, None, True], "a": "é"}},
            sealed={"text": "Bram was rude to me"},
        )
        for nr in range(count)
    ]


def record(
    session: Session, keyring: Keyring, tenant_id: UUID, case_id: UUID, expected_seq: int, count: int = 1
) -> list[StoredEvent]:
    return append(
        session,
        keyring,
        AUDIT_KEY,
        tenant_id=tenant_id,
        case_id=case_id,
        expected_seq=expected_seq,
        drafts=drafts(count),
        now=NOW,
    )


def test_it_gives_back_what_was_appended(app_session: Session, tenant: Organisation, keyring: Keyring) -> None:
    case_id = new_id()
    sealer = keyring.new_case(tenant.id, case_id)
    with tenant_scope(app_session, tenant.id):
        written = record(app_session, keyring, tenant.id, case_id, 0, count=2)
        written += record(app_session, keyring, tenant.id, case_id, 2)
        app_session.commit()
        found = load(app_session, tenant.id, case_id)
    assert found == written
    assert [event.seq for event in found] == [1, 2, 3]
    assert found[0].at == NOW
    assert found[0].open["day"] == "2026-03-02"
    assert found[0].unseal(sealer) == {"text": "Bram was rude to me"}


def test_it_chains_each_event_to_the_one_before(app_session: Session, tenant: Organisation, keyring: Keyring) -> None:
    case_id = new_id()
    keyring.new_case(tenant.id, case_id)
    with tenant_scope(app_session, tenant.id):
        record(app_session, keyring, tenant.id, case_id, 0, count=2)
        head = load(app_session, tenant.id, case_id)[-1].mac
        append(
            app_session,
            keyring,
            AUDIT_KEY,
            tenant_id=tenant.id,
            case_id=case_id,
            expected_seq=2,
            drafts=drafts(),
            now=NOW,
            head=head,
        )
        found = load(app_session, tenant.id, case_id)
    mac = GENESIS
    for event in found:
        mac = next_mac(AUDIT_KEY, mac, event)
        assert event.mac == mac
    assert next_mac(bytes(32), GENESIS, found[0]) != found[0].mac, "another key, another hash"


def test_it_stores_no_text_in_the_clear(app_session: Session, tenant: Organisation, keyring: Keyring) -> None:
    case_id = new_id()
    keyring.new_case(tenant.id, case_id)
    with tenant_scope(app_session, tenant.id):
        record(app_session, keyring, tenant.id, case_id, 0)
        row = app_session.execute(text("SELECT event::text FROM event")).scalar_one()
    assert "rude" not in row
    assert b"rude".hex() not in row


def test_it_reads_the_open_part_when_the_key_is_destroyed(
    app_session: Session, tenant: Organisation, keyring: Keyring
) -> None:
    case_id = new_id()
    keyring.new_case(tenant.id, case_id)
    with tenant_scope(app_session, tenant.id):
        record(app_session, keyring, tenant.id, case_id, 0)
        keyring.destroy_case(tenant.id, case_id)
        (found,) = load(app_session, tenant.id, case_id)
    assert found.open["nr"] == 0
    assert found.unseal(keyring.for_case(tenant.id, case_id)) is ERASED


def test_it_refuses_a_sealed_part_that_was_moved(app_session: Session, tenant: Organisation, keyring: Keyring) -> None:
    case_id = new_id()
    sealer = keyring.new_case(tenant.id, case_id)
    with tenant_scope(app_session, tenant.id):
        first, second = record(app_session, keyring, tenant.id, case_id, 0, count=2)
    swapped = StoredEvent(**{name: getattr(first, name) for name in first.__slots__} | {"sealed": second.sealed})
    with pytest.raises(Tampered):
        swapped.unseal(sealer)


def test_it_appends_any_number_of_events_in_one_statement(
    app_session: Session, tenant: Organisation, keyring: Keyring
) -> None:
    case_id = new_id()
    keyring.new_case(tenant.id, case_id)
    statements: list[str] = []
    with tenant_scope(app_session, tenant.id):
        connection = app_session.connection()
        sqlalchemy_event.listen(connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
        record(app_session, keyring, tenant.id, case_id, 0, count=5)
    assert len(statements) == 1


@pytest.mark.parametrize("expected_seq", [0, 1, 3])
def test_it_refuses_to_append_anywhere_but_at_the_end(
    app_session: Session, tenant: Organisation, keyring: Keyring, expected_seq: int
) -> None:
    case_id = new_id()
    keyring.new_case(tenant.id, case_id)
    with tenant_scope(app_session, tenant.id):
        record(app_session, keyring, tenant.id, case_id, 0, count=2)
        app_session.commit()
        with pytest.raises(Conflict):
            record(app_session, keyring, tenant.id, case_id, expected_seq)
        app_session.rollback()
        assert len(load(app_session, tenant.id, case_id)) == 2


def test_it_lets_one_of_two_at_the_same_moment_win(fresh_database: Database, keyring: Keyring) -> None:
    with open_session(fresh_database.engine) as session:
        anna = add_tenant(session, keyring, "anna")
        case_id = new_id()
        keyring.new_case(anna.id, case_id)
        with tenant_scope(session, anna.id):
            record(session, keyring, anna.id, case_id, 0)
            session.commit()
    ready, outcomes = threading.Barrier(4), []

    def act() -> None:
        with open_session(fresh_database.engine) as session, tenant_scope(session, anna.id):
            assert load(session, anna.id, case_id)[-1].seq == 1
            ready.wait(10)
            try:
                record(session, keyring, anna.id, case_id, 1, count=2)
                session.commit()
                outcomes.append("won")
            except Conflict:
                outcomes.append("told")

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["told", "told", "told", "won"]
    with open_session(fresh_database.engine) as session, tenant_scope(session, anna.id):
        assert [event.seq for event in load(session, anna.id, case_id)] == [1, 2, 3]


@pytest.mark.parametrize("verb", ["UPDATE event SET kind = 'other'", "DELETE FROM event", "TRUNCATE event"])
def test_it_lets_the_application_change_no_event(
    app_session: Session, tenant: Organisation, keyring: Keyring, verb: str
) -> None:
    with tenant_scope(app_session, tenant.id), pytest.raises(ProgrammingError, match="permission denied"):
        app_session.execute(text(verb))


def test_it_shows_no_event_of_another_tenant(
    app_session: Session,
    open_test_session: Callable[[], Session],
    tenant: Organisation,
    other_tenant: Organisation,
    keyring: Keyring,
) -> None:
    case_id = new_id()
    keyring.new_case(tenant.id, case_id)
    with tenant_scope(app_session, tenant.id):
        record(app_session, keyring, tenant.id, case_id, 0)
        app_session.commit()
    others = open_test_session()
    with tenant_scope(others, other_tenant.id):
        assert load(others, tenant.id, case_id) == []
        assert load(others, other_tenant.id, case_id) == []


@pytest.mark.parametrize("value", [1.5, timedelta(1), "a\0b", b"bytes", "\ud800"])
def test_it_refuses_an_open_part_that_the_database_would_not_give_back_as_it_was(
    app_session: Session, tenant: Organisation, keyring: Keyring, value: object
) -> None:
    draft = EventDraft("noted", "system", None, {"value": value})
    with tenant_scope(app_session, tenant.id), pytest.raises((ValueError, TypeError)):
        append(
            app_session,
            keyring,
            AUDIT_KEY,
            tenant_id=tenant.id,
            case_id=new_id(),
            expected_seq=0,
            drafts=[draft],
            now=NOW,
        )


def test_it_writes_one_value_in_one_way() -> None:
    assert canonical({"b": 1, "a": "é"}) == canonical({"a": "é", "b": 1}) == '{"a":"é","b":1}'
