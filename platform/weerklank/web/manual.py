"""The manual in the product: the pages of `docs/manual`, and beside each page the section that is about it.

A section is a heading of the second level. A line `<!-- help: desk.worklist desk.narrow -->` above it names the pages
it helps with; so page and manual cannot say different things. The manual is in Dutch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, render_template, request, send_from_directory
from markdown_it import MarkdownIt
from markupsafe import Markup

from weerklank.web.access import Access, access
from weerklank.web.texts import STAFF, language

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "manual"
READERS = ("klager", "medewerker", "klachtenfunctionaris", "directie")
LANGUAGE = "nl"
BEGINS = re.compile(r"(?<!-->\n)^(?=(?:<!-- help: [^\n]*\n)?## )", re.M)
HELPS = re.compile(r"<!-- help: ([a-z_. ]+) -->\n")
PICTURE = re.compile(r"!\[([^\]]*)\]\(pictures/([a-z0-9-]+\.png)\)\n?")

blueprint = Blueprint("manual", __name__, url_prefix="/manual")


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it. `pages` are the endpoints it helps with, `place` where to read it whole."""

    title: str
    reader: str
    place: str
    pages: tuple[str, ...]
    text: Markup
    bare: Markup


@dataclass(frozen=True)
class Part:
    """The manual of one of its readers."""

    title: str
    lead: Markup
    sections: tuple[Section, ...]


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(help_here=help_here)


@cache
def part(reader: str) -> Part:
    """The manual of one reader, read once: `# title`, an introduction, and its sections."""
    head, *rest = BEGINS.split((FOLDER / f"{reader}.md").read_text("utf-8"))
    title, _, lead = head.strip().partition("\n")
    return Part(title.removeprefix("# "), rendered(lead), tuple(section(reader, each) for each in rest))


def section(reader: str, written: str) -> Section:
    helps = HELPS.match(written)
    title, _, text = written[helps.end() if helps else 0 :].strip().partition("\n")
    title = title.removeprefix("## ")
    place = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    pages = tuple(helps[1].split()) if helps else ()
    return Section(title, reader, place, pages, rendered(text), rendered(PICTURE.sub("", text)))


def rendered(text: str) -> Markup:
    """Markdown as HTML; what is HTML in it is shown as it was typed."""
    return Markup(MarkdownIt("commonmark", {"html": False}).render(text))  # noqa: S704 - markdown-it escapes all else


@cache
def helps() -> dict[str, Section]:
    """For each page the section that is about it."""
    return {page: one for one in sections() for page in one.pages}


def sections() -> Iterator[Section]:
    for reader in READERS:
        yield from part(reader).sections


def help_here() -> Section | None:
    """The help with this page; none for a complainant who reads another language than it is in."""
    if request.blueprint not in STAFF and language() != LANGUAGE:
        return None
    return helps().get(request.endpoint or "")


@blueprint.get("/")
@blueprint.get(f"/<any({', '.join(READERS)}):reader>")
@access(Access.PUBLIC)
def read(reader: str = READERS[0]) -> str:
    """The manual of one reader, with ways to the others."""
    others = [(each, part(each).title) for each in READERS]
    return render_template("manual.html", part=part(reader), reader=reader, others=others, written=LANGUAGE)


@blueprint.get("/pictures/<name>")
@access(Access.PUBLIC)
def picture(name: str) -> Response:
    """A picture of the manual."""
    return send_from_directory(FOLDER / "pictures", name)
