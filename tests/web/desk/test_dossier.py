"""The pages where a file is made up and found again, and the complaint form as a document."""

from __future__ import annotations

from sqlalchemy import select

from tests.web.desk.conftest import Desk
from weerklank.documents.dossier.asking import MAKE
from weerklank.documents.model import Dossier
from weerklank.kernel.outbox import Outbox


def test_it_asks_for_a_file_and_shows_that_it_is_being_made(desk: Desk) -> None:
    case_id, bram = desk.receive().case_id, desk.staff(desk.cast.bram)
    form = bram.get(f"/desk/cases/{case_id}/dossier")
    assert "Ombudsman van Ergens" in form.text
    refused = bram.send(form, {"to": "other"}, status=422)
    assert "Fill in for whom it is." in " ".join(refused.errors())

    done = bram.send(form, {"to": "ombudsman", "reason": "Zij vroegen erom."})
    assert "The file is being made." in done.text
    assert "It is being made." in done.text
    with desk.session() as session:
        (row,) = session.scalars(select(Dossier)).all()
        assert session.scalars(select(Outbox.args).where(Outbox.kind == MAKE)).all() == [{"dossier": str(row.id)}]
    assert bram.client.get(f"{bram.base}/desk/cases/{case_id}/dossier/{row.id}/zip").status_code == 404


def test_it_shows_nothing_of_it_to_who_may_not_see_the_case(desk: Desk) -> None:
    case_id = desk.receive().case_id
    for who in (desk.cast.els, desk.cast.gijs):
        other = desk.staff(who)
        for path in ("dossier", "form/pdf", "form/docx"):
            assert other.client.get(f"{other.base}/desk/cases/{case_id}/{path}").status_code == 404


def test_it_gives_the_complaint_form_as_a_document(desk: Desk) -> None:
    case_id, bram = desk.receive().case_id, desk.staff(desk.cast.bram)
    for kind, begins in (("pdf", b"%PDF-1.7"), ("docx", b"PK")):
        answer = bram.client.get(f"{bram.base}/desk/cases/{case_id}/form/{kind}")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.data.startswith(begins)
