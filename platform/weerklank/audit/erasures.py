"""The ledger of what was destroyed: a file outside the database and outside every back-up, only ever added to.

A line is written before the key of a case is thrown away: the moment, the organisation's id, the case's id, and a
keyed hash over those. Whoever puts a back-up back replays it, so that what was erased since stays erased.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from weerklank.kernel.errors import BadSurroundings

NAME = "erased.log"


def begin(folder: Path) -> None:
    """Have a ledger, be it empty: one that is not there later is lost, and a restore asks for it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / NAME).touch(mode=0o600)


def note_erased(folder: Path, audit_key: bytes, tenant_id: UUID, case_id: UUID, now: datetime) -> None:
    """Write down, to the disk, that this case is about to be destroyed. Twice does no harm."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    said = f"{now.astimezone(UTC).isoformat()} {tenant_id} {case_id}"
    with (folder / NAME).open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = os.fstat(file.fileno()).st_size
        torn = size > 0 and os.pread(file.fileno(), 1, size - 1) != b"\n"
        file.write((b"\n" if torn else b"") + f"{said} {_mac(audit_key, said)}\n".encode())
        file.flush()
        os.fsync(file.fileno())


def erased(ledger: Path, audit_keys: Sequence[bytes]) -> set[tuple[UUID, UUID]]:
    """The cases (organisation, case) that were destroyed. Raises BadSurroundings for a line that is not ours.

    Half a line, as a crash leaves it, stands for a case whose key was not thrown away yet: it comes again.
    """
    found = set()
    for number, line in enumerate(ledger.read_text(encoding="ascii", errors="replace").split("\n"), 1):
        words = line.split(" ")
        if len(words) != 4 or len(words[3]) != 2 * hashlib.sha256().digest_size:
            continue
        said = " ".join(words[:3])
        if not any(hmac.compare_digest(words[3], _mac(key, said)) for key in audit_keys):
            raise BadSurroundings(f"Line {number} of {ledger} is not what was written, or by another AUDIT_KEY.")
        found.add((UUID(words[1]), UUID(words[2])))
    return found


def _mac(audit_key: bytes, said: str) -> str:
    purpose = hmac.digest(audit_key, b"erased", hashlib.sha256)
    return hmac.digest(purpose, said.encode(), hashlib.sha256).hex()
