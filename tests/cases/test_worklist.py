"""The worklist: by nearest day, a page at a time, each line once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.cases.conftest import FRIDAY, Office
from weerklank.cases import worklist
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.measures import CarryOutMeasure, PlanMeasure
from weerklank.cases.actions.record import Record
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.cases.clocks import remind_or_miss
from weerklank.cases.model import Message
from weerklank.cases.narrowing import Narrowed
from weerklank.cases.seen import mark_read
from weerklank.cases.worklist import Page, Place, Row, Sort, Task, View
from weerklank.policy.events import COMPLAINANT

TODAY = FRIDAY.date()


def page(office: Office, who: Any, view: View, after: str | None = None, today: date = TODAY) -> Page:
    reader = office.reader(who)
    return worklist.worklist(office.session, office.engine, office.tenant.id, reader, view, today, after)


def all_rows(office: Office, who: Any, view: View) -> list[Row]:
    rows, after = list[Row](), None
    while True:
        found = page(office, who, view, after)
        assert len(found.rows) <= 25
        rows += found.rows
        after = found.after
        if after is None:
            return rows


def test_it_lists_what_somebody_has_to_do_by_nearest_day(office: Office) -> None:
    later = office.receive(now=FRIDAY + timedelta(days=3))
    first = office.receive()
    rows = page(office, office.eva, View.MINE).rows
    assert [(row.case_id, row.tasks[0].what, row.due_on) for row in rows] == [
        (first.case_id, "acknowledge", date(2026, 3, 10)),
        (later.case_id, "acknowledge", date(2026, 3, 11)),
    ]
    assert rows[0].complainant == "Anna de Wit"
    assert rows[0].reference == first.reference


@pytest.mark.clause("MEP-T3", "GW-T3")
def test_it_shows_where_a_case_stands_and_since_when_nobody_did_anything(office: Office) -> None:
    """A reminder of the platform is no progress."""
    case = office.receive()
    office.do(case.case_id, Complete("assign"), office.eva, FRIDAY + timedelta(days=3))
    remind_or_miss(
        office.session, office.engine, office.tenant.id, case.case_id, "acknowledge", FRIDAY + timedelta(days=6)
    )
    row = page(office, office.eva, View.OVERDUE, today=TODAY + timedelta(days=6)).rows[0]
    assert (row.phase, row.handlers, row.due_on, row.overdue) == ("treatment", (office.dina,), date(2026, 3, 10), True)
    assert row.moved_at == FRIDAY + timedelta(days=3)


def test_it_goes_through_all_pages_once(office: Office) -> None:
    made = {office.receive(now=FRIDAY + timedelta(days=n % 4)).case_id for n in range(30)}
    for view in (View.ALL, View.MINE):
        rows = all_rows(office, office.eva, view)
        assert len(rows) == 30
        assert {row.case_id for row in rows} == made
        days = [row.due_on or date.max for row in rows]
        assert days == sorted(days)


def test_it_lists_a_case_once_with_all_that_is_to_be_done_in_it_nearest_first(office: Office) -> None:
    case_id = office.receive().case_id
    (row,) = page(office, office.eva, View.MINE).rows
    assert row.case_id == case_id
    assert [task.what for task in row.tasks] == ["acknowledge", "assign"]
    days = [task.due_on or date.max for task in row.tasks]
    assert days == sorted(days)
    assert row.due_on == row.tasks[0].due_on
    assert page(office, office.eva, View.ALL).rows[0].tasks == ()


def test_it_counts_what_it_lists(office: Office) -> None:
    for _ in range(3):
        office.receive()
    counts = worklist.counts(office.session, office.tenant.id, office.reader(office.eva), TODAY + timedelta(days=10))
    assert (counts.mine, counts.all, counts.overdue) == (3, 3, 3)


def test_it_lists_as_overdue_what_is_past_its_day_and_nothing_else(office: Office) -> None:
    case_id = office.receive().case_id
    assert page(office, office.eva, View.OVERDUE, today=date(2026, 3, 10)).rows == ()
    (row,) = page(office, office.eva, View.OVERDUE, today=date(2026, 3, 11)).rows
    assert row.case_id == case_id
    assert row.overdue


def test_it_moves_a_case_to_the_closed_ones(office: Office) -> None:
    case_id = office.receive().case_id
    office.do(case_id, Withdraw("Laat maar."), COMPLAINANT)
    assert page(office, office.eva, View.ALL).rows == ()
    assert [row.case_id for row in page(office, office.eva, View.CLOSED).rows] == [case_id]


def test_it_gives_the_owner_of_a_measure_something_to_do_until_it_is_done(office: Office) -> None:
    case_id, measure = office.receive().case_id, uuid4()
    office.assign(case_id)
    office.do(case_id, PlanMeasure(measure, office.gijs, date(2026, 4, 1), "Cursus"), office.dina)
    (row,) = page(office, office.gijs, View.MINE).rows
    assert row.tasks == (Task(str(measure), True, date(2026, 4, 1)),)
    told = select(Message.person_id).where(Message.name == "measure")
    assert office.session.scalars(told).all() == [office.gijs]
    office.do(case_id, CarryOutMeasure(measure, "Certificaat"), office.gijs)
    assert page(office, office.gijs, View.MINE).rows == ()


def test_it_gives_no_measure_to_do_to_who_is_walled_off(office: Office) -> None:
    case_id = office.receive().case_id
    office.assign(case_id)
    office.do(case_id, PlanMeasure(uuid4(), office.bram, date(2026, 4, 1), "Cursus"), office.dina)
    assert page(office, office.bram, View.MINE).rows == ()
    assert office.session.scalars(select(Message).where(Message.person_id == office.bram)).all() == []


def test_it_gives_a_task_to_who_may_do_it_now(office: Office) -> None:
    case_id = office.receive().case_id
    assert page(office, office.dina, View.MINE).rows == ()
    office.assign(case_id)
    assert [task.what for row in page(office, office.dina, View.MINE).rows for task in row.tasks] == ["decision"]
    office.do(case_id, Complete("acknowledge"), office.eva)
    assert page(office, office.eva, View.MINE).rows == ()


def test_it_reads_an_odd_place_as_the_first_page(office: Office) -> None:
    office.receive()
    for odd in ("", "x", "\0", "2026-03-10", "2026-99-99~x", f"{TODAY}~{uuid4()}~x"):
        assert Place.read(odd) is None
        assert len(page(office, office.eva, View.ALL, odd).rows) == 1
    assert page(office, office.eva, View.MINE, f"9999-12-31~{uuid4()}").rows == ()


def test_it_asks_one_query_for_each_of_reader_page_and_counts(office: Office, count_queries: Callable[[], Any]) -> None:
    for _ in range(3):
        office.receive()
    with count_queries() as asked:
        reader = office.reader(office.eva)
        worklist.worklist(office.session, office.engine, office.tenant.id, reader, View.ALL, TODAY)
        worklist.counts(office.session, office.tenant.id, reader, TODAY)
    assert len(asked) == 3, asked


def ids(office: Office, who: Any, view: View, **narrowed: Any) -> list[UUID]:
    reader, sort = office.reader(who), narrowed.pop("sort", Sort.DUE)
    asked = Narrowed(**narrowed)
    found = worklist.worklist(
        office.session, office.engine, office.tenant.id, reader, view, TODAY, narrowed=asked, sort=sort
    )
    return [row.case_id for row in found.rows]


def test_it_narrows_down_in_every_view_for_whoever_looks(office: Office) -> None:
    early = office.receive().case_id
    late = office.receive(now=FRIDAY + timedelta(days=3), language="en").case_id
    office.assign(early)
    office.do(early, Record({"judgement": "upheld"}), office.dina)
    for narrowed in (
        {"phase": "treatment"},
        {"label": "judgement=upheld"},
        {"handlers": (office.dina, office.gijs)},
        {"language": "nl"},
        {"received_to": TODAY},
        {"due_to": date(2026, 3, 10)},
        {"label": "judgement=upheld", "channel": "portal", "language": "nl"},
    ):
        assert ids(office, office.eva, View.ALL, **narrowed) == [early], narrowed
        assert ids(office, office.eva, View.MINE, **narrowed) == [early], narrowed
        assert ids(office, office.dina, View.ALL, **narrowed) == [early], narrowed
    for nothing in (
        {"label": "judgement=not_upheld"},
        {"handlers": (office.gijs,)},
        {"phase": "triage", "due_to": TODAY},
    ):
        assert ids(office, office.eva, View.ALL, **nothing) == []
    assert ids(office, office.eva, View.ALL, due_from=date(2026, 3, 11), received_from=TODAY) == [late]


def test_it_sorts_by_day_or_by_what_came_first_or_last(office: Office) -> None:
    later = office.receive(now=FRIDAY + timedelta(days=3)).case_id
    first = office.receive().case_id
    for view in (View.ALL, View.MINE):
        assert ids(office, office.eva, view) == [first, later]
        assert ids(office, office.eva, view, sort=Sort.NEWEST) == [first, later]
        assert ids(office, office.eva, view, sort=Sort.OLDEST) == [later, first]


def test_it_goes_through_all_pages_once_in_any_order(office: Office) -> None:
    made = [office.receive(now=FRIDAY + timedelta(days=n % 4)).case_id for n in range(27)]
    reader = office.reader(office.eva)
    for view, sort in ((View.ALL, Sort.OLDEST), (View.MINE, Sort.NEWEST), (View.ALL, Sort.NEWEST)):
        first = worklist.worklist(office.session, office.engine, office.tenant.id, reader, view, TODAY, sort=sort)
        rest = worklist.worklist(
            office.session, office.engine, office.tenant.id, reader, view, TODAY, first.after, sort=sort
        )
        rows = [row.case_id for row in (*first.rows, *rest.rows)]
        assert rows == (made if sort is Sort.OLDEST else made[::-1])


def test_it_tells_what_is_late_due_today_due_soon_and_waiting_for_others(office: Office) -> None:
    case_id = office.receive().case_id  # to be acknowledged by 10 March
    office.assign(case_id)
    days = {"overdue": date(2026, 3, 11), "today": date(2026, 3, 10), "week": date(2026, 3, 3)}
    for view, day in days.items():
        counted = worklist.counts(office.session, office.tenant.id, office.reader(office.eva), day)
        assert {name for name in days if getattr(counted, name)} == {view}
        assert [row.case_id for row in page(office, office.eva, View(view), today=day).rows] == [case_id]
    assert page(office, office.eva, View.WAITING).rows == ()
    office.do(case_id, Complete("acknowledge"), office.eva)
    (row,) = page(office, office.eva, View.WAITING).rows
    assert row.case_id == case_id
    assert worklist.counts(office.session, office.tenant.id, office.reader(office.eva), TODAY).waiting == 1
    assert page(office, office.dina, View.WAITING).rows == ()


def test_it_keeps_a_case_from_who_is_walled_off_in_every_view_and_count(office: Office) -> None:
    case_id = office.receive(facts={"about": office.eva}).case_id
    for day in (TODAY, date(2026, 3, 10), date(2026, 3, 11)):
        counted = worklist.counts(office.session, office.tenant.id, office.reader(office.eva), day)
        assert (counted.all, counted.overdue, counted.today, counted.week, counted.waiting) == (0, 0, 0, 0, 0)
        for view in set(View) - {View.MINE}:
            assert case_id not in [row.case_id for row in page(office, office.eva, view, today=day).rows]
    for narrowed in ({"language": "nl"}, {"handlers": (office.fred, office.dina, office.eva)}):
        assert ids(office, office.eva, View.MINE, **narrowed) == []


def test_it_says_what_is_news_to_whom_until_it_was_read(office: Office) -> None:
    case_id = office.receive().case_id
    assert page(office, office.eva, View.ALL).rows[0].unread
    mark_read(office.session, office.tenant.id, [case_id], office.eva, FRIDAY + timedelta(hours=1))
    assert not page(office, office.eva, View.ALL).rows[0].unread
    office.do(case_id, Complete("assign"), office.eva, FRIDAY + timedelta(days=1))
    assert page(office, office.eva, View.ALL).rows[0].unread
