"""What did not go by itself, as an administrator sees it: enough to see to it, and nothing of any case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.web.own import Own, make_own
from tests.web.pages import Page, Reader
from tests.web.test_speed import MOST_FOR_A_PAGE, statements
from weerklank.cases.messages import DELIVER
from weerklank.cases.model import NO_DAY, CaseFile, CaseWall, Deadline, Message
from weerklank.cases.refresh import ask_for_refresh
from weerklank.correspondence.delivery import mark_failed
from weerklank.doctor.findings import Finding, Sort, keep
from weerklank.kernel import outbox
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.ids import new_id
from weerklank.kernel.outbox import Outbox
from weerklank.web.office.trouble import JOBS
from weerklank.workers.jobs import HANDLERS

STORY = "My parcel was thrown over the fence."
NAME, EMAIL = "Anna Achterberg", "anna@example.nl"


@pytest.fixture
def own(app: Flask, web_database: Database) -> Own:
    return make_own(app, web_database)


@pytest.fixture
def dewi(own: Own) -> Reader:
    """Dewi, the admin, logged in."""
    return own.log_in("dewi")


@contextmanager
def rows(own: Own) -> Iterator[Session]:
    """The organisation's rows, committed afterwards."""
    with open_session(own.database.engine) as session, tenant_scope(session, own.id):
        yield session
        session.commit()


def complain(own: Own) -> UUID:
    """A complaint through the organisation's page; answers its case."""
    reader = own.reader()
    page = reader.send(reader.send(reader.get("/complain"), {"story": STORY}))
    page = reader.send(page, button=("do", "next"))
    reader.send(reader.send(page, {"name": NAME, "email": EMAIL, "way": "email"}))
    with rows(own) as session:
        return session.scalars(select(CaseFile.id).order_by(CaseFile.id.desc()).limit(1)).one()


def lose_message(own: Own, why: str = "smtp 550") -> UUID:
    """One of the case's messages could not be delivered."""
    with rows(own) as session:
        message_id = session.scalars(select(Message.id).where(Message.state == "queued").limit(1)).one()
        job_id = session.scalars(select(Outbox.id).where(Outbox.args == {"message": str(message_id)})).one()
        bury(own, session, job_id, why)
        mark_failed(session, own.id, message_id, datetime.now(UTC))
        return message_id


def bury(own: Own, session: Session, job_id: UUID, why: str) -> None:
    job = outbox.claim(session, own.id, job_id, timedelta(minutes=1))
    assert job is not None
    outbox.bury(session, job, why)


def lose_job(own: Own) -> UUID:
    """A job without a message was given up."""
    with rows(own) as session:
        ask_for_refresh(session)
        job_id = session.scalars(
            select(Outbox.id).where(Outbox.kind == "refresh_cases", Outbox.state == "pending")
        ).one()
        bury(own, session, job_id, "KeyError")
        return job_id


def set_aside(own: Own) -> None:
    """The clock gave up on a term."""
    with rows(own) as session:
        session.execute(update(Deadline).where(Deadline.term == "acknowledge").values(set_aside_at=datetime.now(UTC)))


def keep_out(own: Own, case_id: UUID, person: UUID) -> None:
    with rows(own) as session:
        session.add(CaseWall(case_id=case_id, person_id=person))


def token_of(page: Page) -> str:
    return next(page.root.all("input", name="csrf_token")).attributes["value"]


def test_it_says_so_when_everything_went_well(own: Own, dewi: Reader) -> None:
    complain(own)
    assert "Nothing: everything went well." in dewi.get("/office/trouble").text
    assert "Did not go well" not in dewi.get("/office/").text


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("smtp 550", "The recipient's mail server refuses it."),
        ("smtp 451", "kept asking to come back later"),
        ("smtp 535", "The mail server refuses it."),
        ("address", "This is no address that mail can go to."),
        ("ConnectionRefusedError", "could not be reached"),
        ("SMTPServerDisconnected", "could not be reached"),
        ("LeaseExpired", "never finished"),
        ("SSLCertVerificationError", "safe connection"),
        ("SMTPNotSupportedError", "encryption"),
        ("MemoryError", "memory"),
        ("KeyError", "Warn whoever runs it."),
    ],
)
def test_it_says_why_a_message_did_not_arrive_in_plain_words(own: Own, dewi: Reader, why: str, sentence: str) -> None:
    complain(own)
    lose_message(own, why)
    page = dewi.get("/office/trouble")
    assert sentence in page.text
    assert f" {why} " not in page.text.replace("the address ", "").replace("no address ", "")


def test_it_shows_reference_and_role_and_nothing_of_the_case(own: Own, dewi: Reader) -> None:
    complain(own)
    lose_message(own)
    set_aside(own)
    page = dewi.get("/office/trouble")
    assert f"VBD-{datetime.now(UTC).year}-0001 somebody who works here notice" in page.text
    for secret in (NAME, EMAIL, "parcel", "Bram", "@"):
        assert secret not in page.response.text, secret
    assert "/desk/cases" not in page.response.text


def test_it_names_the_role_of_a_message_of_the_procedure(own: Own, dewi: Reader) -> None:
    complain(own)
    message_id = lose_message(own)
    with rows(own) as session:
        session.execute(update(Message).where(Message.id == message_id).values(role="complainant", kind="policy"))
    page = dewi.get("/office/trouble")
    assert "complainant" in page.text
    assert "It went by letter" in page.text


def test_it_sends_a_message_again(own: Own, dewi: Reader) -> None:
    complain(own)
    message_id = lose_message(own)
    page = dewi.get("/office/trouble")
    page = dewi.send(page, action="/again")
    assert "It goes out again." in page.text
    assert "Nothing: everything went well." in page.text
    with rows(own) as session:
        assert session.get_one(Message, (own.id, message_id)).state == "queued"
        jobs = session.scalars(select(Outbox.state).where(Outbox.args == {"message": str(message_id)})).all()
        assert jobs == ["pending"]


def test_it_takes_a_message_off_the_list_that_was_brought_over_by_letter(own: Own, dewi: Reader) -> None:
    complain(own)
    message_id = lose_message(own)
    page = dewi.send(dewi.get("/office/trouble"), action="/letter")
    assert "Noted." in page.text
    assert "Nothing: everything went well." in page.text
    with rows(own) as session:
        assert session.get_one(Message, (own.id, message_id)).state == "printed"


@pytest.mark.parametrize("action", ["/again", "/letter"])
def test_it_tells_one_of_two_administrators_that_the_other_was_first(own: Own, dewi: Reader, action: str) -> None:
    complain(own)
    lose_message(own)
    page, other = dewi.get("/office/trouble"), dewi.get("/office/trouble")
    dewi.send(page, action="/again")
    assert "Somebody was first" in dewi.send(other, action=action).text


def test_it_has_a_word_for_every_kind_of_work() -> None:
    assert JOBS.keys() == HANDLERS.keys() - {DELIVER}, "a message that was given up shows as the message"


def test_it_begins_other_work_again_that_was_given_up(own: Own, dewi: Reader) -> None:
    job_id = lose_job(own)
    page, other = dewi.get("/office/trouble"), dewi.get("/office/trouble")
    assert "Letting open work follow a change of people" in page.text
    again = dewi.send(page, action="/again")
    assert "It begins again." in again.text
    with rows(own) as session:
        assert session.get_one(Outbox, (own.id, job_id)).state == "pending"
    assert "Somebody was first" in dewi.send(other, action="/again").text


def test_it_lets_the_clock_guard_a_term_again(own: Own, dewi: Reader) -> None:
    complain(own)
    set_aside(own)
    page = dewi.get("/office/trouble")
    assert "acknowledge (since" in page.text
    page = dewi.send(page, action="/again")
    assert "Nothing: everything went well." in page.text
    with rows(own) as session:
        assert session.scalar(text("SELECT count(*) FROM deadline WHERE set_aside_at IS NOT NULL")) == 0


def test_it_shows_steps_that_nobody_may_do_and_posts_that_nobody_holds(own: Own, dewi: Reader) -> None:
    case_id = complain(own)
    with rows(own) as session:
        session.execute(update(CaseFile).where(CaseFile.id == case_id).values(waiting=True))
    dewi.send(dewi.get(f"/office/people/{own.cast.bram}"), action="/leave")
    page = dewi.get("/office/trouble")
    assert "Nobody holds these posts" in page.text
    assert "quality officer" in page.text
    assert "Nobody may do the next step" in page.text


def test_it_counts_everything_on_the_overview(own: Own, dewi: Reader) -> None:
    complain(own)
    for _ in range(2):
        lose_message(own)
    lose_job(own)
    set_aside(own)
    dewi.send(dewi.get(f"/office/people/{own.cast.bram}"), action="/leave")
    page = dewi.get("/office/")
    assert "Did not go well: 4" in page.text
    assert "Nobody holds these posts" in page.text, "counted there, and once"


def test_it_tells_an_administrator_nothing_of_a_case_he_is_kept_out_of(own: Own, dewi: Reader) -> None:
    case_id = complain(own)
    message_id = lose_message(own)
    set_aside(own)
    page = dewi.get("/office/trouble")
    keep_out(own, case_id, own.cast.dewi)
    assert "Nothing: everything went well." in dewi.get("/office/trouble").text
    assert "Did not go well" not in dewi.get("/office/").text
    values = {"csrf_token": token_of(page)}
    for path in (f"messages/{message_id}/again", f"messages/{message_id}/letter", f"cases/{case_id}/again"):
        dewi.post(f"/office/trouble/{path}", values, status=404)


def test_it_is_not_found_with_another_organisations_ids(
    own: Own, dewi: Reader, app: Flask, web_database: Database
) -> None:
    other = make_own(app, web_database)
    case_id = complain(other)
    message_id, job_id = lose_message(other), lose_job(other)
    set_aside(other)
    assert "Nothing: everything went well." in dewi.get("/office/trouble").text
    values = {"csrf_token": token_of(dewi.get("/office/look"))}
    for path in (f"messages/{message_id}/again", f"messages/{message_id}/letter", f"jobs/{job_id}/again",
                 f"cases/{case_id}/again", f"jobs/{new_id()}/again", f"messages/{new_id()}/again"):  # fmt: skip
        dewi.post(f"/office/trouble/{path}", values, status=404)
    with rows(other) as session:
        assert session.get_one(Message, (other.id, message_id)).state == "failed"


def test_it_asks_the_database_little(app: Flask, own: Own, dewi: Reader) -> None:
    complain(own)
    lose_message(own)
    for path in ("/office/trouble", "/office/"):
        dewi.get(path)
        with statements(app) as sent:
            dewi.client.get(f"/{own.slug}{path}")
        assert len(sent) <= MOST_FOR_A_PAGE, "\n".join(sent)


def test_it_says_everything_in_dutch_too(own: Own) -> None:
    complain(own)
    lose_message(own)
    dewi = own.log_in("dewi", "nl")
    page = dewi.get("/office/trouble")
    assert page.heading == "Wat niet lukte"
    assert "De mailserver van de ontvanger weigert het." in page.text
    assert "Niet gelukt: 1" in dewi.get("/office/").text


def test_it_shows_an_open_case_in_which_no_term_runs(own: Own, dewi: Reader) -> None:
    case_id = complain(own)
    with rows(own) as session:
        session.execute(update(CaseFile).where(CaseFile.id == case_id).values(next_due_on=NO_DAY))
    page = dewi.get("/office/trouble").text
    assert "No term runs" in page
    with rows(own) as session:
        session.execute(update(Deadline).where(Deadline.case_id == case_id).values(state="suspended"))
    assert "No term runs" not in dewi.get("/office/trouble").text


def find(own: Own, sort: Sort, case_id: UUID | None) -> None:
    """The doctor was here."""
    with rows(own) as session:
        keep(session, own.id, [Finding(sort, str(case_id), case_id)], [sort], datetime.now(UTC))


def test_it_shows_what_the_doctor_found_and_of_which_case(dewi: Reader, own: Own) -> None:
    case_id = complain(own)
    find(own, Sort.MESSAGE_FORGOTTEN, case_id)
    page = dewi.get("/office/trouble")
    assert "a message that nothing will send" in page.text
    with rows(own) as session:
        assert str(session.scalar(select(CaseFile.reference))) in page.text
    assert STORY not in page.text


def test_it_keeps_a_finding_from_who_is_kept_out_of_its_case(dewi: Reader, own: Own) -> None:
    case_id = complain(own)
    find(own, Sort.DEADLINE, case_id)
    keep_out(own, case_id, own.cast.dewi)
    assert "a date that does not agree" not in dewi.get("/office/trouble").text
