"""In development without a mail server: the mail that would have gone out, to be read by whoever runs the platform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from flask import Blueprint, abort, render_template

from weerklank.kernel.settings import Settings
from weerklank.web.access import Access, access
from weerklank.web.parts import parts

blueprint = Blueprint("mailbox", __name__, url_prefix="/mail")
FOLDERS = ("new", "cur")
MOST_SHOWN = 200


@dataclass(frozen=True)
class Mail:
    """A mail as it lies in the folder."""

    key: str
    to: str
    sender: str
    subject: str
    at: datetime
    text: str


def is_open(settings: Settings) -> bool:
    """Whether there is such a folder: never where mail really goes out, and never in production."""
    return settings.environment == "development" and settings.smtp_url is None


@blueprint.get("/")
@access(Access.PLATFORM, personal=True)
def inbox() -> str:
    """All of it, newest first."""
    mails = sorted((read(path) for path in paths()), key=lambda mail: mail.at, reverse=True)
    return render_template("mailbox.html", mails=mails[:MOST_SHOWN], mail=None)


@blueprint.get("/<key>")
@access(Access.PLATFORM, personal=True)
def one(key: str) -> str:
    """One of them, as plain text."""
    found = next((path for path in paths() if path.name == key), None)
    return render_template("mailbox.html", mails=[], mail=read(found) if found else abort(404))


def paths() -> Iterator[Path]:
    """The files of the maildir the worker writes."""
    for folder in FOLDERS:
        yield from (parts().settings.var / "mail" / folder).glob("*")


def read(path: Path) -> Mail:
    mail = message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=policy.default)
    body = mail.get_body(("plain",))
    return Mail(
        key=path.name,
        to=str(mail["To"] or ""),
        sender=str(mail["From"] or ""),
        subject=str(mail["Subject"] or ""),
        at=parsedate_to_datetime(str(mail["Date"])),
        text=str(body.get_content()) if body else "",
    )
