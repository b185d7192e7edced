"""What a back-up says of itself: its parts with sizes and hashes, what is in it, and a keyed hash over all that.

A set is a folder with a manifest; one without is unfinished. Sets of the work's data and sets of keys have a folder
of their own each: whoever has both and the master key can read everything, also what was erased since.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from weerklank.kernel.errors import BadSurroundings

DATA, KEYS = "data", "keys"
FORMAT = 1
MANIFEST = "manifest.json"
UNFINISHED = ".unfinished"
CHUNK = 1 << 20


class Damaged(BadSurroundings):
    """A back-up that cannot be trusted: its text says what is wrong with it."""


@dataclass
class Manifest:
    """What is in a set. `schema` is the version of the tables, `rows` counts each table, `about` is the kind's own."""

    kind: str
    made_at: str
    schema: str
    rows: dict[str, int]
    about: dict[str, int] = field(default_factory=dict)
    parts: dict[str, list[int | str]] = field(default_factory=dict)  # name -> size, SHA-256
    format: int = FORMAT


@contextmanager
def new_set(root: Path, kind: str, now: datetime) -> Iterator[Path]:
    """A folder to write a set into; under its own name only when all of it is there."""
    refuse_beside_other(root, kind)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{kind}-{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}"
    fresh = root / f"{name}{UNFINISHED}"
    fresh.mkdir(mode=0o700)
    try:
        yield fresh
        if not (fresh / MANIFEST).is_file():
            raise Damaged("the back-up was not finished")
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    fresh.rename(root / name)
    sync_folder(root)


def refuse_beside_other(root: Path, kind: str) -> None:
    """Keys and what they open never lie in one folder, nor one inside the other's."""
    other = KEYS if kind == DATA else DATA
    near = [root, *root.resolve().parents]
    below = [folder for folder in root.glob("*") if folder.is_dir()] if root.is_dir() else []
    for folder in (*near, *below):
        if next(folder.glob(f"{other}-*/{MANIFEST}"), None):
            raise BadSurroundings(
                f"{folder} holds back-ups of the {other}; keys and data must lie apart, so choose another folder."
            )


def sets(root: Path, kind: str) -> list[Path]:
    """The finished sets of a folder, the oldest first."""
    return sorted(place.parent for place in root.glob(f"{kind}-*/{MANIFEST}") if place.parent.suffix != UNFINISHED)


def newest(root: Path, kind: str) -> Path:
    """The newest set of a folder, or the folder itself if it is one. Raises BadSurroundings."""
    if (root / MANIFEST).is_file():
        return root
    found = sets(root, kind)
    if not found:
        raise BadSurroundings(f"There is no finished back-up of {kind} in {root}.")
    return found[-1]


def remove_older(root: Path, kind: str, now: datetime, days: int) -> int:
    """Remove the sets made more than so many days ago, but never the newest; answers how many."""
    gone = [each for each in sets(root, kind)[:-1] if made_at(each) < now - timedelta(days=days)]
    for each in gone:
        (each / MANIFEST).unlink()  # from here on it is no set any more
        shutil.rmtree(each)
    return len(gone)


def made_at(place: Path) -> datetime:
    return datetime.strptime(place.name.split("-")[1], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)


def finish(place: Path, manifest: Manifest, audit_key: bytes) -> None:
    """Hash every part in the folder and write the manifest, to the disk."""
    for part in sorted(each for each in place.rglob("*") if each.is_file()):
        manifest.parts[part.relative_to(place).as_posix()] = [part.stat().st_size, sha256_of(part)]
        sync(part)
    content = asdict(manifest)
    whole = content | {"mac": mac_of(content, audit_key)}
    (place / MANIFEST).write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    sync(place / MANIFEST)
    sync_folder(place)


def read(place: Path, kind: str, audit_keys: Sequence[bytes]) -> Manifest:
    """The manifest of a set, proven, with every part as it was written. Raises Damaged."""
    content = as_json(place)
    mac = str(content.pop("mac", ""))
    if not any(hmac.compare_digest(mac, mac_of(content, key)) for key in audit_keys):
        raise Damaged(f"{place}: the manifest is not what was written, or by an installation with another AUDIT_KEY.")
    if content["format"] != FORMAT:
        raise Damaged(f"{place}: made in format {content['format']}, which this program does not know.")
    manifest = Manifest(**content)
    if manifest.kind != kind:
        raise Damaged(f"{place}: this is a back-up of {manifest.kind}, not of {kind}.")
    for name, (size, digest) in manifest.parts.items():
        prove(place / name, int(size), str(digest))
    return manifest


def as_json(place: Path) -> dict[str, Any]:
    try:
        content = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Damaged(f"{place}: there is no {MANIFEST}, so this is no finished back-up.") from None
    except (ValueError, UnicodeDecodeError):
        raise Damaged(f"{place}: {MANIFEST} cannot be read.") from None
    if not isinstance(content, dict):
        raise Damaged(f"{place}: {MANIFEST} cannot be read.")
    return content


def prove(part: Path, size: int, digest: str) -> None:
    """Raises Damaged if a part is not there, not whole, or not what was written."""
    if not part.is_file():
        raise Damaged(f"{part} is missing.")
    if part.stat().st_size != size:
        raise Damaged(f"{part} is {part.stat().st_size} bytes, and was {size}.")
    if sha256_of(part) != digest:
        raise Damaged(f"{part} was changed: its SHA-256 is another.")


def mac_of(content: object, audit_key: bytes) -> str:
    purpose = hmac.digest(audit_key, b"back-up", hashlib.sha256)
    signed = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(purpose, signed, hashlib.sha256).hex()


def sha256_of(part: Path) -> str:
    with part.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sync(part: Path) -> None:
    with part.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
