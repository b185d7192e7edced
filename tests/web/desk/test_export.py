"""The export of the whole organisation: two people, two passphrases, everybody told, and nobody alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from tests.cast import PASSWORD
from tests.web.desk.conftest import Desk
from tests.web.pages import Page
from weerklank.assembly import Platform
from weerklank.audit.office import Change
from weerklank.backup.asking import EXPORT
from weerklank.backup.box import Unopened, open_box
from weerklank.correspondence.office import OWN_POST, own_post_letter
from weerklank.documents.model import ExportState, TenantExport
from weerklank.kernel.errors import NotFound
from weerklank.kernel.events import Event
from weerklank.kernel.outbox import Outbox
from weerklank.tenancy.model import Tenant
from weerklank.web.parts import NAME
from weerklank.workers.jobs import run_job

FIRST, SECOND = "vier losse woorden hier", "en vier heel andere"


def given(passphrase: str, **more: str) -> dict[str, str]:
    return {"password": PASSWORD, "passphrase": passphrase, "again": passphrase} | more


def asks(desk: Desk) -> Page:
    dewi = desk.staff(desk.cast.dewi)
    return dewi.send(dewi.get("/desk/export"), given(FIRST), action="/export/ask")


def agrees(desk: Desk) -> Page:
    bram = desk.staff(desk.cast.bram)
    return bram.send(bram.get("/desk/export"), given(SECOND), action="/export/agree")


def platform_of(desk: Desk) -> Platform:
    platform = desk.app.extensions[NAME]
    assert isinstance(platform, Platform)
    return platform


def work(desk: Desk) -> None:
    """Carry out the job, as a worker does."""
    with desk.session() as session:
        (job_id,) = session.scalars(select(Outbox.id).where(Outbox.kind == EXPORT)).all()
    platform = platform_of(desk)
    assert run_job(platform, desk.organisation.id, job_id, datetime.now(UTC))
    platform.database.dispose()


def changes(desk: Desk) -> list[tuple[str, UUID | None]]:
    with desk.session() as session:
        own = select(Event.kind, Event.actor_id).where(Event.case_id == desk.organisation.id).order_by(Event.seq)
        return [(kind, by) for kind, by in session.execute(own) if "export" in kind]


def test_two_people_make_it_and_it_opens_only_by_both_passphrases(desk: Desk, tmp_path: Path) -> None:
    desk.receive()
    assert "waits for somebody to agree" in asks(desk).text
    assert "is being made" in agrees(desk).text
    work(desk)
    dewi = desk.staff(desk.cast.dewi)
    page = dewi.get("/desk/export")
    assert "Asked by Dewi Dekker" in page.text
    assert "Agreed by Bram Bakker" in page.text
    form = page.form("/export/file")
    token = form.one("input", name="csrf_token").attributes["value"]
    answer = dewi.client.post(f"{dewi.base}/desk/export/file", data={"csrf_token": token})
    assert answer.headers["Content-Disposition"].startswith("attachment")
    place = tmp_path / "export"
    place.write_bytes(answer.data)
    with open_box(place, [FIRST, SECOND]) as box, ZipFile(box) as archive:
        assert b"Het gesprek ging helemaal mis." in archive.read("tables/event.jsonl")
    for alone in ([FIRST], [SECOND], [SECOND, FIRST]):
        with pytest.raises(Unopened):
            open_box(place, alone)
    assert changes(desk) == [
        (Change.EXPORT_ASKED, desk.cast.dewi),
        (Change.EXPORT_AGREED, desk.cast.bram),
        (Change.EXPORT_TAKEN, desk.cast.dewi),
    ]
    with desk.session() as session:
        assert session.scalars(select(TenantExport.halves)).all() == [None], "gone once it is made"
    assert "was saved" in dewi.get("/office/trail").text


def test_nobody_agrees_to_what_he_asked_for_himself(desk: Desk) -> None:
    asks(desk)
    dewi = desk.staff(desk.cast.dewi)
    page = dewi.get("/desk/export")
    assert list(page.root.all("form", action=f"{dewi.base}/desk/export/agree")) == []
    token = page.form("/export/stop").one("input", name="csrf_token").attributes["value"]
    answer = dewi.client.post(f"{dewi.base}/desk/export/agree", data=given(SECOND, csrf_token=token))
    assert answer.status_code == 404


def test_who_neither_manages_nor_sees_all_has_no_such_page(desk: Desk) -> None:
    for who in (desk.cast.els, desk.cast.gijs, desk.cast.femke):
        reader = desk.staff(who)
        assert reader.client.get(f"{reader.base}/desk/export").status_code == 404


def test_who_sees_all_but_manages_nothing_does_not_ask(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    page = bram.get("/desk/export")
    assert list(page.root.all("form", action=f"{bram.base}/desk/export/ask")) == []
    token = next(iter(bram.get("/desk/absence").root.all("input", name="csrf_token"))).attributes["value"]
    answer = bram.client.post(f"{bram.base}/desk/export/ask", data=given(FIRST, csrf_token=token))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "iets anders"}, "This is not your password."),
        ({"again": "een andere zin dan deze"}, "This is not the same passphrase."),
        ({"passphrase": "kort", "again": "kort"}, "Choose a passphrase of at least 12 characters."),
    ],
)
def test_it_asks_anew_who_it_is_and_for_a_passphrase_that_is_one(desk: Desk, wrong: dict[str, str], said: str) -> None:
    dewi = desk.staff(desk.cast.dewi)
    page = dewi.send(dewi.get("/desk/export"), given(FIRST) | wrong, action="/export/ask", status=422)
    assert said in " ".join(page.errors())
    assert changes(desk) == []


def test_everybody_who_should_know_is_told_and_can_stop_it(desk: Desk) -> None:
    asks(desk)
    with desk.session() as session:
        told = session.scalars(select(Outbox.args).where(Outbox.kind == OWN_POST)).all()
        assert {each["person"] for each in told} >= {str(desk.cast.bram)}
        assert str(desk.cast.dewi) not in {each["person"] for each in told}
        tenant = session.get_one(Tenant, desk.organisation.id)
        written = own_post_letter(
            session,
            platform_of(desk).keyring,
            tenant,
            told[0]["change"],
            desk.cast.bram,
            "http://here",
            datetime.now(UTC),
        )
    assert written is not None
    to, letter = written
    assert to == "bram@example.nl"
    assert "Dewi Dekker" in letter.paragraphs[1]
    assert letter.paragraphs[-1] == "http://here/desk/export"
    bram = desk.staff(desk.cast.bram)
    assert "There is no export." in bram.send(bram.get("/desk/export"), action="/export/stop").text
    assert [kind for kind, _ in changes(desk)] == [Change.EXPORT_ASKED, Change.EXPORT_STOPPED]


def test_one_that_is_stopped_while_it_waits_for_a_worker_is_never_made(desk: Desk) -> None:
    asks(desk)
    agrees(desk)
    bram = desk.staff(desk.cast.bram)
    bram.send(bram.get("/desk/export"), action="/export/stop")
    work(desk)
    with desk.session() as session:
        (row,) = session.scalars(select(TenantExport)).all()
        assert (row.state, row.parts, row.halves) == (ExportState.STOPPED, [], None)


def test_an_export_is_asked_for_once_at_a_time(desk: Desk) -> None:
    asks(desk)
    dewi = desk.staff(desk.cast.dewi)
    page = dewi.get("/desk/export")
    token = page.form("/export/stop").one("input", name="csrf_token").attributes["value"]
    answer = dewi.client.post(f"{dewi.base}/desk/export/ask", data=given(FIRST, csrf_token=token))
    assert answer.status_code == 422
    assert "Er is al om gevraagd." in answer.text


def test_it_is_removed_after_thirty_days(desk: Desk) -> None:
    asks(desk)
    agrees(desk)
    work(desk)
    platform, tenant_id = platform_of(desk), desk.organisation.id
    with desk.session() as session:
        (row,) = session.scalars(select(TenantExport)).all()
        (part,) = row.parts
        platform.files.sweep(session, tenant_id, datetime.now(UTC) + timedelta(days=29))
        assert platform.files.store.get(tenant_id, part)
        platform.files.sweep(session, tenant_id, datetime.now(UTC) + timedelta(days=31))
        assert session.scalars(select(TenantExport.id)).all() == []
    with pytest.raises(NotFound):
        platform.files.store.get(tenant_id, part)
