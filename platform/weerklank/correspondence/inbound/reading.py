"""Understanding a mail: whatever is in it, however broken or hostile, comes out as plain text and files.

Pure. Nothing here raises over what somebody sent: what cannot be read stays empty, and the raw mail is kept anyhow.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses
from enum import StrEnum
from itertools import islice
from typing import TypeVar

import nh3

MOST_PARTS = 200
DEEPEST = 20
LONGEST_TEXT = 100_000
LONGEST_LINE = 300
MOST_ATTACHED = 25
BLOCKS = re.compile(r"(?i)<(br|/p|/div|/li|/tr|/h[1-6]|/blockquote)\b[^>]*>")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
OUR_ID = re.compile(r"<[^<>@\s]{1,100}@[^<>@\s]{1,200}>")
# Where the mail that is answered begins, in the words of the usual programs.
QUOTE = re.compile(
    r"(?im)^\s*(?:(?:op|on) .{5,120}(?:schreef|wrote)\b.*:\s*$|-{2,} ?(?:oorspronkelijk bericht|original message)"
    r"|(?:van|from): .{3,200}\r?\n(?:verzonden|sent|datum|date): )"
)
T = TypeVar("T")


class Sort(StrEnum):
    """mail: written by somebody. automatic: an out-of-office, a list, our own. bounce: one of ours did not arrive.
    too_large: only its head was taken. unreadable: no mail program would make sense of it."""

    MAIL = "mail"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Attached:
    """A file that came along, by the name and sort the sender gave it."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Arrived:
    """A mail as it was understood. `answers` are the Message-IDs it refers to, `failed` those of ours that bounced."""

    sort: Sort
    message_id: str = ""
    sender: str = ""
    name: str = ""
    subject: str = ""
    text: str = ""
    answers: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    attached: tuple[Attached, ...] = ()


def understand(raw: bytes, own: frozenset[str] = frozenset()) -> Arrived:
    """What this mail says. `own` are our own addresses (lower case): what comes from them goes round in circles."""
    mail = _try(lambda: message_from_bytes(raw, policy=default), None)
    if not isinstance(mail, EmailMessage):
        return Arrived(Sort.UNREADABLE, text=_plain(raw.decode("utf-8", "replace")))
    name, sender = _sender(mail)
    leaves: list[EmailMessage] = _try(lambda: list(islice(_leaves(mail), MOST_PARTS)), list[EmailMessage]())
    body = next((leaf for leaf in leaves if _is_text(leaf, "plain")), None)
    body = body or next((leaf for leaf in leaves if _is_text(leaf, "html")), None)
    others = [leaf for leaf in leaves if leaf is not body]
    failed = _bounced(mail, leaves)
    sort = _sort(mail, sender, failed, own)
    readable = sender or body is not None
    return Arrived(
        sort=sort if readable or sort is not Sort.MAIL else Sort.UNREADABLE,
        message_id=_line(mail, "Message-ID"),
        sender=sender,
        name=name,
        subject=_line(mail, "Subject"),
        text=_words(body) if body is not None else ("" if readable else _plain(raw.decode("utf-8", "replace"))),
        answers=tuple(dict.fromkeys(OUR_ID.findall(_long(mail, "In-Reply-To") + " " + _long(mail, "References")))),
        failed=failed,
        attached=tuple(file for leaf in others[:MOST_ATTACHED] if (file := _attached(leaf)).data),
    )


def _try(do: Callable[[], T], otherwise: T) -> T:
    """The standard library's parser raises nearly anything over a mail that is meant to break it."""
    try:
        return do()
    except Exception:
        return otherwise


def _long(mail: EmailMessage, header: str) -> str:
    return CONTROL.sub("", _try(lambda: str(mail.get(header, "")), "")).replace("\n", " ")[:20_000]


def _line(mail: EmailMessage, header: str) -> str:
    return " ".join(_long(mail, header).split())[:LONGEST_LINE]


def _sender(mail: EmailMessage) -> tuple[str, str]:
    found = _try(lambda: getaddresses([_long(mail, "From")]), list[tuple[str, str]]())
    name, address = found[0] if len(found) == 1 else ("", "")
    usable = address.count("@") == 1 and not re.search(r"[\s<>,;\"()]", address)
    return " ".join(name.split())[:120], address.casefold()[:254] if usable else ""


def _leaves(part: Message, depth: int = 0) -> Iterator[EmailMessage]:
    """The parts that hold something; a mail within a mail is a file, not ours to read."""
    children = part.get_payload() if part.is_multipart() else None
    if not isinstance(children, list) or part.get_content_maintype() == "message" or depth >= DEEPEST:
        if isinstance(part, EmailMessage):
            yield part
        return
    for child in children:
        if isinstance(child, Message):
            yield from _leaves(child, depth + 1)


def _is_text(part: EmailMessage, subtype: str) -> bool:
    kind = _try(part.get_content_type, "")
    return kind == f"text/{subtype}" and _try(part.get_content_disposition, None) != "attachment"


def _bytes(part: EmailMessage) -> bytes:
    def read() -> bytes:
        if part.is_multipart():
            return b"\n".join(bytes(each) for each in part.get_payload() if isinstance(each, Message))
        data = part.get_payload(decode=True)
        return data if isinstance(data, bytes) else b""

    return _try(read, b"")


def _words(part: EmailMessage) -> str:
    data = _bytes(part)[: 4 * LONGEST_TEXT]
    charset = _try(lambda: str(part.get_content_charset() or "utf-8"), "utf-8")
    text = _try(lambda: data.decode(charset, "replace"), data.decode("latin-1"))
    return _plain(without_markup(text) if _try(part.get_content_subtype, "") == "html" else text)


def without_markup(text: str) -> str:
    """What a page of HTML says: no element, script or style of it is left."""
    broken = BLOCKS.sub("\n", text)
    bare = nh3.clean(broken, tags=set(), clean_content_tags={"script", "style", "title", "head"})
    return re.sub(r"\n\s*\n\s*\n+", "\n\n", html.unescape(bare))


def _plain(text: str) -> str:
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()[:LONGEST_TEXT]


def _attached(part: EmailMessage) -> Attached:
    kind = _try(part.get_content_type, "application/octet-stream")
    name = _try(lambda: str(part.get_filename() or ""), "")
    usual = {"text/plain": "text.txt", "text/html": "text.html", "message/rfc822": "mail.eml"}
    return Attached(CONTROL.sub("", name)[:200] or usual.get(kind, "file"), kind, _bytes(part))


def _bounced(mail: EmailMessage, leaves: list[EmailMessage]) -> tuple[str, ...]:
    """The Message-IDs of ours that a mail server says it could not deliver for good."""
    if _try(mail.get_content_type, "") != "multipart/report":
        return ()
    reports = [leaf for leaf in leaves if _try(leaf.get_content_type, "") == "message/delivery-status"]
    said = b"\n".join(_bytes(report) for report in reports)
    if not re.search(rb"(?im)^action:\s*failed", said):
        return ()
    kinds = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers")
    heads = b"\n".join(_bytes(leaf)[:20_000] for leaf in leaves if _try(leaf.get_content_type, "") in kinds)
    ids = re.findall(r"(?im)^message-id:\s*(<[^<>\s]{3,300}>)", heads.decode("utf-8", "replace"))
    return tuple(dict.fromkeys(ids))


def _sort(mail: EmailMessage, sender: str, failed: tuple[str, ...], own: frozenset[str]) -> Sort:
    if failed:
        return Sort.BOUNCE
    said = _line(mail, "Auto-Submitted").casefold()
    automatic = (
        said not in ("", "no")
        or _line(mail, "Precedence").casefold() in ("auto_reply", "bulk", "junk", "list")
        or any(_line(mail, header) for header in ("X-Autoreply", "X-Autorespond", "List-Id", "List-Unsubscribe"))
        or _line(mail, "Return-Path") == "<>"
        or _try(mail.get_content_type, "") == "multipart/report"
        or sender in own
    )
    return Sort.AUTOMATIC if automatic else Sort.MAIL


def newly_written(text: str) -> str:
    """What somebody wrote himself in an answer: without the mail he answers. All of it when nothing else is left."""
    begins = QUOTE.search(text)
    own = text[: begins.start()] if begins else text
    lines = [line for line in own.split("\n") if not line.startswith(">")]
    return "\n".join(lines).strip() or text
