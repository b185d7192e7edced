"""How long a back-up and a restore take, and how large they are: `python bench/restore.py [CASES]`, some minutes.

On so many cases of one organisation (10,000 unless said otherwise) with a thousand files of 50 kB, in two private
databases that are thrown away. Every row is counted and compared by the restore itself.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import ground as grounds
import psycopg
from ground import Ground
from psycopg.sql import SQL, Identifier

from weerklank.assembly import assembled
from weerklank.backup.keys import back_up_keys, restore_keys
from weerklank.backup.restoring import restore
from weerklank.backup.whole import back_up
from weerklank.cli.main import main as weerklank
from weerklank.kernel.postgres import Cluster, borrowed_cluster
from weerklank.kernel.settings import ROOT, Settings, load

FILES, FILE_BYTES = 1_000, 50_000


def main(cases: int) -> None:
    with tempfile.TemporaryDirectory(prefix="weerklank-restore-") as name:
        folder = Path(name)
        os.environ |= {"VAR": name, "ENVIRONMENT": "test"}
        with borrowed_cluster(folder) as cluster:
            weerklank(["db", "upgrade"])
            settings = load()
            with assembled(settings) as platform:
                ground = grounds.lay(
                    platform, ROOT / "tenants" / "staatvandienst", cluster.dsn("weerklank", "postgres")
                )
                ground.grow(cases)
                fill(ground, cluster)
                with took(f"back-up of {cases} cases"):
                    made = back_up(settings, platform.files.store, folder / "data", datetime.now(UTC), quiet)
                with took("the same again, with no file that is new"):
                    back_up(settings, platform.files.store, folder / "data", datetime.now(UTC), quiet)
                with took("back-up of the keys"):
                    keys = back_up_keys(settings, folder / "keys", datetime.now(UTC), quiet)
                print(f"{made.rows} rows, {made.files} files, {in_mb(made.place)} MB without the files")
            with assembled(empty(settings, cluster, folder)) as new:
                with took("restore of the keys"):
                    restore_keys(new.settings, new.keyring, keys, set(), quiet)
                with took("restore of the work, proven"):
                    restore(new, made.place, set(), datetime.now(UTC), quiet)


def fill(ground: Ground, cluster: Cluster) -> None:
    """Keys for the cases that are copies (they open nothing, and are as large), and files of the real ones."""
    tenant_id, platform = ground.here.tenant_id, ground.platform
    with psycopg.connect(ground.superuser) as connection:
        known = [case for (case,) in connection.execute("SELECT id FROM case_file WHERE tenant_id = %s", [tenant_id])]
        for number in range(FILES):
            case_id = ground.cases[number % len(ground.cases)]
            stored_as = platform.files.store.put(tenant_id, os.urandom(FILE_BYTES))
            connection.execute(
                "INSERT INTO document (tenant_id, id, case_id, stored_as, name, media_type, size, added_at)"
                " VALUES (%s, gen_random_uuid(), %s, %s, '\\x01', 'application/pdf', %s, now())",
                [tenant_id, case_id, stored_as, FILE_BYTES],
            )
    with psycopg.connect(cluster.dsn("weerklank_keys", "weerklank_keys")) as connection:
        connection.execute(
            "INSERT INTO keystore.case_key (tenant_id, case_id, wrapped)"
            " SELECT %s, case_id, decode(repeat('ab', 61), 'hex')"
            " FROM unnest(%s::uuid[]) AS case_id ON CONFLICT DO NOTHING",
            [tenant_id, known],
        )


def empty(settings: Settings, cluster: Cluster, folder: Path) -> Settings:
    """The same installation with two databases without a table and a folder without a file."""
    with psycopg.connect(cluster.dsn("postgres", "postgres"), autocommit=True) as connection:
        for name, owner in (("back", "weerklank_owner"), ("back_keys", "weerklank_keys")):
            made = SQL("CREATE DATABASE {} OWNER {}").format(Identifier(name), Identifier(owner))
            connection.execute(made)
    return replace(
        settings,
        var=folder / "new",
        audit_folder=folder / "new" / "audit",
        database_owner_url=cluster.dsn("back", "weerklank_owner"),
        database_url=cluster.dsn("back", "weerklank_app"),
        database_clock_url=cluster.dsn("back", "weerklank_clock"),
        database_backup_url=cluster.dsn("back", "weerklank_backup"),
        keystore_url=cluster.dsn("back_keys", "weerklank_keys"),
    )


@contextmanager
def took(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)


def in_mb(place: Path) -> int:
    return sum(part.stat().st_size for part in place.rglob("*") if part.is_file()) // 1_000_000


def quiet(line: str) -> None:
    """The restore says how far it is; here only its time counts."""


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
