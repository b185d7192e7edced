"""A value opens with its own key in its own place; without the key it is erased, and nothing else breaks."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from tests.conftest import AUDIT_KEY, MASTER_KEY, Organisation
from weerklank.kernel import keys
from weerklank.kernel.database import tenant_scope, without_tenant
from weerklank.kernel.events import EventDraft, append
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring, sweep_orphan_keys, sweep_orphan_tenants
from weerklank.kernel.sealed import ERASED, KeyErased, Sealer, Tampered

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "Anna de Vries woont in de Dorpsstraat"


@pytest.fixture
def statements(keystore: Engine) -> Iterator[list[str]]:
    """What is asked of the key store from here on."""
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(keystore, "before_cursor_execute", note)
    yield asked
    event.remove(keystore, "before_cursor_execute", note)


def test_it_opens_what_it_sealed(tenant: Organisation, keyring: Keyring) -> None:
    sealer = keyring.new_case(tenant.id, new_id())
    sealed = sealer.seal(SECRET, table="note", column="body", row=1)
    assert SECRET.encode() not in sealed
    assert sealer.unseal(sealed, table="note", column="body", row=1) == SECRET
    assert sealer.unseal_bytes(sealed, table="note", column="body", row=1) == SECRET.encode()
    value = {"a": [1, None, "\0 é \ud800"]}
    assert sealer.unseal_json(
        sealer.seal_json(value, table="n", column="c", row=1), table="n", column="c", row=1
    ) == value  # fmt: skip


def test_it_never_seals_the_same_value_to_the_same_bytes(tenant: Organisation, keyring: Keyring) -> None:
    sealer = keyring.for_tenant(tenant.id)
    assert len({sealer.seal(SECRET, table="t", column="c", row=1) for _ in range(100)}) == 100


@pytest.mark.parametrize("moved", [{"table": "other"}, {"column": "other"}, {"row": 2}])
def test_it_refuses_a_value_that_was_moved(tenant: Organisation, keyring: Keyring, moved: dict[str, object]) -> None:
    sealer = keyring.new_case(tenant.id, new_id())
    place = {"table": "note", "column": "body", "row": 1}
    sealed = sealer.seal(SECRET, **place)  # type: ignore[arg-type]  # a place is three words
    with pytest.raises(Tampered) as caught:
        sealer.unseal(sealed, **(place | moved))  # type: ignore[arg-type]  # a place is three words
    assert "Anna" not in str(caught.value)


def test_it_refuses_a_value_of_another_case_or_tenant_even_under_the_same_key(
    tenant: Organisation, other_tenant: Organisation, keyring: Keyring
) -> None:
    sealed = keyring.new_case(tenant.id, new_id()).seal(SECRET, table="t", column="c", row=1)
    for other in (keyring.new_case(tenant.id, new_id()), keyring.for_tenant(tenant.id)):
        with pytest.raises(Tampered):
            other.unseal(sealed, table="t", column="c", row=1)
    same_key = bytes(32)
    sealed = Sealer(tenant.id, same_key).seal(SECRET, table="t", column="c", row=1)
    with pytest.raises(Tampered):
        Sealer(other_tenant.id, same_key).unseal(sealed, table="t", column="c", row=1)


@pytest.mark.parametrize("damage", [b"", b"\x01", b"\x02" * 60, b"\x01" * 60])
def test_it_refuses_what_it_never_sealed(tenant: Organisation, keyring: Keyring, damage: bytes) -> None:
    with pytest.raises(Tampered):
        keyring.for_tenant(tenant.id).unseal(damage, table="t", column="c", row=1)


def test_it_shows_erased_once_the_key_is_destroyed_and_seals_no_more(tenant: Organisation, keyring: Keyring) -> None:
    case_id, neighbour = new_id(), new_id()
    sealed = keyring.new_case(tenant.id, case_id).seal(SECRET, table="t", column="c", row=1)
    kept = keyring.new_case(tenant.id, neighbour).seal(SECRET, table="t", column="c", row=1)
    keyring.destroy_case(tenant.id, case_id)
    gone = keyring.for_case(tenant.id, case_id)
    assert gone.unseal(sealed, table="t", column="c", row=1) is ERASED
    assert gone.unseal_json(sealed, table="t", column="c", row=1) is ERASED
    assert (str(ERASED), bool(ERASED)) == ("█████", False)
    with pytest.raises(KeyErased):
        gone.seal(SECRET, table="t", column="c", row=1)
    assert keyring.for_case(tenant.id, neighbour).unseal(kept, table="t", column="c", row=1) == SECRET


def test_it_answers_for_a_key_that_never_was(tenant: Organisation, keyring: Keyring) -> None:
    assert keyring.for_case(tenant.id, new_id()).unseal(b"x", table="t", column="c", row=1) is ERASED
    assert keyring.for_tenant(new_id()).unseal(b"x", table="t", column="c", row=1) is ERASED
    with pytest.raises(KeyErased):
        keyring.new_case(new_id(), new_id())


def test_it_finds_the_keys_again_in_another_process_with_the_same_master_key_only(
    tenant: Organisation, keyring: Keyring, keystore: Engine
) -> None:
    case_id = new_id()
    sealed = keyring.new_case(tenant.id, case_id).seal(SECRET, table="t", column="c", row=1)
    other_process = Keyring(keystore, MASTER_KEY)
    assert other_process.for_case(tenant.id, case_id).unseal(sealed, table="t", column="c", row=1) == SECRET
    with pytest.raises(Tampered):
        Keyring(keystore, bytes(32)).for_case(tenant.id, case_id)


def test_it_keeps_the_first_key_of_a_tenant(tenant: Organisation, keyring: Keyring, keystore: Engine) -> None:
    sealed = keyring.for_tenant(tenant.id).seal(SECRET, table="t", column="c", row=1)
    again = Keyring(keystore, MASTER_KEY).new_tenant(tenant.id)
    assert again.unseal(sealed, table="t", column="c", row=1) == SECRET


def test_it_refuses_a_wrapped_key_that_was_swapped_in_the_key_store(
    tenant: Organisation, keyring: Keyring, keystore: Engine
) -> None:
    first, second = new_id(), new_id()
    keyring.new_case(tenant.id, first)
    keyring.new_case(tenant.id, second)
    with keystore.begin() as connection:
        connection.execute(
            text(
                "UPDATE keystore.case_key SET wrapped ="
                " (SELECT wrapped FROM keystore.case_key WHERE case_id = :second) WHERE case_id = :first"
            ),
            {"first": first, "second": second},
        )
    with pytest.raises(Tampered):
        Keyring(keystore, MASTER_KEY).for_case(tenant.id, first)


def test_it_keeps_no_key_in_the_clear(tenant: Organisation, keyring: Keyring, keystore: Engine) -> None:
    case_id = new_id()
    keyring.new_case(tenant.id, case_id)
    plain = [held.key for held in keyring.cache.values()]
    with keystore.connect() as connection:
        stored = connection.execute(
            text("SELECT t.wrapped || c.wrapped FROM keystore.tenant_key t JOIN keystore.case_key c USING (tenant_id)")
        ).scalars()
        assert not any(key in bytes(row) for row in stored for key in plain)


def test_it_asks_the_key_store_once_for_a_list_and_then_not_for_a_while(
    tenant: Organisation, keyring: Keyring, keystore: Engine, statements: list[str]
) -> None:
    cases = [new_id() for _ in range(25)]
    for case_id in cases:
        keyring.new_case(tenant.id, case_id)
    assert len(statements) == 25, "one for each case; the tenant's key is at hand"
    statements.clear()
    cold = Keyring(keystore, MASTER_KEY)
    assert set(cold.for_cases(tenant.id, cases)) == set(cases)
    for case_id in cases:
        cold.for_case(tenant.id, case_id)
    cold.for_tenant(tenant.id)
    assert len(statements) == 1


def test_it_forgets_a_key_after_a_minute(
    tenant: Organisation, keyring: Keyring, keystore: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = new_id()
    keyring.new_case(tenant.id, case_id)
    Keyring(keystore, MASTER_KEY).destroy_case(tenant.id, case_id)  # by another process
    assert keyring.for_case(tenant.id, case_id).cipher is not None
    later = time.monotonic() + 61
    monkeypatch.setattr(keys.time, "monotonic", lambda: later)
    assert keyring.for_case(tenant.id, case_id).cipher is None


def test_it_holds_no_more_keys_than_its_limit(
    tenant: Organisation, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "CACHE_SIZE", 3)
    for _ in range(5):
        keyring.new_case(tenant.id, new_id())
    assert len(keyring.cache) == 3


def test_it_finds_an_address_however_it_is_typed_within_one_tenant(
    tenant: Organisation, other_tenant: Organisation, keyring: Keyring
) -> None:
    known = keyring.address_hash(tenant.id, "Anna@Example.nl")
    assert len(known) == 32
    assert keyring.address_hash(tenant.id, " anna@example.NL ") == known
    assert keyring.address_hash(tenant.id, "anna@example.org") != known
    assert keyring.address_hash(other_tenant.id, "Anna@Example.nl") != known


def test_it_sweeps_the_key_of_a_case_whose_transaction_never_ended(
    app_session: Session,
    open_test_session: Callable[[], Session],
    tenant: Organisation,
    other_tenant: Organisation,
    keyring: Keyring,
) -> None:
    kept, orphan, foreign = new_id(), new_id(), new_id()
    keyring.new_case(other_tenant.id, foreign)
    with tenant_scope(app_session, tenant.id):
        for case_id in (kept, orphan):
            keyring.new_case(tenant.id, case_id)
            append(
                app_session,
                keyring,
                AUDIT_KEY,
                tenant_id=tenant.id,
                case_id=case_id,
                expected_seq=0,
                drafts=[EventDraft("received", "system", None, {}, {"text": SECRET})],
                now=NOW,
            )
            if case_id == kept:
                app_session.commit()
        app_session.rollback()  # the process was killed here
        assert sweep_orphan_keys(keyring, app_session, timedelta(hours=1)) == 0, "it may still be under way"
        assert sweep_orphan_keys(keyring, app_session, timedelta(0)) == 1
    assert keyring.for_case(tenant.id, kept).cipher is not None
    assert keyring.for_case(tenant.id, orphan).cipher is None
    assert keyring.for_case(other_tenant.id, foreign).cipher is not None


def test_it_sweeps_more_keys_than_one_batch(
    app_session: Session, tenant: Organisation, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "SWEEP_BATCH", 2)
    for _ in range(5):
        keyring.new_case(tenant.id, new_id())
    with tenant_scope(app_session, tenant.id):
        assert sweep_orphan_keys(keyring, app_session, timedelta(0)) == 5


def test_it_sweeps_the_keys_of_sign_ups_that_came_to_nothing_and_no_other(
    app_session: Session, tenant: Organisation, keyring: Keyring, keystore: Engine
) -> None:
    failed, young, with_case = new_id(), new_id(), new_id()
    for each in (failed, young, with_case):
        keyring.new_tenant(each)
    keyring.new_case(with_case, new_id())
    with keystore.begin() as connection:
        aged = text("UPDATE keystore.tenant_key SET created_at = now() - interval '3 days' WHERE tenant_id = ANY(:ids)")
        connection.execute(aged, {"ids": [failed, with_case, tenant.id]})
    with without_tenant(app_session, "a test sweeps"):
        assert sweep_orphan_tenants(keyring, app_session, timedelta(days=2)) == 1
        assert sweep_orphan_tenants(keyring, app_session, timedelta(days=2)) == 0
    with keystore.connect() as connection:
        kept = set(connection.scalars(text("SELECT tenant_id FROM keystore.tenant_key")))
    assert failed not in kept
    assert {young, with_case, tenant.id} <= kept
