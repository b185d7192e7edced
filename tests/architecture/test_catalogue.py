"""Every index of an organisation's table leads with the organisation, so that tables can lie apart by organisation."""

from __future__ import annotations

import psycopg
from psycopg.rows import TupleRow

from tests.architecture.test_tenancy import catalogue, tenant_tables  # noqa: F401 - a fixture

# What looks across organisations. Each is used by the clock's role alone, which looks for what is due.
ACROSS = {
    "ix_outbox_due": "jobs of everybody, longest due first",
    "ix_deadline_next": "terms of everybody, longest due first",
}


def test_it_leads_every_index_with_the_tenant(catalogue: psycopg.Connection[TupleRow]) -> None:  # noqa: F811 - a fixture of another module
    tables = tenant_tables(catalogue)
    found = catalogue.execute(
        """
        SELECT t.relname, i.relname, coalesce(a.attname, '') FROM pg_index x
        JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
        LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
        WHERE t.relnamespace = 'public'::regnamespace
        """
    ).fetchall()
    assert len(found) > len(tables)
    assert {index for table, index, column in found if table in tables and column != "tenant_id"} == set(ACROSS)


def test_it_has_no_index_that_is_half_made(catalogue: psycopg.Connection[TupleRow]) -> None:  # noqa: F811 - a fixture of another module
    assert catalogue.execute("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid").fetchall() == []
