"""Nobody judges his own case: who is involved finds it nowhere, but for what the policy gives him on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cases.conftest import FRIDAY, Office, open_office
from tests.conftest import Organisation
from weerklank.cases import walls, worklist
from weerklank.cases.act import Engine, Refused
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.involve import Involve, Release
from weerklank.cases.actions.record import Note
from weerklank.cases.model import Deadline, Message
from weerklank.cases.view import CaseView, GlimpseView, case_view
from weerklank.cases.worklist import View
from weerklank.identity import people
from weerklank.kernel.database import tenant_scope
from weerklank.kernel.errors import NotFound

TODAY = FRIDAY.date()


def rows(office: Office, who: object, view: View = View.ALL) -> set[object]:
    reader = office.reader(who)  # type: ignore[arg-type]  # a person's id
    page = worklist.worklist(office.session, office.engine, office.tenant.id, reader, view, TODAY)
    return {row.case_id for row in page.rows}


def sees(office: Office, case_id: object, who: object) -> bool:
    try:
        case_view(office.session, office.engine, office.tenant.id, case_id, who, "nl", FRIDAY)  # type: ignore[arg-type]  # ids
    except NotFound:
        return False
    return True


def test_it_shows_a_case_to_who_has_a_part_in_it_and_to_nobody_else(office: Office) -> None:
    case_id = office.receive().case_id
    office.assign(case_id)
    everybody = (office.bram, office.dina, office.eva, office.fred, office.gijs)
    assert {who for who in everybody if sees(office, case_id, who)} == {office.dina, office.eva}
    assert rows(office, office.dina) == {case_id}
    assert rows(office, office.gijs) == rows(office, office.bram) == set()


def test_it_hides_a_case_from_the_quality_officer_who_is_involved(office: Office) -> None:
    case_id = office.receive(facts={"about": office.eva}).case_id
    other = office.receive().case_id
    assert not sees(office, case_id, office.eva)
    for view in View:
        assert case_id not in rows(office, office.eva, view)
    assert rows(office, office.eva) == {other}
    reader = office.reader(office.eva)
    later = TODAY + timedelta(days=400)
    counts = worklist.counts(office.session, office.tenant.id, reader, later)
    assert (counts.all, counts.overdue) == (1, 1)
    assert walls.visible(office.session, office.tenant.id, reader, [case_id, other]) == {other}


def test_it_finds_no_reference_of_a_case_behind_a_wall(office: Office) -> None:
    hidden = office.receive(facts={"about": office.eva})
    seen = office.receive()
    reader = office.reader(office.eva)
    assert worklist.by_reference(office.session, office.tenant.id, reader, hidden.reference) is None
    assert worklist.by_reference(office.session, office.tenant.id, reader, seen.reference.lower()) == seen.case_id


def test_it_lets_nobody_behind_a_wall_act(office: Office) -> None:
    case_id = office.receive(facts={"about": office.eva}).case_id
    with pytest.raises(NotFound):
        office.do(case_id, Note("Ik was het niet."), office.eva)


def test_it_writes_nothing_to_who_is_walled_off(office: Office) -> None:
    case_id = office.receive(facts={"about": office.eva}).case_id
    told = set(office.session.scalars(select(Message.person_id).where(Message.case_id == case_id)))
    assert office.fred in told
    assert office.eva not in told


def test_it_puts_the_wall_up_for_who_turns_out_to_be_involved_and_takes_it_down_again(office: Office) -> None:
    case_id = office.receive().case_id
    office.assign(case_id)
    office.do(case_id, Involve(office.dina, reason="Zij zat erbij."), office.eva)
    assert not sees(office, case_id, office.dina)
    assert rows(office, office.dina) == rows(office, office.dina, View.MINE) == set()
    office.do(case_id, Release(office.dina, reason="Het was een ander."), office.eva)
    view = case_view(office.session, office.engine, office.tenant.id, case_id, office.eva, "nl", FRIDAY)
    assert isinstance(view, CaseView)
    assert view.involved == tuple(one for one in view.involved if one.person_id == office.bram)


def test_it_keeps_every_day_when_who_handled_turns_out_to_be_involved(office: Office) -> None:
    case_id = office.receive().case_id
    office.assign(case_id)
    query = select(Deadline.term, Deadline.starts_at, Deadline.due_on).where(Deadline.case_id == case_id)
    before = set(office.session.execute(query.where(Deadline.state == "running")).all())
    assert before
    office.do(case_id, Involve(office.dina, reason="Zij zat erbij."), office.eva)
    view = case_view(office.session, office.engine, office.tenant.id, case_id, office.eva, "nl", FRIDAY)
    assert isinstance(view, CaseView)
    assert office.dina in {one.person_id for one in view.involved}
    assert set(office.session.execute(query.where(Deadline.state == "running")).all()) == before


def test_it_gives_an_admin_nothing_by_that_alone(office: Office) -> None:
    case_id = office.receive().case_id
    person = people.find_person(office.session, office.gijs)
    people.make_admin(office.session, person, FRIDAY, None)
    assert not sees(office, case_id, office.gijs)
    assert rows(office, office.gijs) == set()


def test_it_refuses_in_words_what_is_not_somebodys_to_do(office: Office) -> None:
    case_id = office.receive().case_id
    office.assign(case_id)
    with pytest.raises(Refused, match="not_your_step"):
        office.do(case_id, Complete("decision", facts={"judgement": "upheld"}, text="Ja."), office.eva)


def test_it_answers_not_found_for_a_case_that_is_not_there(office: Office) -> None:
    assert not sees(office, uuid4(), office.eva)


HIS_OWN = """
  listen:
    label: {nl: zelf in gesprek, en: talk it over}
    does: record
    by: respondent
    on: involved
    source: art-3
"""


@pytest.fixture
def lenient(app_session: Session, engine: Engine, tenant: Organisation) -> Iterator[Office]:
    """The same organisation, whose procedure lets the employee concerned try first."""
    with tenant_scope(app_session, tenant.id):
        yield open_office(app_session, engine, tenant.id, HIS_OWN)


def test_it_gives_who_is_complained_about_his_own_step_on_purpose_and_no_more(lenient: Office) -> None:
    case_id = lenient.receive().case_id
    assert rows(lenient, lenient.bram) == set()
    reader = lenient.reader(lenient.bram)
    (row,) = worklist.worklist(lenient.session, lenient.engine, lenient.tenant.id, reader, View.MINE, TODAY).rows
    assert [task.what for task in row.tasks] == ["listen"]
    assert (row.case_id, row.glimpse, row.complainant, row.handlers) == (case_id, True, None, ())
    seen = case_view(lenient.session, lenient.engine, lenient.tenant.id, case_id, lenient.bram, "nl", FRIDAY)
    assert isinstance(seen, GlimpseView)
    assert [offer.step for offer in seen.offers] == ["listen"]
    assert "Anna" not in repr(seen)


def test_it_shuts_again_once_his_step_is_done(lenient: Office) -> None:
    case_id = lenient.receive().case_id
    with pytest.raises(Refused):
        lenient.do(case_id, Note("Mijn kant van het verhaal."), lenient.bram)
    lenient.do(case_id, Complete("listen"), lenient.bram)
    assert not sees(lenient, case_id, lenient.bram)
    assert rows(lenient, lenient.bram, View.MINE) == set()
