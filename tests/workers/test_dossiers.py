"""The file of a case made up by a worker: what its maker sees, less what its reader may not, and only for its maker."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from tests.cases.conftest import FRIDAY, Office, by
from weerklank.assembly import Platform
from weerklank.cases.act import Refused, open_case, read_words
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.involve import Involve
from weerklank.cases.actions.record import Note
from weerklank.cases.doors import UploadedFile, keep_files
from weerklank.documents.dossier import asking, contents
from weerklank.documents.dossier.contents import PARTS, USUAL, Choice, kept_from, staff_contents
from weerklank.documents.dossier.paper import as_docx
from weerklank.documents.model import Dossier, DossierState
from weerklank.kernel.errors import NotFound
from weerklank.kernel.outbox import Outbox
from weerklank.policy.events import COMPLAINANT, Kind
from weerklank.workers.jobs import run_job

OMBUDSMAN = Choice("ombudsman")


@pytest.fixture
def case_id(office: Office, platform: Platform) -> UUID:
    """A case with a note, a file and an acknowledgement that went out."""
    received = office.receive(contact={"name": "Anna de Wit", "email": "anna@voorbeeld.example"})
    office.do(received.case_id, Complete("acknowledge", text="Wij gaan ermee aan de slag."), office.eva)
    office.do(received.case_id, Note("Alleen voor ons."), office.eva)
    files = [UploadedFile("bon.pdf", b"%PDF-1.7 bon")]
    keep_files(office.session, office.engine, office.tenant_id, received.case_id, files, COMPLAINANT, FRIDAY)
    office.session.commit()
    work(office, platform, "deliver_message")
    return received.case_id


def work(office: Office, platform: Platform, kind: str) -> None:
    office.session.commit()
    waiting = select(Outbox.id).where(Outbox.kind == kind, Outbox.state == "pending")
    for job_id in office.session.scalars(waiting).all():
        run_job(platform, office.tenant_id, job_id, FRIDAY)
    office.session.expire_all()


def made(
    office: Office, platform: Platform, case_id: UUID, choice: Choice = OMBUDSMAN, who: UUID | None = None
) -> tuple[UUID, dict[str, bytes]]:
    actor = by(who or office.eva)
    dossier_id = asking.ask_for(
        office.session, office.engine, office.tenant_id, case_id, choice, "", "De ombudsman vroeg erom.", "nl", actor,
        FRIDAY,
    )  # fmt: skip
    work(office, platform, asking.MAKE)
    return dossier_id, read(office, platform, case_id, dossier_id, who or office.eva)


def read(
    office: Office, platform: Platform, case_id: UUID, dossier_id: UUID, person: UUID | None
) -> dict[str, bytes]:
    found = asking.read(
        office.session, platform.keyring, platform.files, office.tenant_id, case_id, dossier_id, person, asking.ZIP, "X"
    )
    with ZipFile(BytesIO(found.data)) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def test_it_holds_the_complaint_letters_files_terms_and_what_happened(
    office: Office, platform: Platform, case_id: UUID
) -> None:
    _, inside = made(office, platform, case_id)

    index = inside["index.html"].decode()
    for expected in ("Het gesprek ging helemaal mis.", "Ombudsman van Ergens", "Anna de Wit", "besluiten", "bon.pdf"):
        assert expected in index
    assert inside["files/01-bon.pdf"] == b"%PDF-1.7 bon"
    letters = [words for name, words in inside.items() if name.startswith("messages/")]
    assert any(b"Wij gaan ermee aan de slag." in words for words in letters)
    assert inside["index.pdf"].startswith(b"%PDF-1.7")
    assert "Alleen voor ons." not in index


def test_it_takes_notes_along_only_when_somebody_says_so_and_leaves_out_what_is_chosen(
    office: Office, platform: Platform, case_id: UUID
) -> None:
    _, with_notes = made(office, platform, case_id, Choice("ombudsman", frozenset(PARTS)))
    assert "Alleen voor ons." in with_notes["index.html"].decode()

    every = frozenset(contents.Enclosed(each.id, "").id for each in view_files(office, case_id))
    _, without = made(office, platform, case_id, Choice("ombudsman", USUAL - {"messages"}, every))
    assert not any(name.startswith(("files/", "messages/")) for name in without)


def view_files(office: Office, case_id: UUID) -> tuple[contents.Enclosed, ...]:
    return staff_contents(
        office.session, office.engine, office.tenant_id, case_id, office.eva, "", OMBUDSMAN, "nl", FRIDAY
    ).files


def test_it_says_in_the_trail_who_made_it_for_whom(office: Office, platform: Platform, case_id: UUID) -> None:
    dossier_id, _ = made(office, platform, case_id)
    opened = open_case(office.session, office.tenant_id, case_id, FRIDAY)
    event = read_words(office.engine, office.tenant_id, opened)[-1]
    assert (event.kind, event.actor.id, event.open["dossier"]) == (Kind.DOSSIER_MADE, office.eva, str(dossier_id))
    assert event.open["reader"] == "ombudsman"
    assert "De ombudsman vroeg erom." in str(event.sealed)


def test_it_shows_how_far_it_is_and_finds_it_again_for_its_maker_only(
    office: Office, platform: Platform, case_id: UUID
) -> None:
    dossier_id, _ = made(office, platform, case_id)
    (mine,) = asking.asked(office.session, platform.keyring, office.tenant_id, case_id, office.eva)
    assert (mine.state, mine.done, mine.total) == (DossierState.READY, 1, 1)
    assert asking.asked(office.session, platform.keyring, office.tenant_id, case_id, office.fred) == ()
    for other in (office.fred, None):
        with pytest.raises(NotFound):
            read(office, platform, case_id, dossier_id, other)


def test_it_is_sealed_where_it_lies(office: Office, platform: Platform, case_id: UUID) -> None:
    made(office, platform, case_id)
    row = office.session.scalars(select(Dossier)).one()
    for name in (row.zip_as, row.pdf_as):
        assert name is not None
        stored = platform.files.store.get(office.tenant_id, name)
        assert not stored.startswith((b"PK", b"%PDF"))
        assert platform.files.sweep(office.session, office.tenant_id, FRIDAY) == 0
        assert platform.files.store.get(office.tenant_id, name) == stored


@pytest.mark.parametrize("who", ["bram", "gijs"])
def test_it_makes_nothing_for_who_is_involved_or_has_no_part(
    office: Office, platform: Platform, case_id: UUID, who: str
) -> None:
    with pytest.raises((NotFound, Refused)):
        made(office, platform, case_id, who=getattr(office, who))


def test_it_makes_nothing_for_who_was_walled_off_after_he_asked(
    office: Office, platform: Platform, case_id: UUID
) -> None:
    asking.ask_for(
        office.session, office.engine, office.tenant_id, case_id, OMBUDSMAN, "", "Reden.", "nl", by(office.eva), FRIDAY
    )
    office.do(case_id, Involve(office.eva, "involved", "Zij was erbij."), office.eva)
    work(office, platform, asking.MAKE)
    row = office.session.scalars(select(Dossier)).one()
    assert (row.state, row.zip_as) == (DossierState.FAILED, None)


def test_it_leaves_out_what_the_procedure_keeps_from_its_reader(
    office: Office, platform: Platform, case_id: UUID
) -> None:
    opened = open_case(office.session, office.tenant_id, case_id, FRIDAY)
    policy = opened.world.policy
    kept = replace(policy.messages["acknowledgement"], visible=("quality_officer", "complainant"))
    world = replace(opened.world, policy=replace(policy, messages={**policy.messages, "acknowledgement": kept}))

    closed_off = kept_from(replace(opened, world=world), "ombudsman")

    sent = [seq for seq, event in enumerate(opened.stored, 1) if event.kind == "sent"]
    assert closed_off == frozenset(sent)
    assert kept_from(replace(opened, world=world), "complainant") == frozenset()
    assert kept_from(opened, "ombudsman") == frozenset()


def test_it_gives_the_complainant_a_copy_of_what_is_his(office: Office, platform: Platform, case_id: UUID) -> None:
    dossier_id = asking.ask_for_own(
        office.session, office.engine, office.tenant_id, case_id, "nl", COMPLAINANT, FRIDAY
    )
    work(office, platform, asking.MAKE)
    inside = read(office, platform, case_id, dossier_id, None)
    index = inside["index.html"].decode()
    assert "Het gesprek ging helemaal mis." in index
    assert "Alleen voor ons." not in index
    assert "Eva" not in index
    assert inside["files/01-bon.pdf"] == b"%PDF-1.7 bon"
    assert any(b"Wij gaan ermee aan de slag." in words for name, words in inside.items() if "messages" in name)


def test_it_goes_with_the_case_when_that_is_destroyed(office: Office, platform: Platform, case_id: UUID) -> None:
    made(office, platform, case_id)
    platform.files.erase(office.session, office.tenant_id, case_id)
    assert office.session.scalars(select(Dossier)).all() == []
    assert [path for path in platform.files.store.folder.rglob("*") if path.is_file()] == []


@pytest.mark.clause("SVD-art1.formulier")
def test_it_makes_the_complaint_form_of_every_contact_and_step_with_its_author(
    office: Office, platform: Platform, case_id: UUID
) -> None:
    parts = frozenset({"facts", "course", "notes", "terms", "measures", "files"})
    form = staff_contents(
        office.session, office.engine, office.tenant_id, case_id, office.eva, "", Choice("", parts), "nl", FRIDAY,
        form=True,
    ).paper  # fmt: skip
    assert form.title == "Klachtenformulier ANN-2026-0001"
    said = {block.title: block for section in form.sections for block in section.blocks}
    assert "Eva" in said["Notitie"].meta
    assert said["Notitie"].paragraphs == ("Alleen voor ons.",)
    assert any(title.startswith("Verstuurd: ontvangstbevestiging") for title in said)
    with ZipFile(BytesIO(as_docx(form))) as zipped:
        document = zipped.read("word/document.xml").decode()
    order = ["Klacht ontvangen", "Verstuurd: ontvangstbevestiging", "Bestand toegevoegd"]
    assert sorted(order, key=document.index) == order
