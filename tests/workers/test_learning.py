"""Reports that open by the clock, and the mail that says so."""

from __future__ import annotations

from sqlalchemy import select

from tests.cases.conftest import Office
from tests.learning.conftest import NEW_YEAR, extend
from tests.workers.conftest import Mailbox
from weerklank.assembly import Platform
from weerklank.kernel.outbox import Outbox
from weerklank.learning.model import Report
from weerklank.learning.place import NOTICE
from weerklank.workers.clock import BEATS, learn
from weerklank.workers.jobs import run_job


def test_it_opens_a_report_on_its_day_and_mails_its_writer_once(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    extend(office)
    office.receive()
    office.session.commit()
    assert "learn" in BEATS
    for _ in range(2):
        learn(platform, office.tenant_id, NEW_YEAR)
    jobs = office.session.scalars(select(Outbox.id).where(Outbox.kind == NOTICE)).all()
    assert len(office.session.scalars(select(Report)).all()) == 1
    office.session.commit()
    assert [run_job(platform, office.tenant_id, job, NEW_YEAR) for job in jobs] == [True]
    assert [run_job(platform, office.tenant_id, job, NEW_YEAR) for job in jobs] == [False]
    (mail,) = mailbox.got
    assert mail["To"] == "eva@organisatie.example"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "jaarverslag" in text.get_content()
    assert "/desk/learning" in text.get_content()


def test_it_opens_nothing_where_the_policy_asks_no_report(platform: Platform, office: Office) -> None:
    learn(platform, office.tenant_id, NEW_YEAR)
    assert office.session.scalars(select(Report)).all() == []
