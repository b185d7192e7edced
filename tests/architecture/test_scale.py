"""The page on scale names every table, and divides each by what its keys allow."""

from __future__ import annotations

import re

import psycopg
from psycopg.rows import TupleRow

from tests.architecture.test_tenancy import catalogue, tenant_tables  # noqa: F401 - a fixture
from weerklank.kernel.settings import ROOT

# An organisation's rows that have a name which no other may have: a copy on each node keeps it so.
REFERENCE = {"tenant_host"}


def divided() -> dict[str, str]:
    """What docs/scale.md says each table is distributed by."""
    page = (ROOT / "docs/scale.md").read_text(encoding="utf-8")
    lists = re.findall(r"^- (`tenant_id`|reference|local): ([^.]+)\.$", page, re.MULTILINE)
    return {name.strip(): column.strip("`") for column, names in lists for name in names.split(",")}


def test_it_divides_every_table_by_its_organisation_or_says_where_it_stays(
    catalogue: psycopg.Connection[TupleRow],  # noqa: F811 - a fixture of another module
) -> None:
    every = {name for (name,) in catalogue.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    of_tenants = set(tenant_tables(catalogue)) - REFERENCE
    said = divided()
    assert said.keys() == every
    assert {name for name, column in said.items() if column == "tenant_id"} == of_tenants
    assert {said[name] for name in every - of_tenants} == {"local", "reference"}
