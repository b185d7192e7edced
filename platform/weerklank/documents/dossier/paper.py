"""A document as data: the same paper becomes a page, a PDF that lasts, and a document for a word processor."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Literal
from zipfile import ZIP_DEFLATED, ZipFile

import typst
from markupsafe import Markup

STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]  # lasts in an archive, and can be read out


@dataclass(frozen=True)
class Block:
    """Something with a heading of its own: a letter, a note, something that happened."""

    title: str
    meta: str = ""
    paragraphs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of the paper: words, a table with its head, or blocks."""

    title: str
    paragraphs: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Paper:
    """The whole. `particulars` stand on top, as pairs; `contents` and `page` are its words for these."""

    language: str
    title: str
    organisation: str
    particulars: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    contents: str
    page: str


def as_pdf(paper: Paper) -> bytes:
    """PDF/A-2a and PDF/UA-1 in one, with a list of contents. What people wrote is text in it and never a command."""
    compiler = typst.Compiler(_template(), ignore_system_fonts=True, sys_inputs={"paper": json.dumps(asdict(paper))})
    made = compiler.compile(format="pdf", pdf_standards=[*STANDARDS])
    assert isinstance(made, bytes)
    return made


@cache
def _template() -> bytes:
    return files(__package__).joinpath("paper.typ").read_bytes()


def as_html(paper: Paper) -> str:
    """One page by itself: nothing from outside, no script; every section can be gone to from the top."""
    numbered = list(enumerate(paper.sections, 1))
    links = Markup("").join(Markup('<li><a href="#s{}">{}</a></li>').format(n, each.title) for n, each in numbered)
    one = Markup('<section id="s{}"><h2>{}</h2>{}</section>')
    sections = Markup("").join(one.format(number, each.title, _section(each)) for number, each in numbered)
    return Markup(
        '<!doctype html>\n<html lang="{}"><head><meta charset="utf-8"><title>{}</title><style>{}</style></head>'
        "<body><main><p>{}</p><h1>{}</h1>{}<nav><h2>{}</h2><ol>{}</ol></nav>{}</main></body></html>\n"
    ).format(
        paper.language, paper.title, STYLE, paper.organisation, paper.title, _pairs(paper.particulars), paper.contents,
        links, sections,
    )  # fmt: skip


STYLE = Markup(
    "body{font:1rem/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}p,dd{white-space:pre-line}"
    "table{border-collapse:collapse}td,th{border:1px solid #777;padding:.3rem .5rem;text-align:left;vertical-align:top}"
    "dt{font-weight:bold}article{border-top:1px solid #777}"
)


def _pairs(pairs: tuple[tuple[str, str], ...]) -> Markup:
    return Markup("<dl>{}</dl>").format(
        Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in pairs)
    )


def _section(section: Section) -> Markup:
    said = Markup("").join(Markup("<p>{}</p>").format(each) for each in section.paragraphs)
    blocks = (
        Markup("<article><h3>{}</h3><p><small>{}</small></p>{}</article>").format(
            each.title, each.meta, Markup("").join(Markup("<p>{}</p>").format(words) for words in each.paragraphs)
        )
        for each in section.blocks
    )
    return said + (_table(section) if section.rows else Markup("")) + Markup("").join(blocks)


def _table(section: Section) -> Markup:
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(each) for each in section.head)
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row))
        for row in section.rows
    )
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, rows)


def as_docx(paper: Paper) -> bytes:
    """The plainest document a word processor opens: headings, paragraphs and tables."""
    body = Markup("").join([
        _line(paper.organisation), _line(paper.title, "Title"),
        *(_line(f"{name}: {value}") for name, value in paper.particulars),
        *(part for section in paper.sections for part in _docx_section(section)),
    ])  # fmt: skip
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as zipped:
        zipped.writestr("[Content_Types].xml", TYPES)
        zipped.writestr("_rels/.rels", RELATIONS)
        zipped.writestr("word/document.xml", DOCUMENT.format(body))
    return made.getvalue()


def _docx_section(section: Section) -> list[Markup]:
    parts = [_line(section.title, "Heading1"), *(_line(each) for each in section.paragraphs)]
    if section.rows:
        every = (section.head, *section.rows)
        rows = (Markup("<w:tr>{}</w:tr>").format(Markup("").join(map(_cell, row))) for row in every)
        parts.append(Markup("<w:tbl><w:tblPr/><w:tblGrid/>{}</w:tbl>").format(Markup("").join(rows)))
    for block in section.blocks:
        parts += [_line(block.title, "Heading2"), _line(block.meta), *(_line(words) for words in block.paragraphs)]
    return parts


def _cell(text: str) -> Markup:
    return Markup("<w:tc>{}</w:tc>").format(_line(text))


def _line(text: str, style: str = "") -> Markup:
    """A paragraph; the lines in it stay lines."""
    plain = "".join(each for each in text if each.isprintable() or each in "\n\t")
    runs = Markup("<w:br/>").join(Markup('<w:t xml:space="preserve">{}</w:t>').format(one) for one in plain.split("\n"))
    looks = HEADS.get(style, Markup(""))
    return Markup("<w:p><w:pPr>{}</w:pPr><w:r>{}{}</w:r></w:p>").format(
        Markup('<w:outlineLvl w:val="{}"/>').format(LEVELS[style]) if style else "", looks, runs
    )


LEVELS = {"Title": 0, "Heading1": 1, "Heading2": 2}
HEADS = {
    style: Markup('<w:rPr><w:b/><w:sz w:val="{}"/></w:rPr>').format(size)
    for style, size in (("Title", 36), ("Heading1", 28), ("Heading2", 24))
}
TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="word/document.xml"/></Relationships>'
)
DOCUMENT = Markup(
    '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/'
    '2006/main"><w:body>{}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>'
)
