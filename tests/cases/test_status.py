"""The complainant's page: what happened, what comes next, what he is asked; nothing that is not his."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from tests.cases.conftest import FRIDAY, Office
from weerklank.cases import doors
from weerklank.cases.act import Refused
from weerklank.cases.actions.ask import Ask
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.extend import Extend
from weerklank.cases.actions.involve import Involve
from weerklank.cases.actions.record import Note
from weerklank.cases.messages import Written, seal_body
from weerklank.cases.model import Message
from weerklank.cases.status import StatusView, status_view
from weerklank.deadlines import Duration
from weerklank.kernel.errors import NotFound


def status(office: Office, case_id: Any, language: str = "nl") -> StatusView:
    return status_view(office.session, office.engine, office.tenant.id, case_id, language, FRIDAY)


def test_it_says_what_happened_what_comes_next_and_by_when(office: Office) -> None:
    received = office.receive()
    view = status(office, received.case_id)
    assert view.reference == received.reference
    assert [entry.title for entry in view.timeline] == ["Wij hebben uw klacht ontvangen"]
    assert [(step.label, step.by_day, step.who) for step in view.next_steps] == [
        ("bevestigen", date(2026, 3, 10), "kwaliteitsmedewerker"),
        ("besluiten", date(2026, 4, 17), "behandelaar"),
    ]
    assert "6 weken" in " ".join(view.next_steps[1].why)
    assert (view.handler, view.can_withdraw, view.closed) == ("", True, False)


def test_it_speaks_english_too(office: Office) -> None:
    view = status(office, office.receive(language="en").case_id, "en")
    assert view.timeline[0].title == "We have received your complaint"
    assert view.next_steps[0].label == "acknowledge"


def test_it_names_the_handler_and_no_longer_once_he_is_walled_off(office: Office) -> None:
    case_id = office.receive().case_id
    office.assign(case_id)
    assert status(office, case_id).handler == "Dina"
    office.do(case_id, Involve(office.dina, reason="Zij zat erbij."), office.eva)
    view = status(office, case_id)
    assert view.handler == "Fred"
    assert "Dina" not in repr(view)


def test_it_keeps_notes_reasons_and_who_is_complained_about_to_ourselves(office: Office) -> None:
    case_id = office.receive().case_id
    office.assign(case_id)
    office.do(case_id, Note("Dit is de derde keer."), office.eva)
    office.do(case_id, Involve(office.gijs, reason="Hij wist ervan."), office.eva)
    told = repr(status(office, case_id))
    for secret in ("derde keer", "wist ervan", "Gijs", "Bram"):
        assert secret not in told


def test_it_shows_the_reason_of_an_extension_and_the_later_day(office: Office) -> None:
    case_id = office.receive().case_id
    office.assign(case_id)
    office.do(case_id, Extend("decide", Duration.parse("2 weeks"), "Een getuige is met vakantie."), office.dina)
    view = status(office, case_id)
    assert view.next_steps[-1].by_day == date(2026, 5, 1)
    (entry,) = (each for each in view.timeline if each.kind == "extended")
    assert entry.text == "Een getuige is met vakantie."


def test_it_asks_what_we_need_until_the_answer_is_in(office: Office) -> None:
    case_id = office.receive().case_id
    office.do(case_id, Ask("Wanneer was het?"), office.eva)
    assert status(office, case_id).asked == "Wanneer was het?"
    doors.add_information(office.session, office.engine, office.tenant.id, case_id, "Op dinsdag.", FRIDAY)
    view = status(office, case_id)
    assert view.asked is None
    assert "Op dinsdag." in [entry.text for entry in view.timeline]


def test_it_shows_a_message_once_it_was_written_out(office: Office) -> None:
    case_id = office.receive().case_id
    office.do(case_id, Complete("acknowledge"), office.eva)
    assert status(office, case_id).messages == ()
    for row in office.session.query(Message).filter(Message.role == "complainant"):
        sealer = office.engine.keyring.for_case(office.tenant.id, case_id)
        row.body = seal_body(sealer, row.id, Written("Uw klacht", ("Wij hebben haar.", "Groet")))
    office.session.flush()
    (message,) = status(office, case_id).messages
    assert (message.subject, message.paragraphs) == ("Uw klacht", ("Wij hebben haar.", "Groet"))


def test_it_takes_no_answer_to_what_is_not_asked(office: Office) -> None:
    case_id = office.receive().case_id
    with pytest.raises(Refused, match="not_your_step"):
        doors.answer(office.session, office.engine, office.tenant.id, case_id, "assign", "done", FRIDAY)
    with pytest.raises(Refused, match="not_open"):
        doors.answer(office.session, office.engine, office.tenant.id, case_id, "nonsense", "done", FRIDAY)


def test_it_stays_readable_without_words_once_the_case_is_erased(office: Office) -> None:
    case_id = office.receive().case_id
    office.engine.keyring.destroy_case(office.tenant.id, case_id)
    view = status(office, case_id)
    assert view.next_steps[0].by_day == date(2026, 3, 10)


def test_it_shows_nothing_of_a_case_that_is_not_there(office: Office) -> None:
    with pytest.raises(NotFound):
        status(office, uuid4())
