"""Putting a whole back-up back into an empty installation: never half, and nothing that was erased since.

What can be wrong is looked for before anything changes. Then the files are put back, which nothing refers to yet, and
the database in one transaction. From before that until all is proven a table marks it as half restored: no program
starts on it, and the next attempt begins anew.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier

from weerklank.assembly import Platform
from weerklank.backup import manifest
from weerklank.backup.manifest import DATA, Damaged, Manifest
from weerklank.backup.programs import Say, load
from weerklank.backup.stored import SAY_EVERY, Listed, proven, read_list
from weerklank.backup.whole import DATABASE, WITNESS, count_rows, snapshot
from weerklank.cases.keeping import erase
from weerklank.cases.search.index import forget_words
from weerklank.kernel import schema
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.schema import HALF_RESTORED
from weerklank.kernel.sealed import Tampered

PATIENCE_SECONDS = 5.0
SAMPLE = 1_000  # files that are read back and compared
APPLICATION = ("weerklank_app", "weerklank_clock")


@dataclass(frozen=True)
class Restored:
    """What was put back. `missing`: files that the store did not have when the back-up was made; `keyless`: cases
    that cannot be read for want of a key; `erased`: cases destroyed after the back-up; `lost_seals`: see `put_witness`.
    """

    made_at: str
    rows: int
    files: int
    missing: tuple[str, ...]
    keyless: int
    erased: int
    lost_seals: int

    def remarks(self) -> Iterator[str]:
        """What whoever restores has to know, a sentence each."""
        if self.missing:
            yield f"{len(self.missing)} files were missing already: {', '.join(self.missing[:5])} ..."
        if self.keyless:
            yield f"{self.keyless} cases cannot be read: their keys are lacking."
        if self.erased:
            yield f"{self.erased} cases were destroyed after the back-up, and are again."
        if self.lost_seals:
            yield f"{self.lost_seals} files of the trail knew more than the back-up; they are kept as *.before-*."


def restore(
    platform: Platform,
    place: Path,
    gone: set[tuple[UUID, UUID]],
    now: datetime,
    say: Say,
    *,
    accept_losses: bool = False,
) -> Restored:
    """Put a set back. `gone` are the cases (organisation, case) that were destroyed, by the ledger.

    Raises BadSurroundings with what is wrong; the target is untouched then, or marked as half restored.
    `accept_losses` opens it all the same where keys of cases are lacking.
    """
    settings = platform.settings
    found = manifest.read(place, DATA, (settings.audit_key, *settings.old_audit_keys))
    refuse_newer(found)
    say(f"back-up of {found.made_at}: the manifest and its parts are whole")
    listed = list(read_list(place))
    refuse_unless_empty(settings.database_owner_url)
    missing = tuple(each.name for each in listed if each.sha256 is None)
    put_files(platform, place.parent, [each for each in listed if each.sha256 and _case(each) not in gone], say)
    put_database(settings.database_owner_url, place, found, say)
    prove_rows(settings.database_backup_url, found)
    schema.upgrade(settings.database_owner_url)
    keyless = prove_keys(platform, gone, accept_losses=accept_losses)
    erased = erase_again(platform, gone)
    lost_seals = put_witness(place / WITNESS, settings.audit_folder, now)
    prove_files(platform, [each for each in listed if each.sha256 and _case(each) not in gone])
    open_up(settings.database_owner_url)
    return Restored(
        found.made_at, sum(found.rows.values()), len(listed), missing, keyless, erased, lost_seals
    )  # fmt: skip


def _case(each: Listed) -> tuple[UUID, UUID]:
    return UUID(each.tenant), UUID(each.case)


def refuse_newer(found: Manifest) -> None:
    if found.schema not in schema.known():
        raise Damaged(f"The back-up has tables of version {found.schema}, which is newer than this program knows.")


def refuse_unless_empty(url: str) -> None:
    """Empty is: no tables, tables without an organisation and an operator, or a restore that was broken off."""
    with schema.reachable("database"), psycopg.connect(url, autocommit=True) as connection:
        refuse_while_in_use(connection)
        there = {name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        for table in set() if HALF_RESTORED in there else there & {"tenant", "operator"}:
            if connection.execute(SQL("SELECT EXISTS (SELECT FROM {})").format(Identifier(table))).fetchall()[0][0]:
                raise BadSurroundings("The database is not empty; a back-up is put back into an empty one only.")


def refuse_while_in_use(connection: psycopg.Connection[Any]) -> None:
    """Who has just left is seen for another moment, hence the patience."""
    give_up_by = time.monotonic() + PATIENCE_SECONDS
    while True:
        working, restoring = connection.execute(
            "SELECT count(*) FILTER (WHERE usename = ANY(%s)), count(*) FILTER (WHERE application_name = 'pg_restore')"
            " FROM pg_stat_activity WHERE datname = current_database()",
            [list(APPLICATION)],
        ).fetchall()[0]
        if not working and not restoring:
            return
        if time.monotonic() > give_up_by:
            break
        time.sleep(0.1)
    if restoring:
        raise BadSurroundings(
            "A restore is still under way here, perhaps of a run that was killed: wait until it ends."
        )
    raise BadSurroundings(f"{working} connections of the application are open: stop web, worker and clock first.")


def put_files(platform: Platform, root: Path, listed: list[Listed], say: Say) -> None:
    """All of them are proven first, each once more as it is put back: nothing changes if one is damaged."""
    for each in listed:
        proven(root, each)
    say(f"files: all {len(listed)} are whole")
    for count, each in enumerate(listed, 1):
        platform.files.store.put_back(UUID(each.tenant), each.name, proven(root, each))
        if count % SAY_EVERY == 0:
            say(f"files: {count} of {len(listed)}")


def put_database(url: str, place: Path, found: Manifest, say: Say) -> None:
    """The roles, by the migrations; then away with their tables and in with those of the back-up."""
    make_roles(url)
    with psycopg.connect(url) as connection:
        for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            if table != HALF_RESTORED:
                connection.execute(SQL("DROP TABLE {} CASCADE").format(Identifier(table)))
        connection.execute(SQL("CREATE TABLE IF NOT EXISTS {} ()").format(Identifier(HALF_RESTORED)))
    load(url, place / DATABASE, say)
    say(f"database: {sum(found.rows.values())} rows are back")


def make_roles(url: str) -> None:
    """What was broken off has the roles already, and perhaps tables that the migrations would stumble over."""
    with psycopg.connect(url) as connection:
        half = connection.execute("SELECT to_regclass(%s)", [f"public.{HALF_RESTORED}"]).fetchall()[0][0]
    if half is None:
        schema.upgrade(url)


def prove_rows(url: str, found: Manifest) -> None:
    with snapshot(url) as (connection, _):
        counted = count_rows(connection)
    counted.pop(HALF_RESTORED, None)
    for table in sorted(counted.keys() | found.rows.keys()):
        if counted.get(table) != found.rows.get(table):
            raise Damaged(f"{table} has {counted.get(table)} rows, and had {found.rows.get(table)}.")


def prove_keys(platform: Platform, gone: set[tuple[UUID, UUID]], *, accept_losses: bool) -> int:
    """Look whether the key store opens what was put back; how many cases have no key though nobody destroyed them."""
    with psycopg.connect(platform.settings.database_backup_url) as connection:
        tenants = [tenant for (tenant,) in connection.execute("SELECT id FROM tenant ORDER BY id")]
        prove_tenant_keys(platform, connection, tenants)
        cases = connection.execute("SELECT tenant_id, id FROM case_file WHERE destroyed_at IS NULL").fetchall()
    held = held_cases(platform.settings.keystore_url)
    lacking = [case for case in cases if case not in held and case not in gone]
    if lacking and not accept_losses:
        raise Damaged(
            f"The key store has no key for {len(lacking)} cases, the first of them {lacking[0][1]}: it is older than"
            " the back-up of the data. Put newer keys back, or accept with --accept-losses that nobody can read these."
        )
    return len(lacking)


def prove_tenant_keys(platform: Platform, connection: psycopg.Connection[Any], tenants: list[UUID]) -> None:
    """A name of each organisation must open: ids alone could be those of another key store with the same."""
    for tenant_id in tenants:
        sealer = platform.keyring.for_tenant(tenant_id)
        if sealer.cipher is None:
            raise Damaged(f"The key store has no key for the organisation {tenant_id}: it is not the one of this data.")
        query = "SELECT id, name FROM person WHERE tenant_id = %s LIMIT 1"
        for person, name in connection.execute(query, [tenant_id]).fetchall():
            try:
                sealer.unseal(name, table="person", column="name", row=person)
            except Tampered:
                raise Damaged(f"The key of the organisation {tenant_id} opens nothing: it is another's.") from None


def held_cases(keystore_url: str) -> set[tuple[UUID, UUID]]:
    with psycopg.connect(keystore_url) as connection:
        return set(connection.execute("SELECT tenant_id, case_id FROM keystore.case_key"))


def erase_again(platform: Platform, gone: set[tuple[UUID, UUID]]) -> int:
    """Do to what was destroyed after the back-up what was done to it then; how many cases of these came back."""
    return sum(erase_case_again(platform, tenant_id, cases) for tenant_id, cases in by_tenant(gone))


def erase_case_again(platform: Platform, tenant_id: UUID, cases: list[UUID]) -> int:
    """The same for some cases of one organisation."""
    platform.keyring.destroy_cases(tenant_id, cases)
    with psycopg.connect(platform.settings.database_backup_url) as connection:
        query = "SELECT id FROM case_file WHERE tenant_id = %s AND id = ANY(%s)"
        back = [case for (case,) in connection.execute(query, [tenant_id, cases])]
    for case_id in back:
        with platform.tenant(tenant_id) as session:
            erase(session, tenant_id, case_id)
            forget_words(session, tenant_id, case_id)
            platform.files.erase(session, tenant_id, case_id)
            session.commit()
    return len(back)


def by_tenant(gone: set[tuple[UUID, UUID]]) -> Iterator[tuple[UUID, list[UUID]]]:
    grouped: dict[UUID, list[UUID]] = defaultdict(list)
    for tenant_id, case_id in sorted(gone):
        grouped[tenant_id].append(case_id)
    yield from grouped.items()


def put_witness(kept: Path, folder: Path, now: datetime) -> int:
    """Put the files of the trail's seals back. Those here that say more are set aside under another name, since
    their seals are lost with what came after the back-up; how many files were."""
    names = {file.name for place in (kept, folder) for file in place.glob("*.head")}
    return sum(put_witness_file(kept, folder, name, now) for name in sorted(names))


def put_witness_file(kept: Path, folder: Path, name: str, now: datetime) -> bool:
    """The same for one organisation; whether its file here was set aside."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    back = (kept / name).read_bytes() if (kept / name).exists() else None
    here = folder / name
    aside = here.exists() and (back is None or not back.startswith(here.read_bytes()))
    if aside:
        here.rename(here.with_suffix(f".before-{now:%Y%m%dT%H%M%S}"))
    if back is not None:
        here.write_bytes(back)
        manifest.sync(here)
    return aside


def prove_files(platform: Platform, listed: list[Listed]) -> None:
    """Read some back from the store."""
    for each in random.sample(listed, min(SAMPLE, len(listed))):
        data = platform.files.store.get(UUID(each.tenant), each.name)
        if manifest.hash_of(data) != each.sha256:
            raise Damaged(f"The file {each.name} came back from the store as another.")


def open_up(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(SQL("DROP TABLE {}").format(Identifier(HALF_RESTORED)))
