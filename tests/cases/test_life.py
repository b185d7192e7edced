"""A whole complaint on a real database, from receipt to closing, as the role that owns nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.cases.conftest import FRIDAY, Office, by
from weerklank.cases import doors
from weerklank.cases.act import Refused, open_case
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.measures import CarryOutMeasure, PlanMeasure, VerifyMeasure
from weerklank.cases.actions.record import Note
from weerklank.cases.model import CaseFile, Deadline, Measure, Message
from weerklank.cases.view import CaseView, case_view
from weerklank.kernel.errors import NotFound
from weerklank.kernel.outbox import Outbox


def test_it_goes_from_receipt_to_closing(office: Office) -> None:
    received = office.receive()
    case_id, measure = received.case_id, uuid4()
    assert received.reference == "ANN-2026-0001"

    office.do(case_id, Complete("acknowledge"), office.eva)
    office.assign(case_id)
    office.do(
        case_id,
        [
            PlanMeasure(measure, office.dina, date(2026, 4, 1), "Een cursus luisteren."),
            Complete("decision", facts={"judgement": "upheld"}, text="U heeft gelijk."),
        ],
        office.dina,
    )
    assert _file(office).phase == "measures"
    with pytest.raises(Refused):
        office.do(case_id, VerifyMeasure(measure), office.eva)
    office.do(case_id, CarryOutMeasure(measure, "Het certificaat."), office.dina)
    office.do(case_id, VerifyMeasure(measure), office.eva)
    office.do(case_id, Complete("close"), office.eva)

    file = _file(office)
    assert (file.phase, file.closed_at) == ("closed", FRIDAY)
    assert office.session.scalars(select(Measure.verified)).all() == [True]
    assert set(office.session.scalars(select(Deadline.state))) == {"met"}


def _file(office: Office) -> CaseFile:
    return office.session.scalars(select(CaseFile).execution_options(populate_existing=True)).one()


def test_it_keeps_the_terms_of_the_procedure_as_rows(office: Office) -> None:
    office.receive()
    rows = {row.term: row for row in office.session.scalars(select(Deadline))}
    assert rows["acknowledge"].due_on == date(2026, 3, 10)
    assert rows["decide"].due_on == date(2026, 4, 17)
    assert rows["acknowledge"].owners == [office.eva]
    assert _file(office).next_due_on == date(2026, 3, 10)


def test_it_takes_a_letter_in_on_the_day_it_arrived(office: Office) -> None:
    office.receive(channel="letter", received_on=date(2026, 3, 4), actor=by(office.eva), way="post")
    file = _file(office)
    assert file.received_on == date(2026, 3, 4)
    assert file.next_due_on == date(2026, 3, 6)


def test_it_refuses_a_letter_from_tomorrow(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        office.receive(channel="letter", received_on=date(2026, 3, 7), actor=by(office.eva))
    assert refused.value.code == "received_in_future"
    assert office.session.scalar(select(func.count()).select_from(CaseFile)) == 0


def test_it_refuses_with_the_rule_and_its_source(office: Office) -> None:
    received = office.receive()
    office.assign(received.case_id)
    with pytest.raises(Refused) as refused:
        office.do(received.case_id, Complete("acknowledge"), office.dina)
    refusal = refused.value.refusal
    assert (refusal.code, refusal.rule, refusal.source) == ("not_your_step", "steps.acknowledge", ("art-4",))
    assert "kwaliteitsmedewerker" in refusal.text("nl")


def test_it_gives_the_same_case_and_code_for_a_form_sent_twice(office: Office) -> None:
    form = uuid4()
    first, second = office.receive(dedupe=form), office.receive(dedupe=form)
    assert first == second
    assert office.session.scalar(select(func.count()).select_from(CaseFile)) == 1


def test_it_opens_by_its_code_however_it_is_typed(office: Office) -> None:
    received = office.receive()

    def opens(code: str) -> Any:
        return doors.open_by_code(office.session, office.engine, office.tenant.id, code)

    assert opens(received.code) == received.case_id
    assert opens(f" {received.code.lower().replace('-', ' ')} ") == received.case_id
    assert opens(received.code[:-1] + ("2" if received.code[-1] != "2" else "3")) is None
    assert opens("niet eens een code") is None


def test_it_counts_references_per_year(office: Office) -> None:
    references = [office.receive(now=FRIDAY).reference for _ in range(2)]
    references.append(office.receive(now=FRIDAY + timedelta(days=365)).reference)
    assert references == ["ANN-2026-0001", "ANN-2026-0002", "ANN-2027-0001"]


def test_it_takes_no_complaint_for_an_organisation_that_is_suspended(office: Office) -> None:
    office.tenant.state = "suspended"
    with pytest.raises(Refused, match="suspended"):
        office.receive()
    assert office.receive(channel="letter", actor=by(office.eva)).reference


def test_it_puts_every_message_down_with_its_job(office: Office) -> None:
    received = office.receive()
    office.do(received.case_id, Complete("acknowledge"), office.eva)
    messages = office.session.scalars(select(Message)).all()
    to_anna = [row for row in messages if row.role == "complainant"]
    assert [(row.name, row.kind, row.state, row.language) for row in to_anna] == [
        ("acknowledgement", "policy", "queued", "nl")
    ]
    jobs = {job.args["message"]: job for job in office.session.scalars(select(Outbox))}
    assert jobs.keys() == {str(row.id) for row in messages}
    assert all(set(job.args) == {"message"} for job in jobs.values())


def test_it_keeps_no_word_of_anybody_readable_in_the_rows(office: Office) -> None:
    contact = {"name": "Xenia Zonderling", "email": "xenia@voorbeeld.example"}
    received = office.receive(contact=contact, story="Wrevelkop")
    office.do(received.case_id, Note("Roddelaarster"), office.eva)
    connection = office.session.connection()
    tables = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").scalars().all()
    readable = set(tables) - {"tick", "operator", "operator_session", "operator_link", "tenant_change"}
    for table in sorted(readable):
        rows = connection.exec_driver_sql(f"SELECT string_agg(t::text, ' ') FROM {table} t").scalar() or ""
        for word in ("Xenia", "xenia", "Wrevelkop", "Roddelaarster"):
            assert word not in rows, table
            assert word.encode().hex() not in rows, table


def test_it_does_not_exist_for_another_organisation(office: Office) -> None:
    received = office.receive()
    with pytest.raises(NotFound):
        doors.perform(office.session, office.engine, uuid4(), received.case_id, Note("x"), by(office.eva), FRIDAY)
    with pytest.raises(NotFound):
        office.do(uuid4(), Note("x"), office.eva)


def test_it_asks_a_handful_of_queries(office: Office, count_queries: Callable[[], Any]) -> None:
    office.receive()
    with count_queries() as intake:
        received = office.receive()
    assert len(intake) <= 12, intake
    with count_queries() as page:
        view = case_view(office.session, office.engine, office.tenant.id, received.case_id, office.eva, "nl", FRIDAY)
    assert isinstance(view, CaseView)
    assert len(page) <= 4, page


def test_it_reads_back_as_it_was_acted(office: Office) -> None:
    received = office.receive()
    acted = office.do(received.case_id, Complete("acknowledge"), office.eva)
    assert open_case(office.session, office.tenant.id, received.case_id, FRIDAY).case == acted.case


def test_it_is_withdrawn_by_the_complainant(office: Office) -> None:
    received = office.receive()
    doors.withdraw(office.session, office.engine, office.tenant.id, received.case_id, FRIDAY, reason="Het is goed zo.")
    assert _file(office).phase == "closed"
    with pytest.raises(Refused, match="nothing_to_withdraw"):
        doors.withdraw(office.session, office.engine, office.tenant.id, received.case_id, FRIDAY)


def test_it_counts_a_later_instant_of_the_same_evening_as_the_next_day(office: Office) -> None:
    office.receive(now=datetime(2026, 3, 6, 23, 30, tzinfo=UTC))
    assert _file(office).received_on == date(2026, 3, 7)


