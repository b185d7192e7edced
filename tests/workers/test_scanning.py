"""Files are held until a real clamd looked at them; what it finds is removed, and nothing is let go without it."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from sqlalchemy import select, text

from production.stand_ins import EICAR
from tests.cases.conftest import FRIDAY, Office
from tests.workers.conftest import Mailbox, free_port, select_a_moment
from tests.workers.test_dossiers import work
from weerklank.assembly import Platform
from weerklank.cases.act import Refused
from weerklank.cases.doors import UploadedFile
from weerklank.cases.status import status_view
from weerklank.cases.view import CaseView, case_view
from weerklank.correspondence.inbound.imap import Fetched
from weerklank.correspondence.inbound.inbox import join
from weerklank.correspondence.inbound.inbox import opened as opened_mail
from weerklank.correspondence.inbound.taking import take_in
from weerklank.doctor.findings import Sort
from weerklank.doctor.quick import look_quickly
from weerklank.documents import scanner as scanners
from weerklank.documents.dossier.contents import Choice, staff_contents
from weerklank.documents.files import SCAN, Files
from weerklank.documents.model import Document, Scan
from weerklank.documents.scanner import NotScannable, Scanner, ScannerAway
from weerklank.identity.model import Person
from weerklank.identity.people import make_admin
from weerklank.kernel.outbox import Outbox
from weerklank.kernel.settings import ROOT
from weerklank.policy.events import Actor, ActorKind
from weerklank.workers.scanning import ask_to_scan

PDF = b"%PDF-1.7\n% een brief\n"


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scanner]:
    """The scanner of this machine with the settings of production and one signature of our own."""
    folder, port = tmp_path_factory.mktemp("clamd"), free_port()
    what = ["scanner", str(ROOT / "deploy" / "clamd.conf"), str(folder), str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", "production.stand_ins", *what], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    scanner = Scanner(f"tcp://127.0.0.1:{port}")
    for _ in range(600):
        if scanner.answers():
            break
        assert process.poll() is None
        select_a_moment()
    assert Scanner(f"unix:{folder / 'clamd.sock'}").answers()
    yield scanner
    process.kill()
    process.wait()


@dataclass
class Desk:
    """An organisation whose files go by a scanner, and what one sees of them."""

    office: Office
    platform: Platform

    @property
    def files(self) -> Files:
        return self.platform.files

    def receive(self, name: str, data: bytes) -> UUID:
        case_id = self.office.receive(files=[UploadedFile(name, data)]).case_id
        self.office.session.commit()
        return case_id

    def scan(self, now: datetime = FRIDAY) -> None:
        work(self.office, self.platform, SCAN)

    def document(self, case_id: UUID) -> Document:
        self.office.session.expire_all()
        return self.office.session.scalars(select(Document).where(Document.case_id == case_id)).one()

    def read(self, case_id: UUID) -> bytes:
        row, tenant_id = self.document(case_id), self.office.tenant_id
        return self.files.read(self.office.session, self.platform.keyring, tenant_id, case_id, row.id).data

    def seen(self, case_id: UUID) -> tuple[str, ...]:
        """What staff and what the complainant see of each file."""
        session, tenant_id = self.office.session, self.office.tenant_id
        view = case_view(session, self.platform.engine, tenant_id, case_id, self.office.eva, "nl", FRIDAY)
        assert isinstance(view, CaseView)
        own = status_view(session, self.platform.engine, tenant_id, case_id, "nl", FRIDAY)
        return (*(each.scan for each in view.files), *own.scans.values())

    def job(self) -> Outbox:
        self.office.session.expire_all()
        return self.office.session.scalars(select(Outbox).where(Outbox.kind == SCAN)).one()


def desk_with(office: Office, platform: Platform, scanner: Scanner | None) -> Desk:
    platform.files.scanner = scanner
    return Desk(office, platform)


@pytest.fixture
def desk(office: Office, platform: Platform, clamd: Scanner) -> Desk:
    return desk_with(office, platform, clamd)


def zipped(inside: dict[str, bytes]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, data in inside.items():
            archive.writestr(name, data)
    return made.getvalue()


DOCX = {"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<Relationships/>", "word/document.xml": b"<w:document/>"}


def test_it_holds_a_file_until_it_was_looked_at(desk: Desk) -> None:
    case_id = desk.receive("brief.pdf", PDF)
    assert desk.seen(case_id) == ("waiting", "waiting")
    with pytest.raises(Refused, match="file_held"):
        desk.read(case_id)
    desk.scan()
    assert desk.seen(case_id) == ("clean", "clean")
    assert desk.read(case_id) == PDF
    assert desk.job().state == "done"


@pytest.mark.parametrize(
    ("name", "data"),
    [("virus.txt", EICAR), ("brief.docx", zipped({**DOCX, "word/media/image1.png": EICAR}))],
    ids=["plain", "in a zip"],
)
def test_it_removes_what_holds_a_virus_and_tells_who_has_to_know(
    desk: Desk, mailbox: Mailbox, name: str, data: bytes
) -> None:
    fred = desk.office.session.get_one(Person, (desk.office.tenant_id, desk.office.fred))
    make_admin(desk.office.session, fred, FRIDAY, None)
    case_id = desk.receive(name, data)
    desk.office.assign(case_id)
    work(desk.office, desk.platform, "deliver_message")
    mailbox.got.clear()
    stored = desk.document(case_id).stored_as
    assert stored
    desk.scan()
    assert desk.seen(case_id) == ("infected", "infected")
    assert list(desk.files.store.names()) == []
    with pytest.raises(Refused, match="file_infected"):
        desk.read(case_id)
    work(desk.office, desk.platform, "deliver_message")
    told = [mail for mail in mailbox.got if "virus" in mail["Subject"]]
    assert len({mail["To"] for mail in told}) == 2
    assert desk.document(case_id).stored_as is None


def test_it_lets_nothing_go_while_the_scanner_is_away_and_goes_on_when_it_is_back(
    office: Office, platform: Platform, clamd: Scanner
) -> None:
    desk = desk_with(office, platform, Scanner(f"tcp://127.0.0.1:{free_port()}"))
    case_id = desk.receive("brief.pdf", PDF)
    for _ in range(14):
        office.session.execute(text("UPDATE outbox SET run_at = now() WHERE kind = 'scan' AND state = 'pending'"))
        desk.scan()
        assert desk.seen(case_id) == ("waiting", "waiting")
    job = desk.job()
    assert (job.state, job.attempts, job.error_class) == ("pending", 14, "ScannerAway")
    waits = office.session.scalar(text("SELECT run_at - now() FROM outbox WHERE kind = 'scan'"))
    assert timedelta() < waits < timedelta(minutes=6)
    with pytest.raises(Refused, match="file_held"):
        desk.read(case_id)
    back = desk_with(office, platform, clamd)
    office.session.execute(text("UPDATE outbox SET run_at = now() WHERE kind = 'scan'"))
    back.scan()
    assert back.seen(case_id) == ("clean", "clean")


def test_it_alarms_when_a_file_waits_longer_than_an_hour(desk: Desk) -> None:
    case_id = desk.receive("brief.pdf", PDF)

    def held(now: datetime) -> list[UUID | None]:
        found = look_quickly(desk.office.session, desk.office.tenant_id, now)
        return [each.case_id for each in found if each.sort is Sort.FILE_HELD]

    assert held(FRIDAY + timedelta(minutes=59)) == []
    assert held(FRIDAY + timedelta(minutes=61)) == [case_id]
    desk.scan()
    assert held(FRIDAY + timedelta(minutes=61)) == []


def test_it_looks_at_what_came_before_there_was_a_scanner(office: Office, platform: Platform, clamd: Scanner) -> None:
    without = desk_with(office, platform, None)
    case_id = without.receive("brief.pdf", PDF)
    assert without.seen(case_id) == ("unseen", "unseen")
    assert without.read(case_id) == PDF
    ask_to_scan(without.platform, office.tenant_id, FRIDAY)
    assert without.document(case_id).scan == Scan.UNSEEN
    desk = desk_with(office, platform, clamd)
    assert desk.seen(case_id) == ("waiting", "waiting")
    with pytest.raises(Refused, match="file_held"):
        desk.read(case_id)
    ask_to_scan(desk.platform, office.tenant_id, FRIDAY)
    ask_to_scan(desk.platform, office.tenant_id, FRIDAY)
    desk.scan()
    assert desk.seen(case_id) == ("clean", "clean")


def test_it_leaves_a_file_to_a_person_that_the_scanner_cannot_open_far_enough(
    office: Office, platform: Platform, clamd: Scanner
) -> None:
    with pytest.raises(NotScannable):
        clamd.finds(bytes(28 * 1024 * 1024))  # more than StreamMaxLength
    nested = EICAR
    for level in range(14):  # more than MaxRecursion
        nested = zipped({f"{level}.zip": nested})
    with pytest.raises(NotScannable):
        clamd.finds(nested)
    desk = desk_with(office, platform, clamd)
    case_id = desk.receive("brief.docx", zipped({**DOCX, "word/embeddings/a.bin": nested}))
    desk.scan()
    assert desk.seen(case_id) == ("waiting", "waiting")
    job = desk.job()
    assert (job.state, job.error_class) == ("dead", "NotScannable")


def test_it_waits_for_a_silent_scanner_no_longer_than_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanners, "SECONDS", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        silent = Scanner(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(ScannerAway):
            silent.finds(bytes(20 * 1024 * 1024))
        assert not silent.answers()


def test_it_holds_what_came_by_mail_as_well(desk: Desk) -> None:
    office = desk.office
    case_id = office.receive().case_id
    raw = mail_with(EICAR)
    fetched = Fetched(raw, FRIDAY, len(raw), whole=True)
    row = take_in(
        office.session, office.engine, desk.files, office.tenant_id, "portal", fetched, frozenset(), FRIDAY
    )
    assert row is not None
    _, view = opened_mail(office.session, office.engine.keyring, office.tenant_id, row.id, ["portal"])
    who = Actor(ActorKind.PERSON, office.eva)
    join(office.session, office.engine, desk.files, row, view, case_id, who, FRIDAY)
    office.session.commit()
    assert set(desk.seen(case_id)) == {"waiting"}
    desk.scan()
    assert set(desk.seen(case_id)) == {"infected"}
    assert list(desk.files.store.names()) == []


def mail_with(data: bytes) -> bytes:
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "anna@voorbeeld.example", "Bijlage", "<1@voorbeeld.example>"
    mail.set_content("Zie de bijlage.")
    mail.add_attachment(data, maintype="text", subtype="plain", filename="bewijs.txt")
    return bytes(mail)


def test_it_leaves_held_files_out_of_the_dossier_and_says_so(desk: Desk) -> None:
    case_id = desk.receive("brief.pdf", PDF)
    office = desk.office

    def made() -> tuple[tuple[str, ...], str]:
        contents = staff_contents(
            office.session, office.engine, office.tenant_id, case_id, office.eva, "", Choice("ombudsman"), "nl", FRIDAY
        )
        words = "\n".join(line for section in contents.paper.sections for line in section.paragraphs)
        return tuple(each.name for each in contents.files), words

    names, words = made()
    assert names == ()
    assert "Nog niet op virussen gecontroleerd en daarom niet bijgevoegd: brief.pdf" in words
    desk.scan()
    names, words = made()
    assert names == ("brief.pdf",)
    assert "virus" not in words


def test_it_does_nothing_for_a_case_that_was_destroyed_meanwhile(desk: Desk) -> None:
    case_id = desk.receive("brief.pdf", PDF)
    desk.platform.keyring.destroy_case(desk.office.tenant_id, case_id)
    desk.scan()
    assert desk.job().state == "done"
    desk.files.erase(desk.office.session, desk.office.tenant_id, case_id)
    desk.office.session.commit()
    assert list(desk.files.store.names()) == []
