"""Taking an organisation in from its export: the same ids and content under new keys, in one transaction.

Everything is checked before anything is written: the box, every member, the chain of every case, and that nothing
here has the same id or short name. The trail is chained anew by this installation's key, over the same events.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import BadZipFile, ZipFile

from sqlalchemy import text
from sqlalchemy.orm import Session

from weerklank.assembly import Platform
from weerklank.audit.verify import verify
from weerklank.backup.box import open_box
from weerklank.backup.contents import LEFT_OUT, as_hex, closed, exported, from_hex
from weerklank.backup.export import FILE_LIST, FORMAT, MANIFEST, Chain
from weerklank.backup.manifest import CHUNK, Damaged
from weerklank.backup.programs import Say
from weerklank.backup.tables import Row, Table, tables, write
from weerklank.cases.clocks import verify as verify_deadlines
from weerklank.cases.model import MessageState
from weerklank.documents.model import Scan
from weerklank.kernel import schema
from weerklank.kernel.database import open_session, without_limit, without_tenant
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.events import GENESIS, StoredEvent, next_mac
from weerklank.kernel.sealed import Sealer


@dataclass(frozen=True)
class Taken:
    """What was taken in. `unsent`: messages that were still to go out there; here a person has to look at them."""

    tenant_id: UUID
    slug: str
    rows: int
    files: int
    unsent: int


@dataclass
class Opened:
    """An export that was opened and proven."""

    archive: ZipFile
    about: dict[str, Any]

    @property
    def tenant_id(self) -> UUID:
        return UUID(self.about["organisation"]["id"])

    @property
    def slug(self) -> str:
        return str(self.about["organisation"]["slug"])

    def lines(self, table: str) -> Iterator[Row]:
        """The rows of a table."""
        yield from self.member(f"tables/{table}.jsonl")

    def member(self, name: str) -> Iterator[Row]:
        with self.archive.open(name) as file:
            for line in file:
                yield json.loads(line)


def take_in(platform: Platform, place: Path, passphrases: Sequence[str], now: datetime, say: Say) -> Taken:
    """Take an organisation in. Raises BadSurroundings with what is wrong; then nothing was taken in."""
    with open_box(place, passphrases) as box:
        try:
            with ZipFile(box) as archive:
                given = Opened(archive, read_manifest(archive))
                prove(given, say)
                return write_in(platform, given, now, say)
        except BadZipFile:
            raise Damaged(f"{place} holds no export.") from None


def read_manifest(archive: ZipFile) -> dict[str, Any]:
    about: dict[str, Any] = json.loads(archive.read(MANIFEST))
    if about["format"] != FORMAT:
        raise Damaged(f"The export is in format {about['format']}, which this program does not know.")
    if about["schema"] not in schema.known():
        raise Damaged(f"The export has tables of version {about['schema']}, which is newer than this program knows.")
    return about


def prove(given: Opened, say: Say) -> None:
    """Raises Damaged unless every member is what the manifest says, and every case's chain holds."""
    for name, (size, digest) in given.about["members"].items():
        prove_member(given.archive, name, size, digest)
    for file in given.member(FILE_LIST):
        prove_member(given.archive, f"files/{file['id']}", file["size"], file["sha256"])
    chain, seq, case = Chain(), 0, None
    for event in given.lines("event"):
        seq, case = (seq + 1 if event["case_id"] == case else 1), event["case_id"]
        if event["seq"] != seq or event["chain"] != chain.next(event):
            raise Damaged(f"The chain of case {case} is broken at event {seq}.")
    say("the export is whole, and so is the chain of every case")


def prove_member(archive: ZipFile, name: str, size: int, digest: str) -> None:
    found, length = hashlib.sha256(), 0
    try:
        with archive.open(name) as file:
            while data := file.read(CHUNK):
                found.update(data)
                length += len(data)
    except (KeyError, BadZipFile):
        raise Damaged(f"{name} is missing in the export, or damaged.") from None
    if (length, found.hexdigest()) != (size, digest):
        raise Damaged(f"{name} in the export was changed.")


def write_in(platform: Platform, given: Opened, now: datetime, say: Say) -> Taken:
    with open_session(platform.database) as session:
        refuse_known(session, given)
        there = fitting(session, given)
    had_keys = platform.keyring.for_tenant(given.tenant_id).cipher is not None
    stored: dict[str, str] = {}
    try:
        sealers = make_keys(platform, given)
        put_files(platform, given, sealers, stored)
        say(f"files: {len(stored)}")
        with platform.tenant(given.tenant_id) as session:
            without_limit(session)
            done = write_rows(platform, session, given, there, sealers, stored)
            prove_taken(platform, session, given.tenant_id, now)
            session.commit()
    except BaseException:
        take_back(platform, given.tenant_id, stored, had_keys=had_keys)
        raise
    return done


def refuse_known(session: Session, given: Opened) -> None:
    """An organisation comes in once: neither its id nor its short name may be there."""
    asked = text("SELECT slug FROM tenant WHERE id = :id OR slug = :slug")
    with without_tenant(session, "an organisation that comes in may not be here yet"):
        found = session.scalar(asked, {"id": given.tenant_id, "slug": given.slug})
    if found is not None:
        raise BadSurroundings(f"There is an organisation {found} with this id or short name already.")


def fitting(session: Session, given: Opened) -> list[Table]:
    """The tables that rows go into. Raises Damaged if the export has one, or a column, that is not here any more."""
    with without_tenant(session, "the catalogue is nobody's"):
        there = [table for table in tables(session) if table.name not in LEFT_OUT]
    columns = json.loads(given.archive.read("columns.json"))["tables"]
    for name, its in columns.items():
        here = next((exported(table) for table in there if table.name == name), [])
        if unknown := set(its) - set(here):
            raise Damaged(f"This program has no {name} with {', '.join(sorted(unknown))}.")
    return [table for table in there if table.name in columns]


def make_keys(platform: Platform, given: Opened) -> dict[UUID, Sealer]:
    """New keys for the organisation and for each case that can be read; those of a try that broke off serve again."""
    keyring, tenant_id = platform.keyring, given.tenant_id
    keyring.new_tenant(tenant_id)
    keyring.bring_code_key(tenant_id, base64.b64decode(given.about["code_key"]))
    readable = [UUID(row["id"]) for row in given.lines("case_file") if row["destroyed_at"] is None]
    return {
        case_id: keyring.new_case(tenant_id, case_id) if sealer.cipher is None else sealer
        for case_id, sealer in keyring.for_cases(tenant_id, readable).items()
    }


def put_files(platform: Platform, given: Opened, sealers: dict[UUID, Sealer], stored: dict[str, str]) -> None:
    """Into the store, sealed anew; `stored` gets under which name each lies."""
    cases = {row["id"]: UUID(row["case_id"]) for row in given.lines("document")}
    for file in given.member(FILE_LIST):
        data = given.archive.read(f"files/{file['id']}")
        sealed = sealers[cases[file["id"]]].seal(data, table="document", column="data", row=file["id"])
        stored[file["id"]] = platform.files.store.put(given.tenant_id, sealed)


def write_rows(
    platform: Platform, session: Session, given: Opened, there: Iterable[Table], sealers: dict[UUID, Sealer],
    stored: dict[str, str],
) -> Taken:  # fmt: skip
    count = unsent = 0
    for table in there:
        complete = Completion(platform, given.tenant_id, stored)
        kept = (
            complete.row(table.name, row, closed(table, row, platform.keyring, given.tenant_id, sealers))
            for row in given.lines(table.name)
        )
        count += write(session, table, kept)
        unsent += complete.unsent
        if complete.heads:
            heads = next(each for each in tables(session) if each.name == "unsealed_head")
            write(session, heads, complete.heads.values())
    return Taken(given.tenant_id, given.slug, count, len(stored), unsent)


class Completion:
    """What a row lacks that only this installation can give."""

    def __init__(self, platform: Platform, tenant_id: UUID, stored: dict[str, str]) -> None:
        self.platform, self.tenant_id, self.stored = platform, tenant_id, stored
        self.heads: dict[str, Row] = {}
        self.unsent = 0

    def row(self, table: str, given: Row, row: Row) -> Row:
        """The row for the database; `given` is as the export has it."""
        if table == "event":
            return self.event(row)
        if table == "document":  # what another installation found clean is looked at here as well
            scan = row["scan"] if row["scan"] == Scan.INFECTED else Scan.UNSEEN.value
            return row | {"stored_as": self.stored.get(row["id"]), "scan": scan}
        if table == "person":
            email = given["email"]
            hashed = self.platform.keyring.address_hash(self.tenant_id, email) if email else None
            return row | {"email_hash": as_hex(hashed) if hashed else None}
        if table == "message" and row["state"] == MessageState.QUEUED:
            self.unsent += 1
            return row | {"state": MessageState.FAILED.value}
        return row

    def event(self, row: Row) -> Row:
        """Chained by this installation's key, and handed to the sealer."""
        row.pop("chain")
        before = self.heads.get(row["case_id"])
        head = from_hex(before["mac"]) if before else GENESIS
        mac = as_hex(next_mac(self.platform.engine.audit_key, head, as_stored(self.tenant_id, row)))
        self.heads[row["case_id"]] = {name: row[name] for name in ("tenant_id", "case_id", "seq")} | {"mac": mac}
        return row | {"mac": mac}


def as_stored(tenant_id: UUID, row: Row) -> StoredEvent:
    return StoredEvent(
        tenant_id=tenant_id,
        case_id=UUID(row["case_id"]),
        seq=row["seq"],
        id=UUID(row["id"]),
        kind=row["kind"],
        at=datetime.fromisoformat(row["at"]),
        actor_kind=row["actor_kind"],
        actor_id=UUID(row["actor_id"]) if row["actor_id"] else None,
        open=row["open"],
        sealed=from_hex(row["sealed"]) if row["sealed"] else None,
        mac=b"",
    )


def prove_taken(platform: Platform, session: Session, tenant_id: UUID, now: datetime) -> None:
    """Before it is for good: the trail as it is here holds, and every deadline is what its case says."""
    report = verify(session, platform.engine.audit_key, platform.settings.audit_folder, tenant_id)
    if report.findings:
        raise Damaged(f"The trail would not hold here: {report.findings[0].fault.value}.")
    if differ := sum(1 for _ in verify_deadlines(session, tenant_id, now)):
        raise Damaged(f"{differ} deadlines in the export are not what their cases say.")


def take_back(platform: Platform, tenant_id: UUID, stored: dict[str, str], *, had_keys: bool) -> None:
    """Leave nothing of what could not be taken in."""
    for name in stored.values():
        platform.files.store.delete(tenant_id, name)
    if not had_keys:
        platform.keyring.destroy_tenant(tenant_id)
