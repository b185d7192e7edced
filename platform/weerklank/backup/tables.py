"""The tables of an organisation as the catalogue knows them, and their rows as JSON, read and written in its scope.

Row-level security holds for both: whatever a statement here says, it reaches one organisation only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

BATCH, FEW = 500, 4
HEAVY = {"inbound_mail"}  # a row of it may be tens of megabytes
MOST_BYTES = 8_000_000  # of one statement, but for a single row
Row = dict[str, Any]

COLUMNS = text(
    """
    SELECT c.relname AS name, a.attname AS column, format_type(a.atttypid, NULL) AS type,
        coalesce(array_position(i.indkey::int2[], a.attnum), -1) AS place
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    ORDER BY c.relname, a.attnum
    """
)
REFERENCES = text(
    "SELECT conrelid::regclass::text AS name, confrelid::regclass::text AS other FROM pg_constraint"
    " WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
)


@dataclass(frozen=True)
class Table:
    """A table with an organisation's rows. `types` says of each column what it is; `key` is the primary key in order;
    `own` tells that its rows refer to each other, so that they have to come in together."""

    name: str
    types: dict[str, str]
    key: tuple[str, ...]
    own: bool

    @property
    def of_tenant(self) -> str:
        """The column that says whose a row is."""
        return "id" if self.name == "tenant" else "tenant_id"

    @cached_property
    def statement(self) -> str:
        """Reads the rows in the order of their key."""
        return (
            f"SELECT to_jsonb(t) FROM {self.name} t WHERE {self.of_tenant} = :tenant"  # noqa: S608  # of the catalogue
            f" ORDER BY {', '.join(self.key)}"
        )


def tables(session: Session) -> list[Table]:
    """All tables with rows of an organisation, each after those that it refers to."""
    types: dict[str, dict[str, str]] = {}
    keys: dict[str, list[tuple[int, str]]] = {}
    for name, column, kind, place in session.execute(COLUMNS):
        types.setdefault(name, {})[column] = kind
        if place >= 0:
            keys.setdefault(name, []).append((place, column))
    needs: dict[str, set[str]] = {name: set() for name in types}
    for name, other in session.execute(REFERENCES):
        needs[name].add(other)
    ours = [name for name in types if name == "tenant" or "tenant_id" in types[name]]
    return [
        Table(name, types[name], tuple(column for _, column in sorted(keys[name])), name in needs[name])
        for name in ordered(ours, needs)
    ]


def ordered(names: Sequence[str], needs: dict[str, set[str]]) -> Iterator[str]:
    """Each after those that it needs; by name where that leaves a choice."""
    done: set[str] = set()
    left = sorted(names)
    while left:
        ready = next(name for name in left if needs[name] & set(left) <= {name})
        left.remove(ready)
        done.add(ready)
        yield ready


def rows(session: Session, table: Table, tenant_id: UUID) -> Iterator[Row]:
    """The rows of an organisation, as JSON has them: bytes as hexadecimal after `\\x`, moments in UTC."""
    size = FEW if table.name in HEAVY else BATCH
    found = session.execute(text(table.statement), {"tenant": tenant_id}, execution_options={"yield_per": size})
    yield from found.scalars()


def write(session: Session, table: Table, given: Iterable[Row], otherwise: str = "") -> int:
    """Add rows, each with the same columns, as JSON has them; how many. `otherwise` is for those that are there."""
    count = 0
    for batch, names in batches(table, given):
        columns = ", ".join(f'"{name}"' for name in names)
        statement = (
            f"INSERT INTO {table.name} ({columns})"  # noqa: S608  # of the catalogue
            f" SELECT {columns} FROM jsonb_populate_recordset(CAST(NULL AS {table.name}), CAST(:rows AS jsonb))"
            f" {otherwise}"
        )
        session.execute(text(statement), {"rows": f"[{','.join(batch)}]"})
        count += len(batch)
    return count


def batches(table: Table, given: Iterable[Row]) -> Iterator[tuple[list[str], list[str]]]:
    """Rows as JSON, as many as go into one statement, with the names of their columns."""
    batch: list[str] = []
    names: list[str] = []
    size = 0
    for row in given:
        names = names or list(row)
        batch.append(json.dumps(row))
        size += len(batch[-1])
        if (len(batch) >= BATCH or size > MOST_BYTES) and not table.own:
            yield batch, names
            batch, size = [], 0
    if batch:
        yield batch, names
