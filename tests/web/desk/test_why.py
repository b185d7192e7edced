"""The case page says why: folded, without JavaScript, in both languages."""

from __future__ import annotations

from collections.abc import Callable

from tests.cast import SMALL
from tests.web.desk.conftest import Desk
from weerklank.cases.actions.complete import Complete

GUARD = """    guards:
      - label: {nl: Eerst bevestigen., en: First acknowledge.}
        when: {happened: sent.acknowledgement}
"""


def test_it_says_why_of_handler_step_message_and_what_waits(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(SMALL.replace("    does: decide\n", f"    does: decide\n{GUARD}"))
    case_id = desk.receive().case_id
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    femke, path = desk.staff(desk.cast.femke), f"/desk/cases/{case_id}"
    page = femke.get(path).text
    assert "The procedure gives this case to: manager." in page
    assert "Looked at first, and did not apply:" in page and "manager is not involved in the complaint" in page
    assert "This follows from the step ‘assign’." in page
    assert "This has not happened yet: the message ‘acknowledgement’." in page
    desk.do(case_id, Complete("acknowledge"), desk.cast.bram)
    page = femke.get(path).text
    assert "This goes out with the step ‘acknowledge receipt’." in page
    assert "This has not happened yet" not in page
    assert "De regeling geeft deze zaak aan: leidinggevende." in femke.get(f"{path}?lang=nl").text


def test_it_says_nothing_of_a_fact_that_the_reader_may_not_see(open_desk: Callable[..., Desk]) -> None:
    secret = SMALL.replace("    type: person\n", "    type: person\n    visible: board\n", 1)
    assert secret != SMALL
    desk = open_desk(secret)
    case_id = desk.receive().case_id
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    page = desk.staff(desk.cast.femke).get(f"/desk/cases/{case_id}").text
    assert "Something you may not see counts too." in page
    assert "‘Who is it about?’ has been filled in" not in page
