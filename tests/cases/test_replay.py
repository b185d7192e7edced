"""A case read back from its stored events is the case that was acted, whatever was done in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.cases.conftest import FRIDAY, Office, by
from weerklank.cases import clocks
from weerklank.cases.act import Refused, act, open_case
from weerklank.cases.actions.ask import Ask, TakeAnswer
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.extend import Extend
from weerklank.cases.actions.involve import Involve, Release
from weerklank.cases.actions.measures import CarryOutMeasure, MoveMeasure, PlanMeasure, VerifyMeasure
from weerklank.cases.actions.record import AddInformation, Note, Record
from weerklank.cases.actions.verb import Action
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.cases.index import party_rows, task_rows, wall_rows
from weerklank.cases.model import CaseFile, CaseParty, CaseTask, CaseWall
from weerklank.deadlines import Duration
from weerklank.policy.consequences import consequences
from weerklank.policy.events import COMPLAINANT

MEASURE = UUID(int=7)
WEEK = Duration.parse("1 weeks")
ACTIONS: tuple[Callable[[Office], Action], ...] = (
    lambda office: Complete("assign"),
    lambda office: Complete("acknowledge"),
    lambda office: Complete("decision", facts={"judgement": "upheld"}, text="Zo is het."),
    lambda office: Complete("close"),
    lambda office: Ask("Wanneer was het?"),
    lambda office: TakeAnswer("Dinsdag."),
    lambda office: AddInformation("Het was dinsdag."),
    lambda office: Extend("decide", WEEK, "Wij hebben meer tijd nodig."),
    lambda office: Involve(office.dina, reason="Zij zat erbij."),
    lambda office: Involve(office.eva, "respondent", "Het ging over haar."),
    lambda office: Release(office.dina, "Toch niet."),
    lambda office: PlanMeasure(MEASURE, office.gijs, date(2026, 4, 1), "Cursus"),
    lambda office: MoveMeasure(MEASURE, date(2026, 5, 1), "Geen plaats."),
    lambda office: CarryOutMeasure(MEASURE, "Certificaat"),
    lambda office: VerifyMeasure(MEASURE),
    lambda office: Record(facts={"about": office.gijs}),
    lambda office: Note("Gebeld."),
    lambda office: Withdraw("Laat maar."),
)
WHO = ("complainant", "dina", "eva", "fred", "gijs")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(WHO), st.integers(0, 3)), max_size=12))
def test_it_reads_back_what_was_acted_and_its_rows_follow(
    office: Office, played: list[tuple[Callable[[Office], Action], str, int]]
) -> None:
    session, engine, tenant_id = office.session, office.engine, office.tenant_id
    case_id, now = office.receive().case_id, FRIDAY
    case = open_case(session, tenant_id, case_id, now).case
    for make, who, days in played:
        now += timedelta(days=days)
        actor = COMPLAINANT if who == "complainant" else by(getattr(office, who))
        try:
            case = act(session, engine, tenant_id, case_id, make(office), actor, now).case
        except Refused:
            continue
    opened = open_case(session, tenant_id, case_id, now)
    assert opened.case == case
    follows = consequences(opened.world, case, ())
    for model, rows in (
        (CaseTask, task_rows(tenant_id, case, follows)),
        (CaseParty, party_rows(tenant_id, case, follows)),
        (CaseWall, wall_rows(tenant_id, case, follows)),
    ):
        columns = [column.name for column in model.__table__.columns]
        stored = session.execute(select(model.__table__).where(model.__table__.c.case_id == case_id)).all()
        assert sorted(map(tuple, stored)) == sorted(tuple(row[name] for name in columns) for row in rows)
    file = session.get_one(CaseFile, (tenant_id, case_id), populate_existing=True)
    assert (file.seq, file.phase, file.handlers) == (case.seq, case.phase.value, list(case.handlers))
    assert [found for found in clocks.verify(session, tenant_id, now) if found.case_id == case_id] == []
