"""A form that was saved to go on later: mailed to its own writer, kept for two weeks, gone after that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.cases.conftest import FRIDAY, Office
from tests.workers.conftest import Mailbox
from tests.workers.test_delivery import run_all
from weerklank.assembly import Platform
from weerklank.correspondence import drafts
from weerklank.correspondence.drafts import SAVED_DAYS, Draft, IntakeDraft
from weerklank.kernel.ids import read_code
from weerklank.policy.words import direction

ANNA = "anna@voorbeeld.example"
STORY = "Het gesprek ging helemaal mis."


def begin(office: Office, email: str = ANNA) -> tuple[Draft, str]:
    keyring = office.engine.keyring
    draft, secret = drafts.begin(office.session, keyring, office.tenant_id, FRIDAY)
    draft.answers = {"story": [STORY], "name": ["Anna de Wit"], "email": [email], "tongue": ["nl"]}
    drafts.keep_for_later(keyring, draft, FRIDAY)
    office.session.commit()
    return draft, secret


def find(office: Office, secret: str, days: int) -> Draft | None:
    later = FRIDAY + timedelta(days=days)
    return drafts.find(office.session, office.engine.keyring, office.tenant_id, secret, later)


def mail(platform: Platform, office: Office, draft: Draft, language: str = "nl") -> None:
    drafts.ask_mail(office.session, draft, language, FRIDAY)
    office.session.commit()
    run_all(platform, FRIDAY)


def test_it_mails_the_way_back_and_nothing_of_whom_or_what_it_is_about(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    draft, _ = begin(office)
    mail(platform, office, draft)
    (got,) = mailbox.got
    body = got.get_body(("plain",))
    assert body is not None
    said = f"{got['Subject']} {body.get_content()}"
    assert got["To"] == ANNA
    assert f"/{office.tenant.slug}/complain/go-on" in said
    assert draft.later in said
    assert "20 maart 2026" in said
    assert "de Wit" not in said
    assert STORY not in said


def test_it_mails_once_however_often_one_presses(platform: Platform, office: Office, mailbox: Mailbox) -> None:
    draft, _ = begin(office)
    mail(platform, office, draft, "en")
    mail(platform, office, draft, "en")
    (got,) = mailbox.got
    assert "go on with your form" in got["Subject"]


@pytest.mark.parametrize(
    ("language", "subject", "until"),
    [
        ("de", "mit Ihrem Formular weitermachen", "20. März 2026"),
        ("pl", "dokończ swój formularz", "20 marca 2026"),
        ("ar", "أكمل استمارتك", "20 مارس 2026"),
        ("uk", "продовжте заповнення форми", "20 березня 2026"),
    ],
)
def test_it_mails_the_way_back_in_the_language_of_the_page(
    platform: Platform, office: Office, mailbox: Mailbox, language: str, subject: str, until: str
) -> None:
    draft, _ = begin(office)
    mail(platform, office, draft, language)
    (got,) = mailbox.got
    plain, page = got.get_body(("plain",)), got.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert subject in got["Subject"]
    assert until in plain.get_content()
    assert [read_code(word) for word in plain.get_content().split() if read_code(word)] == [draft.later]
    assert f'<html lang="{language}" dir="{direction(language)}">' in page.get_content()


def test_it_mails_nothing_when_the_form_is_gone_or_the_address_is_none(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    broken, _ = begin(office, email="anna@")
    gone, _ = begin(office)
    drafts.ask_mail(office.session, gone, "nl", FRIDAY)
    drafts.throw_away(office.session, gone)
    mail(platform, office, broken)
    assert mailbox.got == []


def test_it_is_kept_for_two_weeks_from_saving_and_then_thrown_away(office: Office) -> None:
    draft, secret = begin(office)
    code = draft.later
    assert find(office, secret, SAVED_DAYS - 1) is not None
    assert find(office, secret, SAVED_DAYS) is None
    assert drafts.take_up(office.session, code, FRIDAY + timedelta(days=SAVED_DAYS)) is None
    drafts.sweep(office.session, FRIDAY + timedelta(days=SAVED_DAYS))
    assert office.session.scalar(select(func.count()).select_from(IntakeDraft)) == 0


def test_it_is_taken_up_by_another_browser_and_then_no_more_by_the_first(office: Office) -> None:
    draft, secret = begin(office)
    other = drafts.take_up(office.session, draft.later.lower().replace("-", ""), FRIDAY)
    assert other
    taken = find(office, other, 1)
    assert taken is not None
    assert taken.answers["story"] == [STORY]
    assert find(office, secret, 1) is None
