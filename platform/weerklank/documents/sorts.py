"""Which files are taken in: by what the bytes say they are, never by what the sender calls them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

import filetype  # type: ignore[import-untyped]  # it comes without types

from weerklank.cases.act import Refused
from weerklank.policy.refusals import Refusal

MOST_BYTES = 15 * 1024 * 1024
MOST_FILES_AT_ONCE = 10
MOST_FILES_IN_A_CASE = 200
LONGEST_NAME = 120
TEXT = "text/plain"
MAIL = "message/rfc822"  # as it arrived by itself; nobody can upload one

# Media type -> the endings a name may have. Nothing a browser or office program runs by itself.
ALLOWED: dict[str, tuple[str, ...]] = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/heic": ("heic", "heif"),
    "image/tiff": ("tif", "tiff"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ("pptx",),
    "application/vnd.oasis.opendocument.text": ("odt",),
    "application/vnd.oasis.opendocument.spreadsheet": ("ods",),
    "audio/mpeg": ("mp3",),
    "audio/mp4": ("m4a",),
    "audio/x-wav": ("wav",),
    "video/mp4": ("mp4",),
    "video/quicktime": ("mov",),
    TEXT: ("txt",),
}


@dataclass(frozen=True)
class Sort:
    """A file that may come in: the name people see and what it really is."""

    name: str
    media_type: str


def sort_of(name: str, data: bytes) -> Sort:
    """What this file is. Refused: `file_empty`, `file_too_large` (more than 15 MiB), `file_not_allowed`."""
    if not data:
        raise refused("file_empty")
    if len(data) > MOST_BYTES:
        raise refused("file_too_large", most=str(MOST_BYTES // 1024**2))
    media_type = _guess(data)
    endings = ALLOWED.get(media_type or "")
    if media_type is None or endings is None:
        raise refused("file_not_allowed")
    return Sort(plain_name(name, endings), media_type)


def refused(code: str, **values: str) -> Refused:
    """The platform's own rules for files."""
    return Refused(Refusal(code, "platform.file", (), values))


def _guess(data: bytes) -> str | None:
    kind = filetype.guess(data)
    if kind is not None:
        return str(kind.mime)
    return TEXT if _is_text(data) else None


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\r\n\t\f\ufeff" for character in text)


def plain_name(name: str, endings: tuple[str, ...]) -> str:
    """The sender's name for a file without folders or odd signs, and with an ending that fits what it is."""
    bare = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    clean = re.sub(r"[^\w .()+,&'-]", "_", bare).strip(" .")
    stem, _, ending = clean.rpartition(".")
    if ending.lower() not in endings:
        stem, ending = clean, endings[0]
    return f"{(stem or 'file')[: LONGEST_NAME - len(ending) - 1]}.{ending}"


def allowed_endings() -> str:
    """The endings a form can name, as `accept` wants them."""
    return ", ".join(f".{ending}" for endings in ALLOWED.values() for ending in endings)
