"""A paper becomes a page, a PDF and a word processor's document; what people wrote is never more than text in any."""

from __future__ import annotations

import subprocess
from io import BytesIO
from uuid import UUID
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from weerklank.documents.dossier.bundle import bundle
from weerklank.documents.dossier.contents import Contents, Enclosed
from weerklank.documents.dossier.paper import Block, Paper, Section, as_docx, as_html, as_pdf

HOSTILE = '#panic("x") <script>alert(1)</script> $x$ *vet* @bron \\ "aan" = kop\nDe tweede regel.'


@pytest.fixture
def paper() -> Paper:
    return Paper(
        language="nl",
        title="Dossier ANN-2026-0001",
        organisation="Organisatie",
        particulars=(("Kenmerk", "ANN-2026-0001"), ("Gemaakt voor", "Ombudsman van Ergens")),
        sections=(
            Section("De klacht", (HOSTILE,)),
            Section("Termijnen", head=("Termijn", "Laatste dag"), rows=(("besluiten", "17 april 2026"), (HOSTILE, ""))),
            Section("Berichten", blocks=(Block("Uw klacht", "aan klager", ("Wij hebben uw klacht.",)),)),
        ),
        contents="Inhoud",
        page="bladzijde",
    )


def words_of(pdf: bytes) -> str:
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return read.stdout.decode()


def test_it_makes_a_pdf_that_lasts_with_all_words_and_a_list_of_contents(paper: Paper) -> None:
    pdf = as_pdf(paper)
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    words = words_of(pdf)
    for expected in ("Inhoud", "Ombudsman van Ergens", "<script>alert(1)</script>", "*vet*", "De tweede regel."):
        assert expected in words


def test_it_makes_a_page_that_runs_nothing_and_loads_nothing(paper: Paper) -> None:
    page = as_html(paper)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert 'href="#s3"' in page
    assert "http" not in page


def test_it_makes_a_document_that_a_word_processor_reads(paper: Paper) -> None:
    with ZipFile(BytesIO(as_docx(paper))) as zipped:
        assert zipped.testzip() is None
        tree = ElementTree.fromstring(zipped.read("word/document.xml"))  # noqa: S314 - we made it ourselves
    said = "".join(tree.itertext())
    assert "Wij hebben uw klacht." in said
    assert "<script>alert(1)</script>" in said


def test_it_bundles_an_index_the_letters_the_files_and_the_tables(paper: Paper) -> None:
    letters = (Block("Uw klacht", "aan klager", ("Wij hebben uw klacht.",)),)
    contents = Contents(paper, letters, (Enclosed(UUID(int=1), "../../bon.pdf"),))
    zipped, pdf = bundle(contents, lambda enclosed: (enclosed.name, b"%PDF-1.7 bon"))

    with ZipFile(BytesIO(zipped)) as opened:
        names = opened.namelist()
        assert opened.read("index.pdf") == pdf
        assert b"Wij hebben uw klacht." in opened.read("messages/01-Uw klacht.txt")
        table = opened.read("tables/02-Termijnen.csv").decode()
    assert names[0] == "files/01-_.._bon.pdf"
    assert {"index.html", "index.pdf"} <= set(names)
    assert not any(".." in name.split("/") or name.startswith("/") for name in names)
    assert "besluiten,17 april 2026" in table
    assert "SHA-256" in words_of(pdf)


def test_it_lets_no_cell_of_a_table_be_a_formula(paper: Paper) -> None:
    harmful = Paper("nl", "x", "y", (), (Section("T", head=("a",), rows=(("=1+1",),)),), "c", "p")
    zipped, _ = bundle(Contents(harmful, (), ()), lambda enclosed: ("", b""))
    with ZipFile(BytesIO(zipped)) as opened:
        assert "'=1+1" in opened.read("tables/01-T.csv").decode()
