"""Many rows of several tables in one statement: a round trip costs more than the rows it carries."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, TextClause, text
from sqlalchemy.orm import Session


def write_rows(session: Session, rows: Mapping[Table, Sequence[Mapping[str, Any]]]) -> None:
    """Insert these rows; those of one table name the same columns. Foreign keys are looked at when all are there."""
    some = {table: each for table, each in rows.items() if each}
    if some:
        columns = tuple((table.name, tuple(each[0])) for table, each in some.items())
        values = {table.name: json.dumps(each, default=as_text) for table, each in some.items()}
        session.execute(insert_all(columns), values)


@lru_cache
def insert_all(columns: tuple[tuple[str, tuple[str, ...]], ...]) -> TextClause:
    """The statement for these columns of these tables; what each gets is its parameter, as JSON."""
    inserts = [
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(names)}"  # noqa: S608  # names of our own models
        f" FROM jsonb_populate_recordset(CAST(NULL AS {table}), CAST(:{table} AS jsonb))"
        for table, names in columns
    ]
    before = [f"of_{table} AS ({insert})" for (table, _), insert in zip(columns, inserts[:-1], strict=False)]
    return text(f"WITH {', '.join(before)} {inserts[-1]}" if before else inserts[-1])


def as_text(value: object) -> str:
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)
