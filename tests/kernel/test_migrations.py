"""Every migration can run while others work, may be killed half-way, and leaves older programs working.

docs/migrations.md has the rules in words.
"""

from __future__ import annotations

import json
import re
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import sqlglot
from alembic.script import Script
from psycopg.rows import TupleRow
from sqlglot import exp

from faults import migrations
from faults.migrations import SINCE, in_order, own_database, statements_of
from weerklank.kernel import schema
from weerklank.kernel.postgres import Cluster

READ_FOR = 2.0  # seconds: behind one that waits, everybody would wait as long
TABLES_HELD = 2
SQUAWK = Path(sys.executable).with_name("squawk")
# What the runner sees to (limits of locks, transactions, whether it may run twice), and matters of taste.
LEFT_OUT = (
    "require-lock-timeout", "require-statement-timeout", "transaction-nesting", "ban-uncommitted-transaction",
    "ban-concurrent-index-creation-in-transaction", "prefer-robust-stmts",
    "prefer-bigint-over-int", "prefer-bigint-over-smallint",
)  # fmt: skip
# Migration -> rule that it breaks -> why it may. A new line here is a decision; 0001 to 0014 ran before there was any
# installation, so that nobody could be held up by them.
ALLOWED = {
    "0022": {
        "ban-drop-not-null": "a file in which a virus was found has no place any more; a program before 0022 fails"
        " to open that one file, and opens all others",
    },
}
LATER = [script for script in in_order() if script.revision > SINCE]


def named(script: Script) -> str:
    return script.revision


@pytest.mark.parametrize("script", LATER, ids=named)
def test_it_holds_nobody_up_and_takes_nothing_away(script: Script) -> None:
    assert set(complaints_about(statements_of(script))) - set(ALLOWED.get(script.revision, ())) == set()


def complaints_about(statements: list[str]) -> dict[str, str]:
    """Rule -> what is wrong, by the linter and by rules of our own."""
    done = subprocess.run(
        [SQUAWK, "--pg-version=15", "--reporter=json", "--assume-in-transaction", f"--exclude={','.join(LEFT_OUT)}"],
        input="".join(f"{each};\n" for each in statements), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    found = {each["rule_name"]: each["message"] for each in json.loads(done.stdout or "[]")}
    for statement in statements:
        tree = sqlglot.parse_one(statement, dialect="postgres")
        if isinstance(tree, (exp.Update, exp.Delete)):
            found["many-rows-at-once"] = "rows are changed by a job, a batch at a time"
    if len(tables_held(statements)) > TABLES_HELD:
        found["many-tables-at-once"] = "whoever comes waits for each of them: split it"
    for name in made_beside_work(statements):
        if f"DROP INDEX CONCURRENTLY IF EXISTS {name}" not in statements:
            found["broken-off-index"] = f"{name} may stand there half made: use schema.make_index"
    return found


def tables_held(statements: list[str]) -> set[str]:
    """The tables that were there before and that others cannot use until the migration is done."""
    told = "\n".join(statements)
    held = re.findall(r"(?:ALTER TABLE|CREATE POLICY \w+ ON|REFERENCES)\s+(\w+)", told)
    return set(held) - set(re.findall(r"CREATE TABLE (\w+)", told))


def made_beside_work(statements: list[str]) -> list[str]:
    found = (re.match(r"CREATE (?:UNIQUE )?INDEX CONCURRENTLY (\w+)", each) for each in statements)
    return [match.group(1) for match in found if match]


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("ALTER TABLE message DROP COLUMN number", "ban-drop-column"),
        ("DROP TABLE message", "ban-drop-table"),
        ("ALTER TABLE message RENAME COLUMN number TO place", "renaming-column"),
        ("ALTER TABLE message ALTER COLUMN number TYPE bigint", "changing-column-type"),
        ("ALTER TABLE message ADD COLUMN place integer NOT NULL", "adding-required-field"),
        ("ALTER TABLE message ALTER COLUMN number SET NOT NULL", "adding-not-nullable-field"),
        ("ALTER TABLE message ADD CONSTRAINT ck CHECK (number > 0)", "constraint-missing-not-valid"),
        ("CREATE INDEX ix ON message (tenant_id, number)", "require-concurrent-index-creation"),
        ("DROP INDEX ix_message_queued", "require-concurrent-index-deletion"),
        ("CREATE INDEX CONCURRENTLY ix ON message (tenant_id, number)", "broken-off-index"),
        ("UPDATE message SET number = 1", "many-rows-at-once"),
    ],
)
def test_it_sees_what_a_migration_must_not_do(statement: str, rule: str) -> None:
    assert rule in complaints_about([statement])


def test_it_sees_when_a_migration_holds_many_tables() -> None:
    grown = [f"ALTER TABLE {table} ADD COLUMN thing text" for table in ("case_file", "outbox", "message")]
    assert set(complaints_about(grown)) == {"many-tables-at-once"}


def test_it_lets_what_is_safe_pass() -> None:
    safe = [
        "ALTER TABLE message ADD COLUMN place integer NOT NULL DEFAULT 0",
        "ALTER TABLE message ADD CONSTRAINT ck CHECK (number > 0) NOT VALID",
        "CREATE TABLE other (tenant_id uuid NOT NULL, id uuid NOT NULL, CONSTRAINT pk PRIMARY KEY (tenant_id, id))",
        "CREATE INDEX ix ON other (tenant_id)",
    ]
    assert complaints_about(safe) == {}


def test_every_migration_says_from_which_version_on_programs_may_work() -> None:
    declared = [str(script.module.compatible_from) for script in LATER]
    assert declared == sorted(declared)
    for script, oldest in zip(LATER, declared, strict=True):
        assert oldest in schema.known()
        assert oldest < script.revision, "the programs of the release before go on while this one is brought out"


def test_it_is_not_held_up_behind_whoever_reads_slowly_and_holds_nobody_up(cluster: Cluster) -> None:
    """Every migration since the first installation, in one go. The figure itself is the campaign's."""
    with own_database(cluster, SINCE) as name:
        migrations.fill(cluster.dsn(name, "postgres"), 500)
        met = migrations.stalls(cluster, name, "head", READ_FOR)
    assert met.failed == []
    assert met.asked > 10
    assert met.longest < READ_FOR / 2


def test_it_would_be_seen_if_a_migration_held_others_up(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "SETTINGS", ("SET lock_timeout = 0",))
    with own_database(cluster, "0015") as name:
        met = migrations.stalls(cluster, name, "0016", READ_FOR)
    assert met.longest > READ_FOR / 2


def test_a_migration_that_is_killed_half_way_is_done_by_the_next_run(cluster: Cluster) -> None:
    row = migrations.killed(cluster)
    assert (row.wrong, row.kills) == ([], len(in_order()))


def test_an_index_that_was_left_half_made_is_made_again(cluster: Cluster) -> None:
    """Whoever makes it is killed while he waits for somebody who reads; his server sees that and lets go."""
    with own_database(cluster, "0016") as name, psycopg.connect(cluster.dsn(name, "postgres")) as slow:
        slow.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        slow.execute("SELECT FROM message")
        killed = subprocess.Popen([sys.executable, "-c", UPGRADE, cluster.dsn(name, "weerklank_owner"), "0017"])
        with psycopg.connect(cluster.dsn(name, "postgres"), autocommit=True) as looking:
            until(lambda: state_of(looking, "ix_message_queued") is False)
            killed.kill()
            killed.wait()
            until(lambda: looking.execute(WHO_MIGRATES).fetchone() is None)
            assert state_of(looking, "ix_message_queued") is False
            slow.rollback()
            schema.upgrade(cluster.dsn(name, "weerklank_owner"))
            assert state_of(looking, "ix_message_queued") is True


UPGRADE = "import sys; from weerklank.kernel import schema; schema.upgrade(*sys.argv[1:])"
WHO_MIGRATES = (
    f"SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = {schema.ONE_AT_A_TIME}"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def state_of(connection: psycopg.Connection[TupleRow], index: str) -> bool | None:
    """Whether an index is whole; None if there is none."""
    row = connection.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", (index,)).fetchone()
    return None if row is None else bool(row[0])


def until(true: Callable[[], bool]) -> None:
    for _ in range(3000):
        if true():
            return
        select.select([], [], [], 0.02)
    raise AssertionError("it did not happen within a minute")
