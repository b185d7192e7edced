"""A back-up of everything but the keys: one moment of the database, the files it speaks of, and the trail's witness.

The witness is copied first, then the database from one snapshot, then the files: each may be newer than the one
before it and never older, since files are only added under new names and the witness only follows the database.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from weerklank.backup import manifest
from weerklank.backup.manifest import DATA, Manifest
from weerklank.backup.programs import Say, dump
from weerklank.backup.stored import Listed, Store, copy_all, read_list, referred, remove_unlisted, write_list
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.settings import Settings

DATABASE = "database.dump"
WITNESS = "witness"
NOT_KEPT = "tenant_export"  # its files are as large as all others together, and removed after some weeks


@dataclass(frozen=True)
class Made:
    """A back-up that was made: where, of how many rows and files, and how many files the store did not have."""

    place: Path
    rows: int
    files: int
    missing: int


def back_up(settings: Settings, store: Store, root: Path, now: datetime, say: Say) -> Made:
    """Make a set in this folder, beside earlier ones. Raises BadSurroundings; then there is no new set."""
    with manifest.new_set(root, DATA, now) as place:
        copy_witness(settings.audit_folder, place / WITNESS)
        with snapshot(settings.database_backup_url) as (connection, name):
            version = connection.execute("SELECT version_num FROM alembic_version").fetchall()[0][0]
            rows, wanted = count_rows(connection), referred(connection)
            say(f"database: {sum(rows.values())} rows at version {version}")
            dump(settings.database_backup_url, name, NOT_KEPT, place / DATABASE, say)
        say(f"files: {len(wanted)}")
        listed = copy_all(store, wanted, root, known(root), say)
        missing = lost(settings.database_backup_url, listed)
        write_list(place, [each for each in listed if each.sha256 or each in missing])
        about = {"files": len(listed), "missing": len(missing), "bytes": sum(each.size for each in listed)}
        manifest.finish(place, Manifest(DATA, now.isoformat(), version, rows, about), settings.audit_key)
    return Made(manifest.newest(root, DATA), sum(rows.values()), len(listed), len(missing))


def remove_older(root: Path, now: datetime, days: int) -> int:
    """Remove sets of more than so many days ago, with the files that no other set lists; how many sets."""
    count = manifest.remove_older(root, DATA, now, days)
    if count:
        remove_unlisted(root, manifest.sets(root, DATA))
    return count


def copy_witness(folder: Path, to: Path) -> None:
    to.mkdir()
    for file in folder.glob("*.head"):
        shutil.copyfile(file, to / file.name)


@contextmanager
def snapshot(url: str) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """A connection that sees one moment, as a role that sees all rows, and the name by which others see the same."""
    with psycopg.connect(url) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        refuse_walled_role(connection)
        connection.commit()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield connection, connection.execute("SELECT pg_export_snapshot()").fetchall()[0][0]


def refuse_walled_role(connection: psycopg.Connection[Any]) -> None:
    """A role for which row-level security holds would see no rows of any organisation."""
    asked = "SELECT rolsuper OR rolbypassrls, current_user FROM pg_roles WHERE rolname = current_user"
    may, role = connection.execute(asked).fetchall()[0]
    if not may:
        raise BadSurroundings(
            f"The database role {role} does not see all rows; DATABASE_BACKUP_URL must name a role with BYPASSRLS."
        )


def count_rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows each table has that is backed up."""
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND relname <> %s ORDER BY relname",
        [NOT_KEPT],
    ).fetchall()
    return {table: connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(table))).fetchall()[0][0]
            for (table,) in found}  # fmt: skip


def known(root: Path) -> dict[str, Listed]:
    """What the newest set before this one lists."""
    found = manifest.sets(root, DATA)
    return {each.name: each for each in read_list(found[-1])} if found else {}


def lost(url: str, listed: Iterable[Listed]) -> set[Listed]:
    """Of the files that were not in the store, those that the database still speaks of: the others were erased."""
    absent = {each for each in listed if each.sha256 is None}
    if not absent:
        return set()
    with psycopg.connect(url) as connection:
        names = {name for _, _, name in referred(connection)}
    return {each for each in absent if each.name in names}
