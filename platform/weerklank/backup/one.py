"""One organisation out of a whole back-up, in place of what is here of it; no other is touched.

The back-up goes into a scratch database beside this one. From there the rows are copied in the organisation's scope,
in one transaction, by the owner of the tables. Row-level security holds for him too, unless he is a superuser, and
every statement names the organisation besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from weerklank.assembly import Platform
from weerklank.audit.seals import witness_file
from weerklank.backup import manifest
from weerklank.backup.manifest import DATA, Damaged
from weerklank.backup.programs import Say
from weerklank.backup.restoring import (
    by_tenant,
    erase_case_again,
    held_cases,
    prove_rows,
    prove_tenant_keys,
    put_database,
    put_files,
    put_witness_file,
    refuse_newer,
)
from weerklank.backup.stored import Listed, read_list
from weerklank.backup.tables import Table, rows, tables, write
from weerklank.backup.whole import WITNESS
from weerklank.kernel import schema
from weerklank.kernel.database import engine_for, open_session, tenant_scope, without_limit, without_tenant
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.ids import new_id


@dataclass(frozen=True)
class Replaced:
    """What became of the organisation: how many rows it had here, how many it has now; `erased` as in `restore`."""

    made_at: str
    before: int
    rows: int
    files: int
    keyless: int
    erased: int


def restore_tenant(
    platform: Platform, place: Path, slug: str, gone: set[tuple[UUID, UUID]], now: datetime, say: Say,
    *, accept_losses: bool = False,
) -> Replaced:  # fmt: skip
    """Put one organisation back as it was. Raises BadSurroundings; then nothing of it was changed."""
    settings = platform.settings
    found = manifest.read(place, DATA, (settings.audit_key, *settings.old_audit_keys))
    refuse_newer(found)
    with scratch(settings.database_owner_url) as url, engine_for(url) as engine:
        put_database(url, place, found, say)
        prove_rows(in_place(settings.database_backup_url, url), found)
        schema.upgrade(url)
        tenant_id = find(engine, slug)
        keyless = prove_keys(platform, url, tenant_id, gone, accept_losses=accept_losses)
        listed = [each for each in read_list(place) if each.tenant == str(tenant_id) and each.sha256]
        lacking = [each for each in listed if not is_gone(each, gone)]
        put_files(platform, place.parent, lacking, say)
        before, count = copy(engine, settings.database_owner_url, tenant_id, say)
    erased = erase_again(platform, tenant_id, gone)
    put_witness_file(place / WITNESS, settings.audit_folder, witness_file(Path(), tenant_id).name, now)
    return Replaced(found.made_at, before, count, len(lacking), keyless, erased)


def is_gone(each: Listed, gone: set[tuple[UUID, UUID]]) -> bool:
    return (UUID(each.tenant), UUID(each.case)) in gone


@contextmanager
def scratch(owner_url: str) -> Iterator[str]:
    """A database beside the owner's, gone afterwards; its address."""
    name = f"weerklank_restore_{new_id().hex}"
    with psycopg.connect(owner_url, autocommit=True) as connection:
        try:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            raise BadSurroundings("The owner of the database may make no other one; give it CREATEDB.") from None
        try:
            yield urlunsplit(urlsplit(owner_url)._replace(path=f"/{name}"))
        finally:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def in_place(url: str, like: str) -> str:
    """This address with the database of the other one."""
    return urlunsplit(urlsplit(url)._replace(path=urlsplit(like).path))


def find(engine: Engine, slug: str) -> UUID:
    with open_session(engine) as session, without_tenant(session, "the organisation to restore is looked up"):
        tenant_id: UUID | None = session.scalar(text("SELECT id FROM tenant WHERE slug = :slug"), {"slug": slug})
    if tenant_id is None:
        raise BadSurroundings(f"There is no organisation {slug} in this back-up.")
    return tenant_id


def prove_keys(
    platform: Platform, url: str, tenant_id: UUID, gone: set[tuple[UUID, UUID]], *, accept_losses: bool
) -> int:
    """Whether the key store still opens what is to come back; how many cases it does not know."""
    with psycopg.connect(in_place(platform.settings.database_backup_url, url)) as connection:
        prove_tenant_keys(platform, connection, [tenant_id])
        query = "SELECT tenant_id, id FROM case_file WHERE tenant_id = %s AND destroyed_at IS NULL"
        cases = set(connection.execute(query, [tenant_id]).fetchall())
    lacking = cases - held_cases(platform.settings.keystore_url) - gone
    if lacking and not accept_losses:
        raise Damaged(f"The key store has no key for {len(lacking)} cases; --accept-losses restores without them.")
    return len(lacking)


def copy(source: Engine, owner_url: str, tenant_id: UUID, say: Say) -> tuple[int, int]:
    """Out with the rows that are here, in with those of the back-up, as one; how many each."""
    with (
        engine_for(owner_url) as target,
        open_session(target) as into,
        open_session(source) as out,
        tenant_scope(into, tenant_id),
        tenant_scope(out, tenant_id),
    ):
        for session in (into, out):
            without_limit(session)
        there, known = tables(into), {table.name: table for table in tables(out)}
        if {table.name for table in there} != known.keys():
            raise BadSurroundings("The database has other tables than this program: run `weerklank db upgrade`.")
        (row,) = rows(out, there[0], tenant_id)
        refuse_taken(into, tenant_id, row)
        before = sum(remove(into, table, tenant_id) for table in reversed(there[1:]))
        count = 0
        for table in there:
            count += replace(into, out, table, tenant_id)
            say(f"{table.name}: {count} rows in all")
        into.commit()
    return before, count


def refuse_taken(session: Session, tenant_id: UUID, row: dict[str, object]) -> None:
    asked = text("SELECT id FROM tenant WHERE slug = :slug AND id <> :id")
    if session.scalar(asked, {"slug": row["slug"], "id": tenant_id}):
        raise BadSurroundings(f"Another organisation is called {row['slug']} here now.")


def remove(session: Session, table: Table, tenant_id: UUID) -> int:
    """The rows of a table that are here."""
    statement = f"DELETE FROM {table.name} WHERE tenant_id = :tenant"  # noqa: S608  # of the catalogue
    found = session.execute(text(statement), {"tenant": tenant_id})
    return int(getattr(found, "rowcount", 0))


def replace(into: Session, out: Session, table: Table, tenant_id: UUID) -> int:
    """The rows of the back-up. The organisation's own row stays where it is, as others may refer to it."""
    if table.name != "tenant":
        return write(into, table, rows(out, table, tenant_id))
    columns = ", ".join(f'"{name}"' for name in table.types)
    values = ", ".join(f'excluded."{name}"' for name in table.types)
    (row,) = rows(out, table, tenant_id)
    write(into, table, [row], f" ON CONFLICT (id) DO UPDATE SET ({columns}) = ({values})")
    return 1


def erase_again(platform: Platform, tenant_id: UUID, gone: set[tuple[UUID, UUID]]) -> int:
    """What was destroyed after the back-up is not to come back by it."""
    ours = {each for each in gone if each[0] == tenant_id}
    return sum(erase_case_again(platform, one, cases) for one, cases in by_tenant(ours))
