"""The ZIP of a file that was made up: an index to open, the same as one PDF, each letter, each file, and tables."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile

from weerklank.documents.dossier.contents import Contents, Enclosed
from weerklank.documents.dossier.paper import Paper, Section, as_html, as_pdf

MOST_BYTES = 300 * 1024 * 1024


class TooLarge(Exception):
    """The files together are more than one bundle holds."""


def bundle(contents: Contents, read: Callable[[Enclosed], tuple[str, bytes]]) -> tuple[bytes, bytes]:
    """The ZIP and the PDF. `read` gives a file's name and bytes, one after the other. Raises TooLarge.

    Every file is named in the index with its SHA-256, so that whoever gets it can see that nothing was changed.
    """
    made, sums, total = BytesIO(), list[tuple[str, str]](), 0
    with ZipFile(made, "w", ZIP_DEFLATED) as zipped:
        for number, enclosed in enumerate(contents.files, 1):
            name, data = read(enclosed)
            path, total = f"files/{number:02}-{_plain(name)}", total + len(data)
            if total > MOST_BYTES:
                raise TooLarge
            zipped.writestr(path, data)
            sums.append((path, hashlib.sha256(data).hexdigest()))
        for number, letter in enumerate(contents.letters, 1):
            words = "\n\n".join((letter.title, letter.meta, *letter.paragraphs))
            zipped.writestr(f"messages/{number:02}-{_plain(letter.title)}.txt", words)
        paper = with_sums(contents.paper, sums)
        for number, section in enumerate(paper.sections, 1):
            if section.rows:
                zipped.writestr(f"tables/{number:02}-{_plain(section.title)}.csv", _csv(section.head, section.rows))
        pdf = as_pdf(paper)
        zipped.writestr("index.html", as_html(paper))
        zipped.writestr("index.pdf", pdf)
    return made.getvalue(), pdf


def with_sums(paper: Paper, sums: list[tuple[str, str]]) -> Paper:
    """The paper with the list of what lies beside it, each file with the number by which it is checked."""
    if not sums:
        return paper
    return replace(paper, sections=(*paper.sections, Section("SHA-256", head=("", "SHA-256"), rows=tuple(sums))))


def _plain(name: str) -> str:
    return re.sub(r"[^\w .()-]", "_", name).strip(" .")[:80] or "file"


def _csv(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table for a spreadsheet, in which nothing that somebody wrote is a formula."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell for cell in row] for row in rows)
    return text.getvalue()
