"""Migrations while others work: how long anybody waits behind one, and what is left when one is killed half-way.

First on databases of their own, then on the tables of a made-up next release, while people hand in complaints.

Traffic is SQL on all tables at once, twenty reading and twenty writing requests a second, while somebody else has
read every table in one transaction that stays open for four seconds. So a migration that asks for a lock on a table
finds it taken, and whoever comes after it would queue behind it.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import Script
from psycopg.sql import SQL, Composed, Identifier, Literal
from sqlalchemy import Engine, event

from faults.campaign import Campaign
from faults.ground import Ground
from faults.table import Row, Size
from weerklank.kernel import schema
from weerklank.kernel.postgres import Cluster, find_programs

SINCE = "0014"  # what came before ran before there was any installation
EVERY = 0.05  # seconds between two readers, and between two writers
LONGEST_STALL = 0.5
READ_FOR = 4.0
TENANT = "00000000-0000-7000-8000-000000000001"
VALUES = {
    "uuid": "md5(n::text)::uuid", "text": "n::text", "bytea": "decode(md5(n::text), 'hex')", "date": "current_date",
    "timestamp with time zone": "now()", "jsonb": "'{}'", "boolean": "false", "ARRAY": "'{}'", "smallint": "n % 30000",
    "integer": "n", "bigint": "n",
}  # fmt: skip


@dataclass
class Stalls:
    """What readers and writers met: how often they asked, the longest wait in seconds, and what failed."""

    asked: int = 0
    longest: float = 0.0
    failed: list[str] = field(default_factory=list)


@contextmanager
def own_database(cluster: Cluster, to: str) -> Iterator[str]:
    """The name of a database of its own, migrated to this version."""
    name = f"weerklank_{uuid4().hex}"
    with psycopg.connect(cluster.dsn("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {} OWNER weerklank_owner").format(Identifier(name)))
    try:
        schema.upgrade(cluster.dsn(name, "weerklank_owner"), to)
        yield name
    finally:
        with psycopg.connect(cluster.dsn("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(SQL("DROP DATABASE {} (FORCE)").format(Identifier(name)))


def fill(superuser: str, rows: int) -> None:
    """So many rows in every table, of one organisation, whose ids fit each other. They mean nothing."""
    with psycopg.connect(superuser) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in tables(connection):
            columns = connection.execute(
                "SELECT column_name, data_type FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name = %s AND is_nullable = 'NO' ORDER BY ordinal_position",
                (table,),
            ).fetchall()
            allowed = allowed_words(connection, table)
            chosen = [SQL(allowed.get(name) or VALUES[kind]) for name, kind in columns]
            connection.execute(
                SQL("INSERT INTO {} ({}) SELECT {} FROM generate_series(1, {}) AS n ON CONFLICT DO NOTHING").format(
                    Identifier(table),
                    SQL(", ").join(Identifier(name) for name, _ in columns),
                    SQL(", ").join(chosen),
                    Literal(rows),
                )
            )


def allowed_words(connection: psycopg.Connection[Any], table: str) -> dict[str, str]:
    """For columns that allow certain words only, the first of them; and the one organisation."""
    found = connection.execute(
        "SELECT attname, pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_attribute a"
        " ON a.attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'c' AND conrelid = %s::regclass",
        (table,),
    ).fetchall()
    words = {name: re.search(r"'[^']*'", told) for name, told in found}
    return {name: word.group() for name, word in words.items() if word} | {"tenant_id": f"'{TENANT}'"}


def tables(connection: psycopg.Connection[Any]) -> list[str]:
    found = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1"
    )
    return [name for (name,) in found]


def stalls(cluster: Cluster, name: str, to: str, read_for: float = READ_FOR) -> Stalls:
    """Migrate this database to a version while others work in it, one of whom reads all of it slowly."""
    superuser, met, stop = cluster.dsn(name, "postgres"), Stalls(), threading.Event()
    with psycopg.connect(superuser) as slow:
        slow.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        every = tables(slow)
        for table in every:
            slow.execute(SQL("SELECT FROM {} LIMIT 1").format(Identifier(table)))
        read = SQL("; ").join(SQL("SELECT FROM {} LIMIT 1").format(Identifier(table)) for table in every)
        written = SQL("; ").join(SQL("DELETE FROM {} WHERE false").format(Identifier(table)) for table in every)
        threads = [threading.Thread(target=work, args=(superuser, each, met, stop)) for each in (read, written)]
        ending = threading.Timer(read_for, slow.rollback)
        for thread in (*threads, ending):
            thread.start()
        try:
            schema.upgrade(cluster.dsn(name, "weerklank_owner"), to)
        finally:
            stop.set()
            ending.join()
            for thread in threads:
                thread.join()
    return met


def work(url: str, request: Composed, met: Stalls, stop: threading.Event) -> None:
    """Ask the same of all tables twenty times a second, as one request that needs each of them."""
    with psycopg.connect(url, autocommit=True) as connection:
        while not stop.wait(EVERY):
            began = time.monotonic()
            try:
                connection.execute(request)
            except psycopg.Error as failure:
                met.failed.append(type(failure).__name__)
            met.longest = max(met.longest, time.monotonic() - began)
            met.asked += 1


def killed_in_each(owner: str) -> int:
    """Migrate an empty database: each migration is killed half-way, and run again. Answers how many were killed.

    In a process of its own, since it forks: `python -m faults.migrations ADDRESS`.
    """
    kills = 0
    for script in in_order():
        child = os.fork()
        if child == 0:
            die_half_way(owner, script)
        _, status = os.waitpid(child, 0)
        kills += os.WIFSIGNALED(status)
        schema.upgrade(owner, script.revision)
    return kills


def die_half_way(owner: str, script: Script) -> None:
    """End this process by SIGKILL when half of a migration's statements were carried out and nothing is committed."""
    left = (len(statements_of(script)) + 1) // 2

    def count(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        nonlocal left
        if statement.strip() in mine:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    mine = set(statements_of(script))
    event.listen(Engine, "after_cursor_execute", count)
    schema.upgrade(owner, script.revision)
    os._exit(1)


def in_order() -> list[Script]:
    """Every migration, the oldest first."""
    return list(reversed(list(schema.scripts().walk_revisions())))


def statements_of(script: Script) -> list[str]:
    """The SQL of a migration, statement by statement, as it would be sent."""
    sent: list[str] = []
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": StringIO()})
    context.impl.static_output = lambda text: sent.append(text.strip().removesuffix(";"))  # type: ignore[method-assign]  # one statement at a time
    with Operations.context(context):
        script.module.upgrade()
    return [each for each in sent if each not in ("BEGIN", "COMMIT")]


NEXT = """
from alembic import op

from weerklank.kernel.rowlevel import protect
from weerklank.kernel.schema import make_index

revision, down_revision, compatible_from = "9998", "{head}", "{oldest}"


def upgrade() -> None:
    op.execute("ALTER TABLE case_file ADD COLUMN next_thing text")
    op.execute("ALTER TABLE outbox ADD COLUMN next_number integer NOT NULL DEFAULT 0")
    op.execute("CREATE TABLE next_table (tenant_id uuid NOT NULL, PRIMARY KEY (tenant_id))")
    protect(op, "next_table")
    make_index(op, "ix_next", "case_file (tenant_id, next_thing)")
"""


@contextmanager
def next_release(folder: Path, oldest: str) -> Iterator[None]:
    """Within it, this process has the migrations of a next release, whose tables serve programs from `oldest` on."""
    ours, theirs = schema.MIGRATIONS, folder / "migrations"
    shutil.copytree(ours, theirs, ignore=shutil.ignore_patterns("__pycache__"))
    (theirs / "versions" / "9998_next.py").write_text(NEXT.format(head=schema.head(), oldest=oldest))
    try:
        use_migrations(theirs)
        yield
    finally:
        use_migrations(ours)


def use_migrations(folder: Path) -> None:
    schema.MIGRATIONS = folder
    schema.head.cache_clear()
    schema.known.cache_clear()


def shape(superuser: str) -> str:
    """The tables as pg_dump tells them, without the marks it invents anew each time."""
    programs = find_programs(Path("/nowhere"))
    done = subprocess.run(
        [programs / "pg_dump", "--schema-only", superuser], capture_output=True, text=True, check=True
    )
    return re.sub(r"(?m)^\\(un)?restrict .*$", "", done.stdout)


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    """Every migration that an installation can still meet; in the short form the newest by itself."""
    cluster = ground.postgres.cluster
    assert cluster
    row, longest = Row("migration behind a reader of 4 s", 27), 0.0
    for script in in_order():
        if script.revision <= SINCE or (size is Size.SHORT and script.revision != schema.head()):
            continue
        with own_database(cluster, str(script.down_revision)) as name:
            fill(cluster.dsn(name, "postgres"), size.of(2_000, 100_000))
            met = stalls(cluster, name, script.revision)
        row.runs += 1
        longest = max(longest, met.longest)
        row.wrong += [f"{script.revision}: {each}" for each in met.failed]
        if met.longest > LONGEST_STALL:
            row.wrong.append(f"{script.revision} held somebody up for {met.longest * 1000:.0f} ms")
    row.note = f"longest wait {longest * 1000:.0f} ms"
    yield row
    if size is Size.LONG:  # the short form of this one is tests/kernel/test_migrations.py
        yield killed(cluster)
    yield under_complaints(ground, seed, size)


def under_complaints(ground: Ground, seed: random.Random, size: Size) -> Row:
    """The tables of a next release come while people hand in complaints to programs of this one, which go on."""
    row = Row("next release's tables under complaints", 27)
    campaign = Campaign(ground, seed, "NEXT", size.of(12, 60))
    with psycopg.connect(ground.postgres.superuser) as slow, next_release(ground.folder, schema.head()):
        for table in tables(slow):
            slow.execute(SQL("SELECT FROM {} LIMIT 1").format(Identifier(table)))
        ending = threading.Timer(READ_FOR, slow.rollback)
        ending.start()
        campaign.begin()
        schema.upgrade(ground.platform.settings.database_owner_url)
        ending.join()
    campaign.finish(row)
    failed = [each for each in campaign.log if each.status >= HTTPStatus.INTERNAL_SERVER_ERROR]
    longest = max(each.ended - each.began for each in campaign.log)
    row.wrong += [f"{len(failed)} answers of a server that failed"] if failed else []
    row.wrong += ["somebody waited as long as the reader"] if longest >= READ_FOR else []
    row.note = f"{len(campaign.log)} requests, longest {longest * 1000:.0f} ms"
    return row


def killed(cluster: Cluster) -> Row:
    """Every migration killed half-way from an empty database on; the tables are then as they would have been."""
    row = Row("kill -9 half-way a migration", 27)
    with own_database(cluster, "head") as whole, own_database(cluster, "base") as name:
        owner = cluster.dsn(name, "weerklank_owner")
        done = subprocess.run(
            [sys.executable, "-m", "faults.migrations", owner], capture_output=True, text=True, check=True
        )
        row.kills = row.runs = int(done.stdout)
        if shape(cluster.dsn(name, "postgres")) != shape(cluster.dsn(whole, "postgres")):
            row.wrong.append("the tables are not what they would have been")
    return row


if __name__ == "__main__":
    print(killed_in_each(sys.argv[1]))
