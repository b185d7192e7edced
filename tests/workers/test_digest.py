"""Mail by choice: each time, in one mail a day or a week, or none; what the procedure demands always comes at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.cases.conftest import Office
from tests.workers.conftest import Mailbox
from tests.workers.test_delivery import run_all
from weerklank.assembly import Platform
from weerklank.cases.actions.involve import Involve
from weerklank.cases.clocks import remind_or_miss
from weerklank.correspondence.digest import DIGEST, is_due
from weerklank.correspondence.wishes import NOTICES, About, HeldNotice, How, wish, wishes_of
from weerklank.deadlines import Calendar, ClosedPeriod
from weerklank.identity import people
from weerklank.kernel.outbox import Outbox
from weerklank.workers.clock import tell_in_one

FRIDAY = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)  # eight o'clock there
EVA = "eva@organisatie.example"


def choose(office: Office, how: How, *who: str) -> None:
    for name in who or ("eva",):
        wish(office.session, office.tenant_id, getattr(office, name), dict.fromkeys(About, how))
    office.session.commit()


def receive(office: Office) -> str:
    received = office.receive()
    office.session.commit()
    return received.reference


def subjects(mailbox: Mailbox, to: str = EVA) -> list[str]:
    return [str(mail["Subject"]) for mail in mailbox.got if to in str(mail["To"])]


def body(mailbox: Mailbox, to: str = EVA) -> str:
    (mail,) = [each for each in mailbox.got if to in str(each["To"])]
    plain = mail.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content())


def held(office: Office) -> int:
    office.session.commit()
    return office.session.scalar(select(func.count()).select_from(HeldNotice)) or 0


def digest(platform: Platform, office: Office, now: datetime) -> None:
    """What the clock asks for at this moment, and all that it makes."""
    tell_in_one(platform, office.tenant_id, now)
    run_all(platform, now)


def test_it_mails_each_time_until_somebody_chooses(platform: Platform, office: Office, mailbox: Mailbox) -> None:
    reference = receive(office)
    run_all(platform, FRIDAY)
    assert any(reference in subject for subject in subjects(mailbox))
    assert wishes_of(office.session, office.tenant_id, office.eva) == dict.fromkeys(About, How.EACH)


def test_it_tells_all_of_a_day_in_one_mail_without_content(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    choose(office, How.DAILY)
    references = [receive(office), receive(office)]
    run_all(platform, FRIDAY)
    assert subjects(mailbox) == []
    assert held(office) == 2
    digest(platform, office, MONDAY)
    said = body(mailbox)
    assert all(reference in said for reference in references)
    assert "/desk/tasks" in said
    assert not [word for word in ("Anna", "Wit", "gesprek") if word in said]
    assert held(office) == 0
    digest(platform, office, MONDAY + timedelta(hours=1))
    assert len(subjects(mailbox)) == 1


def test_it_goes_on_working_days_from_seven_and_weekly_on_the_first_of_them() -> None:
    closed = Calendar(closed=(ClosedPeriod(MONDAY.date(), MONDAY.date(), "verhuizing"),))
    monday, tuesday, saturday = MONDAY.date(), MONDAY.date() + timedelta(1), MONDAY.date() + timedelta(5)
    plain = Calendar()
    assert [is_due(How.DAILY, plain, day) for day in (monday, tuesday, saturday)] == [True, True, False]
    assert [is_due(How.WEEKLY, plain, day) for day in (monday, tuesday, saturday)] == [True, False, False]
    assert [is_due(How.WEEKLY, closed, day) for day in (monday, tuesday, saturday)] == [False, True, False]


def test_it_asks_for_nothing_before_seven_or_where_nothing_is_held(platform: Platform, office: Office) -> None:
    choose(office, How.DAILY)
    tell_in_one(platform, office.tenant_id, MONDAY)
    receive(office)
    run_all(platform, FRIDAY)
    tell_in_one(platform, office.tenant_id, MONDAY - timedelta(hours=2))
    office.session.commit()
    assert office.session.scalars(select(Outbox).where(Outbox.kind == DIGEST)).all() == []


def test_it_mails_nothing_to_who_wants_none_but_what_the_procedure_demands(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    choose(office, How.NONE)
    case_id = office.receive().case_id
    office.session.commit()
    run_all(platform, FRIDAY)
    assert (subjects(mailbox), held(office)) == ([], 0)
    late = FRIDAY + timedelta(days=6)
    remind_or_miss(office.session, office.engine, office.tenant_id, case_id, "acknowledge", late)
    office.session.commit()
    run_all(platform, late)
    assert subjects(mailbox) != []
    assert not {"reminded", "term_missed", "unassignable", "nobodys_task", "message_failed"} & set(NOTICES)


def test_it_keeps_a_case_out_of_the_mail_of_who_turned_out_to_be_involved(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    choose(office, How.DAILY)
    kept, other = office.receive(facts={}), office.receive()
    office.session.commit()
    run_all(platform, FRIDAY)
    assert held(office) == 2
    office.do(kept.case_id, Involve(office.eva, reason="Mijn zus klaagt."), office.eva)
    office.session.commit()
    digest(platform, office, MONDAY)
    said = body(mailbox)
    assert other.reference in said
    assert kept.reference not in said


def test_it_goes_by_what_each_of_them_wishes(platform: Platform, office: Office, mailbox: Mailbox) -> None:
    """Also of who stands in: a notice goes to whoever may do it now, in the way he chose himself."""
    choose(office, How.WEEKLY, "eva", "dina", "fred", "gijs")
    received = office.receive()
    office.session.commit()
    run_all(platform, FRIDAY)
    office.assign(received.case_id)
    office.session.commit()
    run_all(platform, FRIDAY)
    dina = "dina@organisatie.example"
    assert subjects(mailbox, dina) == []
    digest(platform, office, MONDAY)
    assert received.reference in body(mailbox, dina)


def test_it_writes_to_nobody_who_has_left(platform: Platform, office: Office, mailbox: Mailbox) -> None:
    choose(office, How.DAILY)
    receive(office)
    run_all(platform, FRIDAY)
    people.deactivate(office.session, people.find_person(office.session, office.eva), FRIDAY.date(), FRIDAY)
    office.session.commit()
    digest(platform, office, MONDAY)
    assert subjects(mailbox) == []
    assert held(office) == 0


@pytest.mark.parametrize("how", [How.EACH, How.NONE])
def test_it_holds_nothing_any_more_for_who_changed_his_mind(
    platform: Platform, office: Office, mailbox: Mailbox, how: How
) -> None:
    choose(office, How.WEEKLY)
    receive(office)
    run_all(platform, FRIDAY)
    choose(office, how)
    digest(platform, office, MONDAY + timedelta(days=1))
    assert held(office) == 0
    assert len(subjects(mailbox)) == (how is How.EACH)
