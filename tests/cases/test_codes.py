"""A lost secret code, letters that wait for the printer, and one notice a person."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.cases.conftest import FRIDAY, Office, by
from weerklank.cases import doors
from weerklank.cases.act import Refused
from weerklank.cases.actions.complete import Complete
from weerklank.cases.codes import carried_code, replace_code
from weerklank.cases.messages import NEW_CODE, read_body
from weerklank.cases.model import Message, MessageState
from weerklank.cases.post import posted, to_post
from weerklank.correspondence.delivery import write_out
from weerklank.kernel.errors import NotFound
from weerklank.kernel.errors import Refused as TooLate
from weerklank.tenancy.policies import in_force, policy_of

LATER = FRIDAY + timedelta(hours=1)
POST = {"name": "Anna de Wit", "address": "Dorpsstraat 1"}


def messages(office: Office, name: str) -> list[Message]:
    return list(office.session.scalars(select(Message).where(Message.name == name).order_by(Message.created_at)))


def write(office: Office, row: Message) -> str:
    """What goes out, in full."""
    sent = write_out(
        office.session, office.engine, office.tenant_id, row.id, "https://w.example", "post@w.example", LATER
    )
    assert sent is not None
    return "\n".join(sent.letter.paragraphs)


def acknowledge(office: Office, case_id: UUID) -> Message:
    office.do(case_id, Complete("acknowledge"), office.eva, LATER)
    return messages(office, "acknowledgement")[-1]


def code_in(office: Office, row: Message) -> str | None:
    policy = policy_of(in_force(office.session, office.tenant_id, FRIDAY.date()))
    return carried_code(office.session, office.engine.keyring, row, policy)


def test_it_replaces_a_lost_code_and_mails_the_new_one_which_is_kept_nowhere(office: Office) -> None:
    received = office.receive()
    how = "Teruggebeld op het nummer in de zaak"
    replace_code(office.session, office.engine, office.tenant_id, received.case_id, how, by(office.eva), LATER)
    (row,) = messages(office, NEW_CODE)
    code = code_in(office, row)
    assert code and code != received.code
    assert code in write(office, row)
    written = read_body(office.engine.keyring.for_case(office.tenant_id, received.case_id), row)
    assert written and code not in "\n".join(written.paragraphs)
    opens = doors.open_by_code(office.session, office.engine, office.tenant_id, code)
    assert opens == received.case_id
    assert doors.open_by_code(office.session, office.engine, office.tenant_id, received.code) is None


def test_it_replaces_a_code_only_for_who_has_a_part_and_says_how_it_was_checked(office: Office) -> None:
    case_id = office.receive().case_id
    where = (office.session, office.engine, office.tenant_id, case_id)
    with pytest.raises(Refused, match="reason_needed"):
        replace_code(*where, " ", by(office.eva), LATER)
    for outsider in (office.gijs, office.bram):
        with pytest.raises(NotFound):
            replace_code(*where, "Gebeld", by(outsider), LATER)


def test_the_first_letter_on_paper_carries_the_way_in_until_it_was_posted(office: Office) -> None:
    received = office.receive(actor=by(office.eva), channel="letter", contact=POST, way="post")
    first = acknowledge(office, received.case_id)
    assert received.code not in write(office, first)
    assert first.state == MessageState.PRINTED
    assert code_in(office, first) == received.code
    mine = office.reader(office.eva)
    assert [each.id for each in to_post(office.session, office.tenant_id, mine)] == [first.id]
    assert to_post(office.session, office.tenant_id, office.reader(office.bram)) == ()
    posted(office.session, office.tenant_id, received.case_id, first.id, LATER)
    assert to_post(office.session, office.tenant_id, mine) == ()
    assert code_in(office, first) is None
    with pytest.raises(TooLate):
        posted(office.session, office.tenant_id, received.case_id, first.id, LATER)


def test_a_mail_carries_no_code(office: Office) -> None:
    received = office.receive()
    assert received.code not in write(office, acknowledge(office, received.case_id))


def test_it_tells_everybody_once_what_there_is_to_do_and_not_who_did_it_himself(office: Office) -> None:
    office.receive()
    told = [row for row in messages(office, "task") if row.person_id == office.eva]
    assert len(told) == 1
    assert "Er staat een taak voor u klaar: toewijzen" in write(office, told[0])
    assert told[0].about.split("\n") == ["assign", "task:acknowledge"]
    by_herself = office.receive(actor=by(office.eva), channel="letter", contact=POST)
    rows = office.session.scalars(select(Message).where(Message.case_id == by_herself.case_id))
    assert [row.person_id for row in rows if row.person_id == office.eva] == []
