"""The files that the database speaks of: listed, copied once, and compared. They lie sealed, here and there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import psycopg

from weerklank.backup.manifest import Damaged, hash_of
from weerklank.backup.programs import Say
from weerklank.documents.store import Folder, StoreAway
from weerklank.kernel.errors import BadSurroundings, NotFound

# Every column that holds the name of a stored file. A test looks whether there are others.
COLUMNS = {"document": ("stored_as",), "dossier": ("zip_as", "pdf_as")}
REFERRED = " UNION ".join(
    f"SELECT tenant_id, case_id, {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608  # names written above
    for table, columns in COLUMNS.items()
    for column in columns
)
FILES = "files"
LIST = "files.jsonl"
SAY_EVERY = 500


@contextmanager
def reachable() -> Iterator[None]:
    """Turn what a store of files says that is away into one sentence (BadSurroundings)."""
    try:
        yield
    except StoreAway as error:
        raise BadSurroundings(f"Files cannot be reached: {error}.") from error


class Store(Protocol):
    """What a back-up needs of the store of files."""

    def get(self, tenant_id: UUID, name: str) -> bytes: ...

    def put_back(self, tenant_id: UUID, name: str, data: bytes) -> None: ...


@dataclass(frozen=True)
class Listed:
    """A file as the list of a back-up has it; without a hash it was already missing in the store."""

    tenant: str
    case: str
    name: str
    size: int
    sha256: str | None


def referred(connection: psycopg.Connection[Any]) -> list[tuple[UUID, UUID, str]]:
    """(organisation, case, name) of every file that the database speaks of."""
    return connection.execute(REFERRED).fetchall()


def copy_all(
    store: Store, wanted: Iterable[tuple[UUID, UUID, str]], root: Path, known: Mapping[str, Listed], say: Say
) -> list[Listed]:
    """Copy the files that the folder of back-ups lacks; the list of all. `known`: what earlier sets there list.

    Names are given once, so what lies under one never changes: a whole copy that is there already is the file.
    """
    listed = []
    for count, (tenant_id, case_id, name) in enumerate(wanted, 1):
        before = known.get(name)
        is_there = before is not None and before.sha256 is not None and size_of(root, before) == before.size
        listed.append(before if before and is_there else copy_one(store, root, tenant_id, case_id, name))
        if count % SAY_EVERY == 0:
            say(f"files: {count}")
    return listed


def size_of(root: Path, each: Listed) -> int | None:
    """How large the copy is; None if there is none."""
    path = root / FILES / each.tenant / each.name[-2:] / each.name
    return path.stat().st_size if path.is_file() else None


def copy_one(store: Store, root: Path, tenant_id: UUID, case_id: UUID, name: str) -> Listed:
    try:
        data = store.get(tenant_id, name)
    except NotFound:
        return Listed(str(tenant_id), str(case_id), name, 0, None)
    Folder(root / FILES).put_back(tenant_id, name, data)
    return Listed(str(tenant_id), str(case_id), name, len(data), hash_of(data))


def write_list(place: Path, listed: Iterable[Listed]) -> None:
    """Write the list of a set."""
    with (place / LIST).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(each)) + "\n" for each in listed)


def read_list(place: Path) -> Iterator[Listed]:
    """The list of a set, which may be long."""
    with (place / LIST).open(encoding="utf-8") as file:
        for line in file:
            yield Listed(**json.loads(line))


def proven(root: Path, each: Listed) -> bytes:
    """A listed file out of the folder of back-ups. Raises Damaged if it is not there or not what was copied."""
    try:
        data = Folder(root / FILES).get(UUID(each.tenant), each.name)
    except NotFound:
        raise Damaged(f"{root / FILES}: {each.name} is missing; the database is newer than the files.") from None
    if len(data) != each.size:
        raise Damaged(f"{root / FILES}: the file {each.name} is {len(data)} bytes, and was {each.size}.")
    if hash_of(data) != each.sha256:
        raise Damaged(f"{root / FILES}: the file {each.name} was changed: its SHA-256 is another.")
    return data


def remove_unlisted(root: Path, places: Iterable[Path]) -> int:
    """Remove the copies that none of these sets lists any more; answers how many."""
    listed = {each.name for place in places for each in read_list(place)}
    gone = [path for path in (root / FILES).glob("*/*/*") if path.name not in listed]
    for path in gone:
        path.unlink()
    return len(gone)
