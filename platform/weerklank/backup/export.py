"""An organisation as one file that it may take away: everything that is its own, in clear, in an open format, sealed.

The format is described in docs/export.md. What is taken along is one moment; it is proven before it is written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from weerklank.assembly import Platform
from weerklank.audit.verify import verify
from weerklank.backup.box import Half, Sink, Writer
from weerklank.backup.contents import LEFT_OUT, LEFT_OUT_COLUMNS, SEALED, as_base64, case_of, exported, opened
from weerklank.backup.tables import Row, Table, rows, tables
from weerklank.kernel import schema
from weerklank.kernel.database import open_session, tenant_scope, without_limit
from weerklank.kernel.errors import BadSurroundings, NotFound
from weerklank.kernel.sealed import Erased, Sealer

FORMAT = 1
MANIFEST, COLUMNS, FILE_LIST = "manifest.json", "columns.json", "files.jsonl"
Progress = Callable[[int, int], None]  # done, of how many


@dataclass(frozen=True)
class Exported:
    """What went into an export. `missing` are files that the store did not have."""

    rows: int
    files: int
    missing: int


@dataclass(frozen=True)
class Filed:
    """A file of a case: its id, whose, and where its bytes lie sealed."""

    id: str
    case_id: UUID
    stored_as: str


def export(
    platform: Platform, tenant_id: UUID, to: Sink, halves: Sequence[Half], now: datetime, progress: Progress
) -> Exported:
    """Write an organisation's export. `now` is the instant it is of. Raises BadSurroundings if its trail is not whole.

    No clear text gets to the disk on the way.
    """
    with Writer(to, halves) as box, ZipFile(cast(BinaryIO, box), "w", ZIP_DEFLATED) as archive:
        made = Making(archive, progress)
        at_one_moment = platform.database.execution_options(isolation_level="REPEATABLE READ")
        with open_session(at_one_moment) as session, tenant_scope(session, tenant_id):
            without_limit(session)
            trail = prove_trail(platform, session, tenant_id)
            there = [table for table in tables(session) if table.name not in LEFT_OUT]
            sealers = readable_cases(platform, session, tenant_id)
            made.total = count(session, tenant_id, there)
            counts = {table.name: write_table(made, platform, session, tenant_id, table, sealers) for table in there}
            (tenant,) = rows(session, there[0], tenant_id)  # all others refer to it
        files, missing = write_files(made, platform, tenant_id, sealers)
        made.write(COLUMNS, [described(there)])
        about = {
            "format": FORMAT, "made_at": now.isoformat(), "schema": schema.head(), "trail": trail, "rows": counts,
            "organisation": {name: tenant[name] for name in ("id", "slug", "name")}, "missing_files": missing,
            "code_key": as_base64(platform.keyring.code_key(tenant_id)), "left_out": {**LEFT_OUT, **LEFT_OUT_COLUMNS},
            "members": made.members,
        }  # fmt: skip
        made.write(MANIFEST, [json.dumps(about, indent=1)])
    return Exported(sum(counts.values()), files, len(missing))


class Making:
    """An archive that is being written: size and hash of every member, the files that are to come, how far it is."""

    def __init__(self, archive: ZipFile, progress: Progress) -> None:
        self.archive, self.progress = archive, progress
        self.members: dict[str, list[int | str]] = {}
        self.files: list[Filed] = []
        self.done = self.total = 0

    def write(self, name: str, lines: Iterable[str]) -> int:
        """A member of text, a line each; how many."""
        digest, size, count = hashlib.sha256(), 0, 0
        with self.archive.open(self.info(name, ZIP_DEFLATED), "w", force_zip64=True) as member:
            for line in lines:
                data = line.encode() + b"\n"
                count += 1
                member.write(data)
                digest.update(data)
                size += len(data)
        self.members[name] = [size, digest.hexdigest()]
        return count

    def write_file(self, name: str, data: bytes) -> str:
        self.archive.writestr(self.info(name, ZIP_STORED), data)
        return hashlib.sha256(data).hexdigest()

    def info(self, name: str, how: int) -> ZipInfo:
        """The same bytes for the same content: no moment of writing."""
        info = ZipInfo(name)
        info.compress_type = how
        return info

    def one_more(self) -> None:
        self.done += 1
        self.progress(self.done, self.total)


def prove_trail(platform: Platform, session: Session, tenant_id: UUID) -> dict[str, int]:
    settings = platform.settings
    report = verify(session, settings.audit_key, settings.audit_folder, tenant_id, settings.old_audit_keys)
    if report.findings:
        first = report.findings[0]
        raise BadSurroundings(f"The trail is not whole: {first.fault.value} ({first.case_id}, {first.number}).")
    return {"cases": report.cases, "events": report.events, "seals": report.seals}


def readable_cases(platform: Platform, session: Session, tenant_id: UUID) -> dict[UUID, Sealer]:
    """What opens the cases that were not destroyed, also where their keys are thrown away in a moment."""
    kept = text("SELECT id FROM case_file WHERE tenant_id = :tenant AND destroyed_at IS NULL")
    return platform.keyring.for_cases(tenant_id, list(session.scalars(kept, {"tenant": tenant_id})))


def count(session: Session, tenant_id: UUID, there: Iterable[Table]) -> int:
    """All rows, and a file for each document."""
    total = 0
    for table in there:
        counted = text(f"SELECT count(*) FROM {table.name} WHERE {table.of_tenant} = :tenant")  # noqa: S608  # catalogue
        found = session.execute(counted, {"tenant": tenant_id}).scalar_one()
        total += found * (2 if table.name == "document" else 1)
    return total


def write_table(
    made: Making, platform: Platform, session: Session, tenant_id: UUID, table: Table, sealers: dict[UUID, Sealer]
) -> int:
    def lines() -> Iterator[str]:
        chain = Chain()
        for row in rows(session, table, tenant_id):
            shown = opened(table, row, platform.keyring, tenant_id, sealers)
            if table.name == "event":
                shown["chain"] = chain.next(shown)
            elif table.name == "document" and row["stored_as"]:
                made.files.append(Filed(row["id"], UUID(row["case_id"]), row["stored_as"]))
            yield json.dumps(shown, ensure_ascii=False)
            made.one_more()

    return made.write(f"tables/{table.name}.jsonl", lines())


class Chain:
    """What ties each event of a case to the one before it, for everybody to check: SHA-256 over the chain so far and
    the event in clear, as JSON with sorted keys and no spaces."""

    def __init__(self) -> None:
        self.case: UUID | None = None
        self.head = ""

    def next(self, event: Row) -> str:
        case = case_of("event", event)
        before = self.head if case == self.case else ""
        shown = {name: value for name, value in event.items() if name != "chain"}
        said = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        self.case, self.head = case, hashlib.sha256(before.encode() + said.encode()).hexdigest()
        return self.head


def write_files(
    made: Making, platform: Platform, tenant_id: UUID, sealers: dict[UUID, Sealer]
) -> tuple[int, list[str]]:
    """The files of cases that can be read, in clear, and a list with sizes and hashes; those that are not there."""
    listed, missing = [], []
    for filed in made.files:
        try:
            data = bytes_of(platform, tenant_id, filed, sealers)
        except NotFound:
            missing.append(filed.id)
            data = None
        if data is not None:
            digest = made.write_file(f"files/{filed.id}", data)
            listed.append(json.dumps({"id": filed.id, "size": len(data), "sha256": digest}))
        made.one_more()
    made.write(FILE_LIST, listed)
    return len(listed), missing


def bytes_of(platform: Platform, tenant_id: UUID, filed: Filed, sealers: dict[UUID, Sealer]) -> bytes | None:
    """The file as it came in; None once its case was destroyed. NotFound if the store does not have it."""
    sealer = sealers.get(filed.case_id)
    if sealer is None or sealer.cipher is None:
        return None
    sealed = platform.files.store.get(tenant_id, filed.stored_as)
    data = sealer.unseal_bytes(sealed, table="document", column="data", row=filed.id)
    return None if isinstance(data, Erased) else data


def described(there: Iterable[Table]) -> str:
    """The columns of every table, for whoever reads the export without this program."""
    said: dict[str, dict[str, Any]] = {}
    for table in there:
        sealed = SEALED.get(table.name, {})
        said[table.name] = {
            column: {"type": table.types[column], "was_sealed": column in sealed} for column in exported(table)
        }
    return json.dumps({"tables": said}, indent=1)


def export_to(
    platform: Platform, tenant_id: UUID, place: Path, halves: Sequence[Half], now: datetime, progress: Progress
) -> Exported:
    """As `export`, into a file that is there whole or not at all. Raises BadSurroundings, also if there is one."""
    if place.exists():
        raise BadSurroundings(f"{place} is there already.")
    unfinished = place.with_name(f"{place.name}.part")
    try:
        with unfinished.open("wb") as file:
            done = export(platform, tenant_id, file, halves, now, progress)
        unfinished.rename(place)
    finally:
        unfinished.unlink(missing_ok=True)
    return done
