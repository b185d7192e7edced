"""Moving a case to a newer version of the procedure: previewed, with a reason, recorded; never by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from tests.cast import SMALL
from tests.web.desk.conftest import Desk, today
from weerklank.cases.clocks import verify
from weerklank.cases.model import CaseFile, Deadline
from weerklank.tenancy.model import PolicyVersion, Tenant
from weerklank.tenancy.policies import publish

SHORTER = SMALL.replace("within: 6 weeks", "within: 5 weeks")


def put_in_force(desk: Desk, text: str) -> int:
    with desk.session() as session:
        tenant = session.get_one(Tenant, desk.organisation.id)
        version = publish(session, tenant, text, today(), today=today(), now=datetime.now(UTC), actor=None)
        number = version.number
        session.commit()
    return number


def due(desk: Desk, case_id: UUID) -> object:
    with desk.session() as session:
        query = select(Deadline.due_on).where(Deadline.case_id == case_id, Deadline.term == "decide")
        return session.scalar(query)


def test_it_shows_what_changes_and_moves_the_case_with_a_reason(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(SMALL)
    bram, case_id = desk.staff(desk.cast.bram), desk.receive().case_id
    path, before = f"/desk/cases/{case_id}", due(desk, case_id)
    assert bram.client.get(f"{bram.base}{path}/version").status_code == 404
    number = put_in_force(desk, SHORTER)
    assert due(desk, case_id) == before

    assert f"Go on by version {number} of the procedure" in bram.get(path).text
    page = bram.get(f"{path}/version")
    assert "the last day of ‘decide’ is" in page.text
    assert due(desk, case_id) == before
    assert "Give a reason." in bram.send(page, {"reason": " "}, status=422).text
    done = bram.send(page, {"reason": "De nieuwe regeling is beter voor de klager."})

    assert f"This case goes on by version {number}." in done.text
    assert f"Goes on by version {number} of the procedure (was version {number - 1})" in done.text
    assert "De nieuwe regeling is beter voor de klager." in done.text
    assert due(desk, case_id) != before
    with desk.session() as session:
        assert list(verify(session, desk.organisation.id, datetime.now(UTC))) == []
        pinned = session.scalar(select(CaseFile.policy_version_id).where(CaseFile.id == case_id))
        assert session.scalar(select(PolicyVersion.number).where(PolicyVersion.id == pinned)) == number
    assert bram.client.get(f"{bram.base}{path}/version").status_code == 404


def test_it_refuses_while_a_step_is_open_that_the_newer_version_does_not_have(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(SMALL)
    bram, case_id = desk.staff(desk.cast.bram), desk.receive().case_id
    renamed = SMALL.replace("  acknowledge:\n    label: {nl: ontvangst", "  confirm:\n    label: {nl: ontvangst")
    assert renamed != SMALL
    number = put_in_force(desk, renamed)
    page = bram.get(f"/desk/cases/{case_id}/version")
    refused = bram.send(page, {"reason": "Het moet."}, status=422)
    assert "The newer version does not have a step that is open now: acknowledge receipt" in refused.text
    with desk.session() as session:
        pinned = session.scalar(select(CaseFile.policy_version_id).where(CaseFile.id == case_id))
        assert session.scalar(select(PolicyVersion.number).where(PolicyVersion.id == pinned)) == number - 1


def test_it_is_not_for_who_is_walled_off(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(SMALL)
    case_id = desk.receive().case_id
    put_in_force(desk, SHORTER)
    els = desk.staff(desk.cast.els)
    assert els.client.get(f"{els.base}/desk/cases/{case_id}/version").status_code == 404
