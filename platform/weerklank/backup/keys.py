"""The back-up of the key store, apart from all else: the keys as they are stored, wrapped by the master key.

It has a short life. A key that was thrown away since must not come back: what is put back passes the ledger first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier

from weerklank.backup import manifest
from weerklank.backup.manifest import KEYS, Damaged, Manifest
from weerklank.backup.programs import Say
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.keys import Keyring, create_keystore
from weerklank.kernel.sealed import Tampered
from weerklank.kernel.settings import Settings

COLUMNS = {
    "tenant_key": ("tenant_id", "wrapped", "codes", "created_at"),
    "case_key": ("tenant_id", "case_id", "wrapped", "created_at"),
}  # in the order in which they refer to each other


def back_up_keys(settings: Settings, root: Path, now: datetime, say: Say) -> Path:
    """Make a set of keys in this folder. Raises BadSurroundings if it holds back-ups of the data."""
    with manifest.new_set(root, KEYS, now) as place:
        rows = {}
        with psycopg.connect(settings.keystore_url) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            for table, columns in COLUMNS.items():
                rows[table] = copy_out(connection, table, columns, place / table)
                say(f"keys: {rows[table]} of {table}")
        manifest.finish(place, Manifest(KEYS, now.isoformat(), "", rows), settings.audit_key)
    return manifest.newest(root, KEYS)


def copy_out(connection: psycopg.Connection[Any], table: str, columns: Sequence[str], to: Path) -> int:
    with connection.cursor() as cursor, to.open("wb") as file:
        with cursor.copy(SQL("COPY keystore.{} ({}) TO STDOUT").format(*named(table, columns))) as rows:
            for data in rows:
                file.write(data)
        return cursor.rowcount


def named(table: str, columns: Sequence[str]) -> tuple[Identifier, Any]:
    return Identifier(table), SQL(", ").join(map(Identifier, columns))


def restore_keys(
    settings: Settings, keyring: Keyring, place: Path, gone: set[tuple[UUID, UUID]], say: Say
) -> dict[str, int]:
    """Put the keys back into an empty key store, but for those of cases that were destroyed since; all or nothing.

    Answers how many of each, and `gone`. Raises BadSurroundings, with nothing changed.
    """
    found = manifest.read(place, KEYS, (settings.audit_key, *settings.old_audit_keys))
    create_keystore(settings.keystore_url)
    with psycopg.connect(settings.keystore_url) as connection:
        if connection.execute("SELECT EXISTS (SELECT FROM keystore.tenant_key)").fetchall()[0][0]:
            raise BadSurroundings("The key store holds keys already; only an empty one can be restored into.")
        for table, columns in COLUMNS.items():
            if copy_in(connection, table, columns, place / table) != found.rows[table]:
                raise Damaged(f"{place / table} does not hold the {found.rows[table]} keys that it should.")
            say(f"keys: {found.rows[table]} of {table}")
        removed = forget(connection, gone)
        refuse_other_master_key(connection, keyring)
    return {**found.rows, "gone": removed}


def copy_in(connection: psycopg.Connection[Any], table: str, columns: Sequence[str], part: Path) -> int:
    with connection.cursor() as cursor, part.open("rb") as file:
        with cursor.copy(SQL("COPY keystore.{} ({}) FROM STDIN").format(*named(table, columns))) as rows:
            while data := file.read(manifest.CHUNK):
                rows.write(data)
        return cursor.rowcount


def forget(connection: psycopg.Connection[Any], gone: set[tuple[UUID, UUID]]) -> int:
    """Throw away the keys of cases that were destroyed after the back-up was made."""
    statement = (
        "DELETE FROM keystore.case_key USING unnest(%s::uuid[], %s::uuid[]) AS gone (tenant_id, case_id)"
        " WHERE case_key.tenant_id = gone.tenant_id AND case_key.case_id = gone.case_id"
    )
    return connection.execute(statement, [[one for one, _ in gone], [one for _, one in gone]]).rowcount


def refuse_other_master_key(connection: psycopg.Connection[Any], keyring: Keyring) -> None:
    for tenant_id, wrapped in connection.execute("SELECT tenant_id, wrapped FROM keystore.tenant_key"):
        try:
            keyring.open_tenant_key(tenant_id, wrapped)
        except Tampered:
            raise Damaged("The keys were wrapped by another MASTER_KEY than this installation's.") from None
