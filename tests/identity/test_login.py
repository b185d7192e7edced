"""Logging in, sessions, and how they end."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.cast import NOW, PASSWORD, TODAY, Cast, hire, let_in
from tests.conftest import Organisation
from weerklank.identity.links import make_link
from weerklank.identity.login import (
    ABSOLUTE,
    FAILURES_FORGOTTEN,
    IDLE,
    MOST_FAILURES,
    Denied,
    LoggedIn,
    accept_link,
    change_password,
    log_in,
    log_out,
    revoke_all,
    running_sessions,
    session_of,
    set_password,
)
from weerklank.identity.model import Person, Purpose
from weerklank.identity.passwords import HASHER
from weerklank.identity.people import add_person, deactivate, find_person
from weerklank.kernel.database import tenant_scope
from weerklank.kernel.errors import Refused
from weerklank.kernel.keys import Keyring
from weerklank.tenancy.model import State, Tenant

MINUTE = timedelta(minutes=1)


@pytest.fixture
def session(app_session: Session, tenant: Organisation) -> Iterator[Session]:
    with tenant_scope(app_session, tenant.id):
        yield app_session


@pytest.fixture
def cast(session: Session, keyring: Keyring, tenant: Organisation) -> Cast:
    return hire(session, keyring, tenant.id)


@pytest.fixture
def organisation(session: Session, tenant: Organisation) -> Tenant:
    return session.scalars(select(Tenant).where(Tenant.id == tenant.id)).one()


@pytest.fixture
def els(session: Session, cast: Cast) -> Person:
    """Els, who has a password."""
    els = find_person(session, cast.els)
    set_password(session, els, PASSWORD, NOW)
    return els


def test_it_lets_in_who_knows_the_password(
    session: Session, keyring: Keyring, organisation: Tenant, els: Person
) -> None:
    done = log_in(session, keyring, organisation, " ELS@example.nl", PASSWORD, None, NOW)
    assert isinstance(done, LoggedIn)
    found = session_of(session, done.token, NOW)
    assert found is not None
    assert found[1].id == els.id


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("els@example.nl", "vier losse eenden roeie"),
        ("niemand@example.nl", PASSWORD),
        ("bram@example.nl", PASSWORD),
        ("", ""),
        ("els@example.nl", ""),
        ("geen adres", PASSWORD),
        ("els@example.nl\0", PASSWORD),
        ("els@example.nl", "x" * 9999),
    ],
)
def test_it_says_the_same_to_everybody_else(
    session: Session, keyring: Keyring, organisation: Tenant, els: Person, email: str, password: str
) -> None:
    assert log_in(session, keyring, organisation, email, password, None, NOW) is Denied.WRONG


def test_it_works_as_hard_for_an_unknown_address_as_for_a_wrong_password(
    session: Session, keyring: Keyring, organisation: Tenant, els: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    verify = type(HASHER).verify

    def watched(self: PasswordHasher, kept: str, word: str) -> bool:
        hashed.append(kept)
        return verify(self, kept, word)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    for email in ("els@example.nl", "niemand@example.nl", "bram@example.nl"):
        log_in(session, keyring, organisation, email, "fout fout fout", None, NOW)
    assert len(hashed) == 3
    assert {kept.rsplit("$", 2)[0] for kept in hashed} == {"$argon2id$v=19$m=19456,t=2,p=1"}


def test_it_shuts_an_address_after_ten_failures_known_or_not_even_for_the_right_password(
    session: Session, keyring: Keyring, organisation: Tenant, els: Person
) -> None:
    for email in ("els@example.nl", "niemand@example.nl"):
        for _ in range(MOST_FAILURES):
            assert log_in(session, keyring, organisation, email, "fout", None, NOW) is Denied.WRONG
        assert log_in(session, keyring, organisation, email, PASSWORD, None, NOW) is Denied.TOO_OFTEN
    later = NOW + FAILURES_FORGOTTEN
    assert isinstance(log_in(session, keyring, organisation, "els@example.nl", PASSWORD, None, later), LoggedIn)


def test_it_forgets_failures_once_somebody_got_in(
    session: Session, keyring: Keyring, organisation: Tenant, els: Person
) -> None:
    for _ in range(3):
        for _ in range(MOST_FAILURES - 1):
            log_in(session, keyring, organisation, "els@example.nl", "fout", None, NOW)
        assert isinstance(log_in(session, keyring, organisation, "els@example.nl", PASSWORD, None, NOW), LoggedIn)


@pytest.mark.parametrize(
    ("state", "in_"), [("pending", False), ("trial", True), ("active", True), ("suspended", True), ("ended", False)]
)
def test_it_lets_staff_in_while_suspended_and_not_before_or_after_the_organisation_takes_part(
    session: Session, keyring: Keyring, organisation: Tenant, els: Person, state: str, in_: bool
) -> None:
    organisation.state = State(state)
    done = log_in(session, keyring, organisation, "els@example.nl", PASSWORD, None, NOW)
    assert isinstance(done, LoggedIn) if in_ else done is Denied.CLOSED


def test_it_ends_a_session_that_nobody_used_for_eight_hours(session: Session, cast: Cast) -> None:
    token = let_in(session, cast.els).token
    assert session_of(session, token, NOW + IDLE - MINUTE)
    assert session_of(session, token, NOW + 2 * IDLE - 2 * MINUTE)
    assert session_of(session, token, NOW + 3 * IDLE - 2 * MINUTE) is None


def test_it_ends_every_session_after_a_day(session: Session, cast: Cast) -> None:
    token = let_in(session, cast.els).token
    for hours in range(1, 24):
        assert session_of(session, token, NOW + timedelta(hours=hours))
    assert session_of(session, token, NOW + ABSOLUTE) is None


def test_it_writes_down_that_somebody_was_seen_no_more_than_every_five_minutes(session: Session, cast: Cast) -> None:
    token = let_in(session, cast.els).token
    session_of(session, token, NOW + 4 * MINUTE)
    assert not session.dirty
    session_of(session, token, NOW + 5 * MINUTE)
    assert session.dirty


def test_it_ends_a_session_at_once_when_somebody_logs_out_or_is_thrown_out(session: Session, cast: Cast) -> None:
    first, second = let_in(session, cast.els), let_in(session, cast.bram)
    log_out(session, first.session, NOW)
    assert session_of(session, first.token, NOW) is None
    assert session_of(session, second.token, NOW)
    revoke_all(session, cast.bram, NOW)
    assert session_of(session, second.token, NOW) is None


def test_it_gives_every_log_in_a_token_of_its_own_and_keeps_only_its_hash(
    session: Session, keyring: Keyring, organisation: Tenant, els: Person
) -> None:
    tokens = set()
    for _ in range(3):
        done = log_in(session, keyring, organisation, "els@example.nl", PASSWORD, None, NOW)
        assert isinstance(done, LoggedIn)
        tokens.add(done.token)
    assert len(tokens) == 3
    assert all(len(token) >= 43 for token in tokens)
    kept = str(session.execute(text("SELECT row_to_json(s)::text FROM staff_session s")).all())
    assert not any(token in kept or token.encode().hex() in kept for token in tokens)


@pytest.mark.parametrize("token", ["", "x", "\udcff", "é" * 100, "\0"])
def test_it_knows_no_token_that_it_did_not_give(session: Session, cast: Cast, token: str) -> None:
    assert session_of(session, token, NOW) is None


def test_it_takes_a_token_for_no_other_organisation(
    open_test_session: Callable[[], Session], keyring: Keyring, tenant: Organisation, other_tenant: Organisation
) -> None:
    ours, theirs = open_test_session(), open_test_session()
    with tenant_scope(ours, tenant.id):
        token = let_in(ours, hire(ours, keyring, tenant.id).els).token
        ours.commit()
    with tenant_scope(theirs, other_tenant.id):
        assert session_of(theirs, token, NOW) is None


def test_it_lists_the_sessions_that_run_and_ends_all_but_one_with_a_new_password(
    session: Session, keyring: Keyring, organisation: Tenant, els: Person
) -> None:
    kept, other = (log_in(session, keyring, organisation, "els@example.nl", PASSWORD, None, NOW) for _ in range(2))
    assert isinstance(kept, LoggedIn)
    assert isinstance(other, LoggedIn)
    assert {one.id for one in running_sessions(session, els.id, NOW)} == {kept.session.id, other.session.id}
    change_password(session, organisation, kept.session, PASSWORD, "een kast vol knopen", NOW)
    assert session_of(session, kept.token, NOW)
    assert session_of(session, other.token, NOW) is None
    assert log_in(session, keyring, organisation, "els@example.nl", PASSWORD, None, NOW) is Denied.WRONG


def test_it_changes_a_password_only_for_who_knows_the_old_one(
    session: Session, organisation: Tenant, cast: Cast
) -> None:
    current = let_in(session, cast.els).session
    with pytest.raises(Refused, match="password_wrong"):
        change_password(session, organisation, current, "een kast vol knopjes", "een kast vol knopen", NOW)


def test_it_sets_a_password_by_invitation_and_ends_what_was_open(
    session: Session, keyring: Keyring, organisation: Tenant, els: Person
) -> None:
    before = log_in(session, keyring, organisation, "els@example.nl", PASSWORD, None, NOW)
    assert isinstance(before, LoggedIn)
    _, token = make_link(session, keyring, els, Purpose.RESET, NOW)
    accept_link(session, keyring, organisation, token, "een kast vol knopen", NOW)
    assert session_of(session, before.token, NOW) is None
    done = log_in(session, keyring, organisation, "els@example.nl", "een kast vol knopen", None, NOW)
    assert isinstance(done, LoggedIn)


def test_it_asks_a_first_admin_for_name_and_address(
    session: Session, keyring: Keyring, organisation: Tenant, tenant: Organisation
) -> None:
    admin = add_person(session, keyring, tenant.id, name="Beheerder", email=None, today=TODAY)
    _, token = make_link(session, keyring, admin, Purpose.ADMIN, NOW)
    with pytest.raises(Refused, match="email_needed"), session.begin_nested():
        accept_link(session, keyring, organisation, token, "een kast vol knopen", NOW)
    accept_link(session, keyring, organisation, token, "een kast vol knopen", NOW, name="Ids", email="ids@example.nl")
    done = log_in(session, keyring, organisation, "ids@example.nl", "een kast vol knopen", None, NOW)
    assert isinstance(done, LoggedIn)


def test_it_lets_nobody_in_who_has_left(session: Session, keyring: Keyring, organisation: Tenant, els: Person) -> None:
    deactivate(session, els, TODAY, NOW)
    assert log_in(session, keyring, organisation, "els@example.nl", PASSWORD, None, NOW) is Denied.WRONG


def test_it_hashes_a_password_anew_when_it_was_hashed_more_cheaply(
    session: Session, keyring: Keyring, organisation: Tenant, els: Person
) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    session.execute(text("UPDATE credential SET password_hash = :h"), {"h": cheap})
    session.expire_all()
    assert isinstance(log_in(session, keyring, organisation, "els@example.nl", PASSWORD, None, NOW), LoggedIn)
    session.flush()
    kept: str = session.execute(text("SELECT password_hash FROM credential")).scalar_one()
    assert not HASHER.check_needs_rehash(kept)
