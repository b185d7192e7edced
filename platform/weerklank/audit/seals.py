"""The sealer: every minute it binds the new ends of a tenant's chains into a list that is chained itself.

A chain alone cannot tell that its newest events were cut off, or that a whole case was removed; the list can.
And the list's own end is written to a file outside the database (`witness`), so that who owns the database
cannot shorten both.
"""

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from psycopg.errors import UniqueViolation
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from weerklank.audit.model import Seal
from weerklank.kernel.errors import Conflict

GENESIS = bytes(32)
TAIL_BYTES = 4096  # holds the last lines of a witness file

TAKE = text(
    """
    WITH taken AS (DELETE FROM unsealed_head WHERE tenant_id = :tenant RETURNING case_id, seq, mac)
    SELECT DISTINCT ON (case_id) case_id, seq, mac FROM taken ORDER BY case_id, seq DESC
    """
)
UNSEALED = text("SELECT DISTINCT tenant_id FROM unsealed_head")
INSERT = text(
    """
    WITH sealed AS (INSERT INTO seal (tenant_id, no, at, mac) VALUES (:tenant, :no, :at, :mac))
    INSERT INTO seal_entry (tenant_id, seal_no, case_id, seq, mac)
    SELECT :tenant, :no, case_id, seq, mac
    FROM unnest(CAST(:case_id AS uuid[]), CAST(:seq AS integer[]), CAST(:entry_mac AS bytea[]))
        AS entry (case_id, seq, mac)
    """
)


class Entry(NamedTuple):
    """The end of a case's chain at the moment of sealing."""

    case_id: UUID
    seq: int
    mac: bytes


class Witnessed(NamedTuple):
    """A line of the file outside the database."""

    no: int
    mac: bytes


def unsealed_tenants(session: Session) -> Sequence[UUID]:
    """Those in whose chains something is not sealed yet. Asked as the clock."""
    return session.scalars(UNSEALED).all()


def seal_heads(session: Session, audit_key: bytes, tenant_id: UUID, now: datetime) -> int | None:
    """Seal the new ends of this tenant's chains; the number of the seal, None if there was nothing new.

    Commit, then `witness`. Raises Conflict if another sealer was first; the transaction is lost then.
    """
    entries = [Entry(*row) for row in session.execute(TAKE, {"tenant": tenant_id})]
    if not entries:
        return None
    newest = select(Seal.no, Seal.mac).where(Seal.tenant_id == tenant_id).order_by(Seal.no.desc()).limit(1)
    last, head = session.execute(newest).one_or_none() or (0, GENESIS)
    at = now.astimezone(UTC)
    values = {
        "tenant": tenant_id,
        "no": last + 1,
        "at": at,
        "mac": seal_mac(audit_key, head, tenant_id, last + 1, at, entries),
        "case_id": [entry.case_id for entry in entries],
        "seq": [entry.seq for entry in entries],
        "entry_mac": [entry.mac for entry in entries],
    }
    try:
        session.execute(INSERT, values)
    except IntegrityError as error:
        if isinstance(error.orig, UniqueViolation):
            raise Conflict("another sealer was first") from None
        raise
    return int(last) + 1


def seal_mac(audit_key: bytes, head: bytes, tenant_id: UUID, no: int, at: datetime, entries: Sequence[Entry]) -> bytes:
    """The hash that a seal must carry: over the one before it, itself, and its entries in the order of the cases."""
    lines = sorted([entry.case_id.hex, entry.seq, entry.mac.hex()] for entry in entries)
    signed = json.dumps([tenant_id.hex, no, at.isoformat(), lines]).encode()
    return hmac.digest(audit_key, head + signed, hashlib.sha256)


def last_sealed(session: Session, tenant_id: UUID) -> datetime | None:
    """When this tenant's newest seal was made; None before its first."""
    return session.scalar(select(Seal.at).where(Seal.tenant_id == tenant_id).order_by(Seal.no.desc()).limit(1))


def witness(session: Session, folder: Path, tenant_id: UUID) -> int:
    """Write the seals that the file outside the database lacks; answers how many. After the seal's commit.

    The file is only ever added to: a line `number moment hash` for each seal. After a crash the next run catches up.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with witness_file(folder, tenant_id).open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        last, torn = last_line(file.fileno())
        newer = select(Seal.no, Seal.at, Seal.mac).where(Seal.tenant_id == tenant_id, Seal.no > last)
        seals = session.execute(newer.order_by(Seal.no)).all()
        lines = [f"{no} {at.isoformat()} {mac.hex()}\n" for no, at, mac in seals]
        if lines:
            file.write((("\n" if torn else "") + "".join(lines)).encode())
            file.flush()
            os.fsync(file.fileno())
        return len(lines)


def witness_file(folder: Path, tenant_id: UUID) -> Path:
    return folder / f"{tenant_id}.head"


def last_line(descriptor: int) -> tuple[int, bool]:
    """The number of the last whole line, and whether a crash left half a line after it."""
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, TAIL_BYTES, max(0, size - TAIL_BYTES))
    lines = list(parse(tail.decode("ascii", errors="replace")))
    return (lines[-1].no if lines else 0), bool(tail) and not tail.endswith(b"\n")


def witnessed(folder: Path, tenant_id: UUID) -> list[Witnessed]:
    """What the file outside the database says, in its order; [] if there is none."""
    file = witness_file(folder, tenant_id)
    return list(parse(file.read_text(encoding="ascii", errors="replace"))) if file.exists() else []


def parse(content: str) -> Iterator[Witnessed]:
    """The whole lines. Half a line is what a crash leaves, and is written again after it."""
    for line in content.split("\n")[:-1]:
        words = line.split(" ")
        if len(words) == 3 and words[0].isdigit() and len(words[2]) == 2 * hashlib.sha256().digest_size:
            yield Witnessed(int(words[0]), bytes.fromhex(words[2]))
