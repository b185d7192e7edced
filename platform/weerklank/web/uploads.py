"""How much may come along with a form, by what it is for; and the files that did, not looked at yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException

from weerklank.cases.doors import UploadedFile
from weerklank.documents.sorts import MOST_BYTES

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MOST_WITH_FILES = 26 * 1024 * 1024  # of one request, its files included
MOST_WITHOUT = 1024 * 1024
LONGEST_NAME = 200
MARK = "takes_files"

View = TypeVar("View", bound=Callable[..., Any])


def takes_files(view: View) -> View:
    """Say of a view that files come along with its form. Every other takes a small form only."""
    setattr(view, MARK, True)
    return view


def most_bytes(app: Flask, environ: WSGIEnvironment) -> int:
    """The largest body that this request may have, before anything of it is read."""
    try:
        endpoint, _ = app.url_map.bind_to_environ(environ).match()
    except HTTPException:
        return MOST_WITHOUT
    return most_of(app, endpoint)


def most_of(app: Flask, endpoint: str | None) -> int:
    return MOST_WITH_FILES if getattr(app.view_functions.get(endpoint or ""), MARK, False) else MOST_WITHOUT


def limit_body() -> None:
    """Before everything else of a request: hold its form to the same."""
    request.max_content_length = most_of(current_app, request.endpoint)


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
