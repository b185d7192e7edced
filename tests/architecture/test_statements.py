"""No statement serves two organisations: read in the source, and read as it is sent in every test (see conftest)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.dialects.postgresql.psycopg import dialect

from tests.architecture.statements import SOURCE, several, tenant_tables, tenants_named, wrong_with
from tests.architecture.test_tenancy import import_models
from tests.conftest import LISTENER, Database, Organisation
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.outbox import BACKLOG, backlog

TABLES = {"case_file", "event", "outbox", "deadline"}
# What looks across organisations, all as the clock's role, which sees no more than ids and moments.
ACROSS = {
    "audit/seals.py UNSEALED": "which organisations have something that is not sealed yet",
    "cases/clocks.py DUE": "due terms of everybody, longest due first; carried out in one organisation's scope each",
    "correspondence/inbound/settings.py WITH_MAILBOX": "which organisations have a mailbox that is read",
    "doctor/house.py OLDEST_JOB": "how long the oldest job of all waits: one moment, for whoever runs the platform",
    "kernel/outbox.py DUE": "due jobs of everybody, the organisations in turn; carried out in one's scope each",
    "kernel/outbox.py WAITING": "which organisations have jobs that wait",
    "workers/figures.py DEAD": "how many jobs were given up: numbers by kind, for whoever runs the platform",
    "doctor/queues.py JOBS": "how many jobs wait and how long: numbers by kind, no ids",
    "workers/figures.py MAILBOXES": "how long ago mailboxes were read: a number and a moment",
    "workers/figures.py MESSAGES": "how many messages wait and how long: a number and a moment",
    "workers/figures.py TERMS": "how many terms are due and how long: numbers and a moment",
}


def written() -> Iterator[tuple[str, str]]:
    """(file and name, statement) of every statement that stands in the source as text; nameless inside a function."""
    for path in sorted(Path(SOURCE).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {id(node.value): target.id for node in tree.body if isinstance(node, ast.Assign)
                 for target in node.targets if isinstance(target, ast.Name)}  # fmt: skip
        for node in ast.walk(tree):
            sort = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if isinstance(node, ast.Call) and sort == "text" and isinstance(node.args[0], ast.Constant):
                name = named.get(id(node), f"in line {node.lineno}")
                yield f"{path.relative_to(SOURCE)} {name}", str(node.args[0].value)


def test_every_statement_in_the_source_names_the_tenant_of_each_table() -> None:
    import_models()
    tables = tenant_tables()
    assert {name for name, statement in written() if wrong_with(statement, tables)} == set(ACROSS)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("SELECT id FROM case_file WHERE id = :id", "case_file is asked without"),
        ("SELECT id FROM case_file WHERE tenant_id = :t OR id = :id", "case_file is asked without"),
        ("UPDATE outbox SET state = 'done' WHERE id = :id", "outbox is asked without"),
        ("DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE tenant_id = :t)", "outbox is asked without"),
        ("INSERT INTO outbox (id) VALUES (:id)", "without saying of which tenant"),
        (
            "SELECT * FROM case_file c JOIN event e ON e.case_id = c.id WHERE c.tenant_id = :t",
            "event is asked without",
        ),
        (
            "SELECT * FROM case_file c, event e WHERE e.case_id = c.id AND e.tenant_id = :t",
            "joined without their tenants",
        ),
        (
            "SELECT * FROM case_file c WHERE c.tenant_id = :t AND EXISTS (SELECT FROM event e WHERE e.case_id = c.id)",
            "event is asked without",
        ),
    ],
)
def test_it_finds_a_statement_that_serves_more_than_one(statement: str, found: str) -> None:
    assert any(found in each for each in wrong_with(statement, TABLES))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM case_file WHERE tenant_id = %(t)s::UUID AND (id = %(a)s OR id = %(b)s)",
        "SELECT * FROM case_file c JOIN event e ON (e.tenant_id, e.no) = (c.tenant_id, c.no) WHERE c.tenant_id = :t",
        "SELECT * FROM case_file JOIN event ON event.tenant_id = case_file.tenant_id WHERE event.tenant_id = :t",
        "SELECT * FROM case_file c WHERE c.tenant_id = :t AND EXISTS"
        " (SELECT FROM event e WHERE e.tenant_id = c.tenant_id AND e.case_id = c.id)",
        "INSERT INTO outbox (tenant_id, id) SELECT tenant_id, id FROM deadline WHERE tenant_id = :t",
        "WITH old AS (DELETE FROM outbox WHERE tenant_id = :t RETURNING id) SELECT id FROM old",
        "SELECT id FROM tenant WHERE slug = :slug",
    ],
)
def test_it_lets_a_statement_of_one_tenant_pass(statement: str) -> None:
    assert wrong_with(statement, TABLES) == []


def test_it_sees_when_tables_of_several_organisations_are_joined() -> None:
    joined = "SELECT FROM case_file c, event e WHERE c.tenant_id = %(one)s::UUID AND e.tenant_id = %(two)s::UUID"
    assert several(tenants_named(joined), {"one": "anna", "two": "carla"})
    assert not several(tenants_named(joined), {"one": "anna", "two": "anna"})
    nobodys = "SELECT FROM case_file c WHERE c.tenant_id = %(one)s::UUID AND c.tenant_id = %(two)s::UUID"
    assert not several(tenants_named(nobodys), {"one": "anna", "two": "carla"})


def test_it_hears_what_the_application_sends_and_not_what_a_test_does(database: Database, tenant: Organisation) -> None:
    mine = text("SELECT 'a word of this test' FROM outbox")
    with open_session(database.engine) as session, tenant_scope(session, tenant.id):
        backlog(session)
        session.execute(mine)
    assert {name for names in tenants_named(sent_as(BACKLOG)) for name in names} == {"tenant"}
    assert sent_as(BACKLOG) in LISTENER.known
    assert sent_as(mine) not in LISTENER.known


def sent_as(statement: TextClause) -> str:
    return str(statement.compile(dialect=dialect()))
