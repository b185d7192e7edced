"""The second wall, looked up in the catalogue of a migrated database, over all tables that there are."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg.rows import TupleRow, dict_row
from sqlalchemy import Connection as SqlConnection
from sqlalchemy.schema import SchemaItem

import weerklank
from tests.conftest import Database
from weerklank.kernel import schema
from weerklank.kernel.database import Base, TenantOwned, make_engine

# What belongs to the platform and not to one organisation. A new line here is a decision.
PLATFORM_TABLES = {
    "alembic_version",  # the database's version
    "operator",  # who runs the platform, with what lets him in
    "operator_link",
    "operator_session",
    "tenant",  # how a host or path becomes an organisation
    "tenant_change",  # what the platform did with an organisation: approved, suspended
    "tenant_host",
    "tick",  # the last slot of each repeating job
}
CLOCK_MAY_READ = {
    "outbox": {"tenant_id", "id", "kind", "run_at", "created_at", "lease_until", "state"},
    "deadline": {"tenant_id", "case_id", "term", "next_at", "lease_until", "set_aside_at"},
    "message": {"tenant_id", "state", "created_at"},
    "mailbox": {"tenant_id", "active", "read_at", "failed_at", "changed_at"},
    "tenant": {"id", "slug", "state"},
    "unsealed_head": {"tenant_id"},
    "tick": {"name", "slot", "claimed_at", "lease_until"},
    "alembic_version": {"version_num", "compatible_from"},
}
POLICY = "(tenant_id = (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid)"
SOURCE = Path(weerklank.__file__).parent


@pytest.fixture(scope="module")
def catalogue(database: Database) -> Iterator[psycopg.Connection[TupleRow]]:
    with psycopg.connect(database.superuser_url) as connection:
        yield connection


def all_tables(catalogue: psycopg.Connection[TupleRow]) -> set[str]:
    found = catalogue.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    )
    return {name for (name,) in found}


def tenant_tables(catalogue: psycopg.Connection[TupleRow]) -> set[str]:
    return all_tables(catalogue) - PLATFORM_TABLES


def keys(catalogue: psycopg.Connection[TupleRow], kind: str) -> Iterator[tuple[str, str, list[str]]]:
    """(table, constraint or index, columns in order) of the primary keys or the unique indexes."""
    yield from catalogue.execute(
        """
        SELECT t.relname, i.relname,
               array(SELECT a.attname::text FROM unnest(x.indkey) WITH ORDINALITY AS k (number, place)
                     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number ORDER BY place)
        FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
        WHERE t.relnamespace = 'public'::regnamespace
            AND CASE WHEN %s = 'primary' THEN indisprimary ELSE indisunique END
        """,
        [kind],
    )


def test_it_knows_every_table_as_an_organisations_or_the_platforms(
    catalogue: psycopg.Connection[TupleRow],
) -> None:
    with_tenant = {
        name
        for (name,) in catalogue.execute(
            "SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE attname = 'tenant_id' AND relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
    }
    assert all_tables(catalogue) >= PLATFORM_TABLES
    assert tenant_tables(catalogue) == with_tenant - PLATFORM_TABLES


def test_it_forces_row_level_security_on_every_tenants_table(catalogue: psycopg.Connection[TupleRow]) -> None:
    walled = {
        name
        for (name,) in catalogue.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    }
    assert tenant_tables(catalogue) - walled == set()


def test_it_gives_every_tenants_table_the_one_policy_for_reading_and_writing(
    catalogue: psycopg.Connection[TupleRow],
) -> None:
    policies: dict[str, list[tuple[object, ...]]] = {}
    for table, *rest in catalogue.execute(
        "SELECT tablename, policyname, permissive, roles::text[], cmd, qual, with_check FROM pg_policies"
    ):
        policies.setdefault(table, []).append(tuple(rest))
    own = ("tenant_only", "PERMISSIVE", ["public"], "ALL", POLICY, POLICY)
    clocks = ("clock_sees_all", "PERMISSIVE", ["weerklank_clock"], "SELECT", "true", None)
    for table in tenant_tables(catalogue):
        found = policies.get(table, [])
        assert own in found, table
        assert [policy for policy in found if policy not in (own, clocks)] == [], table
        assert clocks not in found or table in CLOCK_MAY_READ, table


def test_it_leads_every_key_with_the_tenant(catalogue: psycopg.Connection[TupleRow]) -> None:
    tables = tenant_tables(catalogue)
    primary = {table: columns for table, _, columns in keys(catalogue, "primary")}
    assert {table for table in tables if primary.get(table, [""])[0] != "tenant_id"} == set()
    unique = {(table, name) for table, name, columns in keys(catalogue, "unique") if columns[:1] != ["tenant_id"]}
    assert {(table, name) for table, name in unique if table in tables} == set()


def test_it_refers_to_a_tenants_row_only_together_with_its_tenant(
    catalogue: psycopg.Connection[TupleRow],
) -> None:
    tables, wrong = tenant_tables(catalogue), []
    for table, name, target, columns, targets in catalogue.execute(
        """
        SELECT c.conrelid::regclass::text, c.conname, c.confrelid::regclass::text,
               array(SELECT attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)
                     JOIN pg_attribute ON attrelid = c.conrelid AND attnum = k.number ORDER BY place),
               array(SELECT attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k (number, place)
                     JOIN pg_attribute ON attrelid = c.confrelid AND attnum = k.number ORDER BY place)
        FROM pg_constraint c WHERE contype = 'f' AND connamespace = 'public'::regnamespace
        """
    ):
        if target in tables and not (columns[0] == targets[0] == "tenant_id"):
            wrong.append((table, name))
        if target == "tenant" and columns != ["tenant_id"]:
            wrong.append((table, name))
    assert wrong == []


def test_it_ties_every_tenants_table_to_its_tenant(catalogue: psycopg.Connection[TupleRow]) -> None:
    tied = {
        table
        for (table,) in catalogue.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND confrelid = 'tenant'::regclass"
        )
    }
    assert tenant_tables(catalogue) - tied == set()


def test_it_gives_the_roles_no_power_and_no_property(catalogue: psycopg.Connection[TupleRow]) -> None:
    roles = catalogue.execute(
        """
        SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication,
               EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid)
                   OR EXISTS (SELECT FROM pg_proc WHERE proowner = pg_roles.oid)
                   OR EXISTS (SELECT FROM pg_namespace WHERE nspowner = pg_roles.oid)
                   OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)
        FROM pg_roles WHERE rolname IN ('weerklank_app', 'weerklank_clock')
        """
    ).fetchall()
    assert sorted(roles) == [("weerklank_app", False, False), ("weerklank_clock", False, False)]


def test_it_lets_nobody_make_things_in_the_schema_but_its_owner(
    catalogue: psycopg.Connection[TupleRow],
) -> None:
    for role in ("weerklank_app", "weerklank_clock"):
        for right, allowed in (("USAGE", True), ("CREATE", False)):
            answer = catalogue.execute("SELECT has_schema_privilege(%s, 'public', %s)", [role, right]).fetchone()
            assert answer == (allowed,)


def test_it_shows_the_clock_what_it_needs_to_find_due_work_and_no_more(
    catalogue: psycopg.Connection[TupleRow],
) -> None:
    seen: dict[str, set[str]] = {}
    for table, column in catalogue.execute(
        "SELECT table_name, column_name FROM information_schema.column_privileges"
        " WHERE grantee = 'weerklank_clock' AND privilege_type = 'SELECT' AND table_schema = 'public'"
    ):
        seen.setdefault(table, set()).add(column)
    assert {table: columns - CLOCK_MAY_READ.get(table, set()) for table, columns in seen.items()} == {
        table: set() for table in seen
    }
    writes = catalogue.execute(
        "SELECT DISTINCT table_name FROM information_schema.column_privileges WHERE grantee = 'weerklank_clock'"
        " AND privilege_type <> 'SELECT'"
    ).fetchall()
    assert writes == [("tick",)]


@pytest.mark.parametrize("table", ["event", "seal", "seal_entry"])
def test_it_lets_the_application_only_add_to_the_trail(catalogue: psycopg.Connection[TupleRow], table: str) -> None:
    rights = catalogue.execute(
        "SELECT DISTINCT privilege_type FROM information_schema.column_privileges"
        " WHERE grantee = 'weerklank_app' AND table_name = %s",
        [table],
    )
    assert {right for (right,) in rights} == {"SELECT", "INSERT"}
    assert catalogue.execute("SELECT has_table_privilege('weerklank_app', %s, 'DELETE')", [table]).fetchone() == (
        False,
    )


def test_it_has_nothing_that_looks_past_the_wall(catalogue: psycopg.Connection[TupleRow]) -> None:
    """Views look with their owner's eyes, functions too if they are so defined; materialised ones have no wall."""
    with catalogue.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            """
            SELECT relname AS name FROM pg_class
            WHERE relnamespace = 'public'::regnamespace
                AND (relkind = 'm' OR relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY(reloptions), false))
            UNION ALL
            SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
            UNION ALL
            SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
            """
        )
        assert cursor.fetchall() == []


def test_it_declares_every_tenants_table_as_tenant_owned(catalogue: psycopg.Connection[TupleRow]) -> None:
    import_models()
    mapped = {mapper.local_table.key: mapper.class_ for mapper in Base.registry.mappers}
    owned = {name for name, model in mapped.items() if issubclass(model, TenantOwned)}
    unmapped = tenant_tables(catalogue) - mapped.keys()
    assert unmapped <= {"keyed_token"}, "room for later, which nothing writes yet"
    assert owned == tenant_tables(catalogue) - unmapped


def test_it_has_models_that_say_the_same_as_the_migrations(database: Database) -> None:
    import_models()
    engine = make_engine(database.superuser_url)
    with engine.connect() as connection:
        differences = compare_metadata(comparison(connection), Base.metadata)
    engine.dispose()
    assert [shown(difference) for difference in differences] == []


def shown(difference: object) -> str:
    """A difference in one line: what would have to happen to which column or key."""
    parts = difference[0] if isinstance(difference, list) else difference
    assert isinstance(parts, tuple)
    return " ".join(str(getattr(part, "name", part)) for part in parts if not isinstance(part, dict))


def comparison(connection: SqlConnection) -> MigrationContext:
    """Columns, nullability, types and foreign keys; indexes and uniques are the migrations' business alone."""

    def compared(item: SchemaItem, name: str | None, kind: str, reflected: bool, other: SchemaItem | None) -> bool:
        return kind not in ("index", "unique_constraint") and name not in ("keyed_token", "alembic_version")

    return MigrationContext.configure(connection, opts={"include_object": compared, "compare_type": True})


def import_models() -> None:
    for path in SOURCE.rglob("*.py"):
        if "__tablename__" in path.read_text(encoding="utf-8"):
            importlib.import_module(".".join(path.relative_to(SOURCE.parent).with_suffix("").parts))


def test_it_has_one_head_and_numbers_that_follow_each_other() -> None:
    revisions = [script.revision for script in schema.scripts().walk_revisions()]
    assert len(schema.scripts().get_heads()) == 1
    assert sorted(revisions) == [f"{number:04}" for number in range(1, len(revisions) + 1)]
    files = sorted(path.name for path in (schema.MIGRATIONS / "versions").glob("*.py"))
    assert [name[:4] for name in files] == sorted(revisions)


def test_it_tells_the_database_its_tenant_for_one_transaction_only() -> None:
    """`SET app.tenant`, or a third argument that is not true, would stay on a pooled connection."""
    pattern = re.compile(r"""SET\s+(SESSION\s+)?['"]?app\.|set_config\((?![^)]*,\s*true\))""", re.IGNORECASE)
    assert [path.name for path in SOURCE.rglob("*.py") if pattern.search(path.read_text(encoding="utf-8"))] == []


def test_it_reaches_around_the_session_nowhere() -> None:
    """A session's raw connection passes the first wall; only the wall itself may use it."""
    pattern = re.compile(r"session\.connection\(|\.bulk_(save|insert|update)|from_statement|exec_driver_sql")
    found = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py")
             if pattern.search(path.read_text(encoding="utf-8"))}  # fmt: skip
    assert found == {"kernel/database.py"}


def test_it_gives_a_reason_wherever_it_works_without_a_tenant() -> None:
    """Who looks for `without_tenant` reads the reason beside it, or a constant of that module."""
    calls = 0
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "without_tenant":
                calls += 1
                reason = node.args[1] if len(node.args) > 1 else node.keywords[0].value
                if isinstance(reason, ast.Name):
                    reason = constants[reason.id]
                assert isinstance(reason, ast.Constant), f"{path.name}:{node.lineno}"
                assert len(str(reason.value)) >= 10, f"{path.name}:{node.lineno}"
    assert calls > 0
