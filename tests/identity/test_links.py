"""One-time links: once, for one purpose, in one organisation, for a while."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import product
from mailbox import Maildir

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.cast import NOW, START, Cast, hire
from tests.conftest import MASTER_KEY, Database, Organisation, add_tenant
from weerklank.assembly import assemble
from weerklank.identity.letters import ask_reset, invite, link_letter
from weerklank.identity.links import LASTS, make_link, person_of_link, use_link
from weerklank.identity.login import set_password
from weerklank.identity.model import Purpose
from weerklank.identity.people import add_person, deactivate, find_person
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.errors import Refused
from weerklank.kernel.keys import Keyring
from weerklank.kernel.settings import Settings
from weerklank.tenancy.model import Tenant
from weerklank.workers.jobs import run_job

ALL = tuple(Purpose)


@pytest.fixture
def session(app_session: Session, tenant: Organisation) -> Iterator[Session]:
    with tenant_scope(app_session, tenant.id):
        yield app_session


@pytest.fixture
def cast(session: Session, keyring: Keyring, tenant: Organisation) -> Cast:
    return hire(session, keyring, tenant.id)


def organisation(session: Session, tenant: Organisation) -> Tenant:
    found = session.get(Tenant, tenant.id)
    assert found is not None
    return found


def test_it_works_once(session: Session, keyring: Keyring, cast: Cast) -> None:
    _, token = make_link(session, keyring, find_person(session, cast.els), Purpose.INVITE, NOW)
    assert use_link(session, token, (Purpose.INVITE,), NOW).id == cast.els
    with pytest.raises(Refused, match="link_spent"):
        use_link(session, token, (Purpose.INVITE,), NOW)


def test_it_lets_one_of_twenty_through_who_use_it_at_once(fresh_database: Database, keyring: Keyring) -> None:
    with open_session(fresh_database.engine) as session:
        tenant = add_tenant(session, keyring, "anna")
        with tenant_scope(session, tenant.id):
            person = add_person(session, keyring, tenant.id, name="Els", email="els@example.nl", today=START)
            _, token = make_link(session, keyring, person, Purpose.INVITE, NOW)
            session.commit()

    def use(_: int) -> bool:
        with open_session(fresh_database.engine) as session, tenant_scope(session, tenant.id):
            try:
                use_link(session, token, (Purpose.INVITE,), NOW)
            except Refused:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(use, range(20))) == 1


@pytest.mark.parametrize(("made", "wanted"), list(product(Purpose, Purpose)))
def test_it_is_good_for_its_own_purpose_only(
    session: Session, keyring: Keyring, cast: Cast, made: Purpose, wanted: Purpose
) -> None:
    _, token = make_link(session, keyring, find_person(session, cast.els), made, NOW)
    assert (person_of_link(session, token, (wanted,), NOW) is not None) is (made is wanted)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_it_runs_out(session: Session, keyring: Keyring, cast: Cast, purpose: Purpose) -> None:
    _, token = make_link(session, keyring, find_person(session, cast.els), purpose, NOW)
    last = NOW + LASTS[purpose]
    assert person_of_link(session, token, ALL, last - timedelta(seconds=1))
    assert person_of_link(session, token, ALL, last) is None
    with pytest.raises(Refused, match="link_spent"):
        use_link(session, token, ALL, last)


def test_it_is_replaced_by_a_newer_one(session: Session, keyring: Keyring, cast: Cast) -> None:
    els = find_person(session, cast.els)
    _, first = make_link(session, keyring, els, Purpose.INVITE, NOW)
    _, second = make_link(session, keyring, els, Purpose.INVITE, NOW)
    assert person_of_link(session, first, ALL, NOW) is None
    assert person_of_link(session, second, ALL, NOW)


def test_it_ends_with_the_person(session: Session, keyring: Keyring, cast: Cast) -> None:
    els = find_person(session, cast.els)
    _, token = make_link(session, keyring, els, Purpose.INVITE, NOW)
    deactivate(session, els, NOW.date(), NOW)
    assert person_of_link(session, token, ALL, NOW) is None


def test_it_opens_nothing_at_another_organisation(
    open_test_session: Callable[[], Session], keyring: Keyring, tenant: Organisation, other_tenant: Organisation
) -> None:
    ours, theirs = open_test_session(), open_test_session()
    with tenant_scope(ours, tenant.id):
        els = find_person(ours, hire(ours, keyring, tenant.id).els)
        _, token = make_link(ours, keyring, els, Purpose.INVITE, NOW)
        ours.commit()
    with tenant_scope(theirs, other_tenant.id), pytest.raises(Refused, match="link_spent"):
        use_link(theirs, token, ALL, NOW)


def test_it_keeps_no_token_readable_and_none_at_all_once_used(session: Session, keyring: Keyring, cast: Cast) -> None:
    _, token = make_link(session, keyring, find_person(session, cast.els), Purpose.INVITE, NOW)
    kept = str(session.execute(text("SELECT row_to_json(l)::text FROM one_time_link l")).all())
    assert token not in kept
    assert token.encode().hex() not in kept
    use_link(session, token, ALL, NOW)
    assert session.execute(text("SELECT token FROM one_time_link")).scalars().all() == [None]


def test_it_is_mailed_in_the_persons_language_with_an_address_below_the_organisations(
    session: Session, keyring: Keyring, cast: Cast, tenant: Organisation
) -> None:
    invite(session, keyring, find_person(session, cast.els), NOW)
    job = session.execute(text("SELECT kind, args FROM outbox")).one()
    assert job.kind == "link"
    letter = link_letter(
        session, keyring, organisation(session, tenant), job.args["link"], "http://x.example/anna", NOW
    )
    assert letter is not None
    assert (letter.to, letter.language) == ("els@example.nl", "nl")
    assert "Els Evers" in letter.paragraphs[0]
    token = letter.paragraphs[-2].removeprefix("http://x.example/anna/link/")
    assert person_of_link(session, token, (Purpose.INVITE,), NOW)


def test_it_is_not_mailed_any_more_once_it_was_used(
    session: Session, keyring: Keyring, cast: Cast, tenant: Organisation
) -> None:
    link, token = make_link(session, keyring, find_person(session, cast.els), Purpose.INVITE, NOW)
    use_link(session, token, ALL, NOW)
    assert link_letter(session, keyring, organisation(session, tenant), link.id, "http://x.example", NOW) is None


def test_it_is_sent_for_a_forgotten_password_only_to_who_has_one(
    session: Session, keyring: Keyring, cast: Cast, tenant: Organisation
) -> None:
    set_password(session, find_person(session, cast.els), "vier losse eenden roeien", NOW)
    for email in ("niemand@example.nl", "bram@example.nl", "geen adres", "els@example.nl"):
        ask_reset(session, keyring, organisation(session, tenant), email, NOW)
    sent = session.execute(
        text("SELECT person_id FROM one_time_link JOIN outbox ON args->>'link' = one_time_link.id::text")
    )
    assert sent.scalars().all() == [cast.els]


def test_who_was_invited_and_forgot_is_invited_again(session: Session, keyring: Keyring, tenant: Organisation) -> None:
    person = add_person(session, keyring, tenant.id, name="Iris", email="iris@example.nl", today=START)
    invite(session, keyring, person, NOW)
    made = text("SELECT id, purpose FROM one_time_link WHERE person_id = :person")
    (first,) = session.execute(made, {"person": person.id}).all()
    ask_reset(session, keyring, organisation(session, tenant), "iris@example.nl", NOW)
    (second,) = session.execute(made, {"person": person.id}).all()
    assert second.id != first.id
    assert second.purpose == "invite"
    mailed = text("SELECT count(*) FROM outbox WHERE args->>'link' = :link")
    assert session.scalar(mailed, {"link": str(second.id)}) == 1


def test_it_is_refused_to_who_has_no_address(session: Session, keyring: Keyring, tenant: Organisation) -> None:
    person = add_person(session, keyring, tenant.id, name="Iris", email=None, today=START)
    with pytest.raises(Refused, match="email_needed"):
        invite(session, keyring, person, NOW)


def test_it_is_mailed_once_by_the_worker_and_works(
    fresh_database: Database, keyring: Keyring, settings: Settings
) -> None:
    platform = assemble(replace(settings, database_url=fresh_database.app_url, master_key=MASTER_KEY))
    with open_session(fresh_database.engine) as session:
        tenant = add_tenant(session, keyring, "anna")
    with platform.tenant(tenant.id) as session:
        person = add_person(session, keyring, tenant.id, name="Els", email="els@example.nl", today=START)
        invite(session, keyring, person, NOW)
        session.commit()
        job_id = session.execute(text("SELECT id FROM outbox")).scalar_one()
    assert run_job(platform, tenant.id, job_id, NOW)
    assert not run_job(platform, tenant.id, job_id, NOW)
    (mail,) = Maildir(settings.var / "mail")
    assert mail["To"] == "els@example.nl"
    address = re.search(
        r"http://localhost:8000/anna/link/(\S+)", mail.as_string().replace("=\n", "").replace("=3D", "=")
    )
    assert address is not None
    with platform.tenant(tenant.id) as session:
        assert use_link(session, address[1], (Purpose.INVITE,), NOW)
    platform.database.dispose()
    platform.keyring.keystore.dispose()
