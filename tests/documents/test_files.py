"""Files: taken in by what they are, sealed where they lie, given back whole."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.cases.conftest import FRIDAY, Office, by
from weerklank.cases import doors
from weerklank.cases.act import Refused
from weerklank.cases.doors import UploadedFile
from weerklank.cases.view import CaseView, case_view
from weerklank.documents.files import Files
from weerklank.documents.sorts import MOST_BYTES, sort_of
from weerklank.documents.store import Folder
from weerklank.kernel.errors import NotFound
from weerklank.policy.events import COMPLAINANT

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + b"geheim plaatje" * 3
PDF = b"%PDF-1.7\n% een brief\n"


def files_of(office: Office) -> Files:
    assert isinstance(office.engine.files, Files)
    return office.engine.files


def view(office: Office, case_id: UUID) -> CaseView:
    shown = case_view(office.session, office.engine, office.tenant.id, case_id, office.eva, "nl", FRIDAY)
    assert isinstance(shown, CaseView)
    return shown


def test_it_takes_files_in_with_the_complaint_and_gives_them_back(office: Office) -> None:
    received = office.receive(files=(UploadedFile("foto.png", PNG), UploadedFile("brief.pdf", PDF)))
    shown = view(office, received.case_id)
    assert [file.name for file in shown.files] == ["foto.png", "brief.pdf"]
    store = files_of(office)
    keyring, tenant_id = office.engine.keyring, office.tenant.id
    download = store.read(office.session, keyring, tenant_id, received.case_id, shown.files[0].id)
    assert (download.data, download.name, download.media_type) == (PNG, "foto.png", "image/png")


def test_it_keeps_nothing_readable_in_the_folder(office: Office) -> None:
    office.receive(files=(UploadedFile("plaatje van Bram.png", PNG),))
    folder = files_of(office).store.folder
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert b"geheim" not in kept[0].read_bytes()
    assert "Bram" not in str(kept[0])


def test_it_gives_a_file_of_one_case_to_no_other(office: Office) -> None:
    received = office.receive(files=(UploadedFile("foto.png", PNG),))
    other = office.receive()
    (file,) = view(office, received.case_id).files
    with pytest.raises(NotFound):
        files_of(office).read(office.session, office.engine.keyring, office.tenant.id, other.case_id, file.id)


def test_it_is_gone_once_the_case_is_erased(office: Office) -> None:
    received = office.receive(files=(UploadedFile("foto.png", PNG),))
    (file,) = view(office, received.case_id).files
    office.engine.keyring.destroy_case(office.tenant.id, received.case_id)
    with pytest.raises(NotFound):
        files_of(office).read(office.session, office.engine.keyring, office.tenant.id, received.case_id, file.id)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("leeg.pdf", b"", "file_empty"),
        ("groot.pdf", PDF.ljust(MOST_BYTES + 1, b"x"), "file_too_large"),
        ("programma.pdf", b"MZ\x90\x00" + bytes(60), "file_not_allowed"),
        ("archief.zip", b"PK\x03\x04" + bytes(60), "file_not_allowed"),
        ("tekst.txt", b"hallo\x00wereld", "file_not_allowed"),
        ("latijn.txt", b"caf\xe9", "file_not_allowed"),
    ],
)
def test_it_refuses_what_it_does_not_take(office: Office, name: str, data: bytes, code: str) -> None:
    with pytest.raises(Refused, match=code) as refused:
        office.receive(files=(UploadedFile(name, data),))
    assert refused.value.refusal.text("nl")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\brieven\\brief.PDF", "brief.PDF"),
        ("foto.exe", "foto.exe.pdf"),
        ("a\nb\"c.pdf", "a_b_c.pdf"),
        ("...", "file.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_it_gives_a_file_a_name_that_does_no_harm(sent: str, kept: str) -> None:
    assert sort_of(sent, PDF).name == kept


def test_it_adds_files_later_and_refuses_them_for_a_closed_case(office: Office) -> None:
    case_id, upload = office.receive().case_id, [UploadedFile("foto.png", PNG)]

    def add(actor: object) -> None:
        doors.keep_files(office.session, office.engine, office.tenant.id, case_id, upload, actor, FRIDAY)  # type: ignore[arg-type]  # an actor

    add(COMPLAINANT)
    add(by(office.eva))
    assert [file.by for file in view(office, case_id).files] == ["de indiener", "Eva"]
    doors.withdraw(office.session, office.engine, office.tenant.id, case_id, FRIDAY)
    with pytest.raises(Refused, match="already_closed"):
        add(COMPLAINANT)
    with pytest.raises(NotFound):
        add(by(office.gijs))


def test_it_sweeps_what_no_case_knows(office: Office, tmp_path: Path) -> None:
    office.receive(files=(UploadedFile("foto.png", PNG),))
    store, tenant_id = files_of(office).store, office.tenant.id
    lost = store.put(tenant_id, b"sealed")
    (store._path(tenant_id, lost).parent / f"{lost}.part").write_bytes(b"half")
    before = datetime.now(UTC) + timedelta(minutes=1)
    assert files_of(office).sweep(office.session, tenant_id, before - timedelta(days=1)) == 0
    assert files_of(office).sweep(office.session, tenant_id, before) == 2
    assert len([path for path in store.folder.rglob("*") if path.is_file()]) == 1


def test_it_writes_a_file_that_only_we_can_read(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "files")
    name = folder.put(UUID(int=1), b"sealed")
    (path,) = (each for each in (tmp_path / "files").rglob("*") if each.is_file())
    assert os.stat(path).st_mode & 0o077 == 0
    assert folder.get(UUID(int=1), name) == b"sealed"
    with pytest.raises(NotFound):
        folder.get(UUID(int=2), name)
