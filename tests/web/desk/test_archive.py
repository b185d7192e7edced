"""The archive's pages: shelves, putting away, and destroying in two steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from tests.cast import SMALL
from tests.web.desk.conftest import Desk, today
from weerklank.cases.actions.complete import Complete
from weerklank.cases.keeping import ERASE, Destruction
from weerklank.kernel.outbox import Outbox
from weerklank.web.forms import day_fields

SHORT = SMALL.replace("retention: 5 years", "retention: 1 days")
OPEN = SMALL.replace("  retention: 5 years\n", "")


def closed_case(desk: Desk) -> tuple[UUID, str]:
    """A case that came in five days ago and was closed three days ago."""
    received = desk.receive(received_at=datetime.now(UTC) - timedelta(days=5))
    on, cast = today() - timedelta(days=3), desk.cast
    desk.do(received.case_id, Complete("acknowledge"), cast.bram)
    desk.do(received.case_id, Complete("assign"), cast.bram)
    decision = Complete("decision", facts={"judgement": "upheld"}, text="U heeft gelijk.", on=on)
    desk.do(received.case_id, decision, cast.femke)
    desk.do(received.case_id, Complete("close", on=on), cast.bram)
    return received.case_id, received.reference


def test_it_archives_and_destroys_in_two_steps(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(SHORT)
    bram = desk.staff(desk.cast.bram)
    case_id, reference = closed_case(desk)
    path = f"/desk/cases/{case_id}"
    assert reference in bram.get("/desk/archive").text

    page = bram.send(bram.get(f"{path}/archive"))
    assert "The case is in the archive." in page.text
    assert reference in bram.get("/desk/archive?shelf=due").text

    form = bram.get(f"{path}/destruction")
    assert "Give a reason." in bram.send(form, {"reason": " "}, status=422).text
    sure = bram.send(form, {"reason": "De termijn is voorbij."})
    assert "This cannot be undone" in sure.text
    assert "Type the reference" in bram.send(sure, {"reference": "VBD-1"}, status=422).text
    done = bram.send(sure, {"reference": reference.lower()})

    assert "The case is destroyed." in done.text
    assert "De termijn is voorbij." in done.text
    with desk.session() as session:
        assert session.scalars(select(Destruction.case_id)).all() == [case_id]
        assert session.scalars(select(Outbox.case_id).where(Outbox.kind == ERASE)).all() == [case_id]
    assert bram.client.get(f"{bram.base}{path}/destruction").status_code == 404


def test_it_shows_no_destruction_to_whom_it_is_not_given(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(SHORT)
    case_id, reference = closed_case(desk)
    bram, femke, gijs = (desk.staff(each) for each in (desk.cast.bram, desk.cast.femke, desk.cast.gijs))
    bram.send(bram.get(f"/desk/cases/{case_id}/archive"))

    assert "Destroy" not in femke.get(f"/desk/cases/{case_id}").root.one("main").text
    assert femke.client.get(f"{femke.base}/desk/cases/{case_id}/destruction").status_code == 404
    assert reference not in gijs.get("/desk/archive?shelf=kept").text


def test_it_asks_for_the_day_where_the_procedure_gives_none(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(OPEN)
    bram = desk.staff(desk.cast.bram)
    case_id, _ = closed_case(desk)
    form = bram.get(f"/desk/cases/{case_id}/archive")
    bram.send(form, status=422)
    page = bram.send(form, day_fields("until", today() + timedelta(days=30)))
    assert "this day was chosen" in page.text


def test_it_shows_an_empty_shelf_and_reads_no_nonsense(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    assert "Nothing is here." in bram.get("/desk/archive?shelf=zzz&after=%00x").text
