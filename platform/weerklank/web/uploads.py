"""Files that came along with a form: their names there and their bytes, not looked at yet."""

from __future__ import annotations

from flask import request

from weerklank.cases.doors import UploadedFile
from weerklank.documents.sorts import MOST_BYTES

LONGEST_NAME = 200


def uploads(field: str = "file", fact: str = "") -> list[UploadedFile]:
    """The files of one field; `fact` names the question they answer, if any."""
    return [
        UploadedFile((upload.filename or "")[-LONGEST_NAME:], upload.read(MOST_BYTES + 1), fact)
        for upload in request.files.getlist(field)
        if upload.filename
    ]


def names_of(files: list[UploadedFile]) -> str:
    """Their names, a line each: what a fact of type file holds."""
    return "\n".join(file.name for file in files)
