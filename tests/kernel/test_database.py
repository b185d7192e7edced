"""No scope, no query; and within a scope only that tenant's rows."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Engine, delete, func, select, text, update
from sqlalchemy.exc import OperationalError, ProgrammingError, StatementError
from sqlalchemy.orm import Session, aliased

from tests.conftest import Database, Organisation, add_tenant
from weerklank.kernel.database import current_tenant, make_engine, open_session, tenant_scope, without_tenant
from weerklank.kernel.errors import NoScope
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.kernel.outbox import Outbox

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def a_row(tenant_id: UUID | None = None) -> Outbox:
    row = Outbox(id=new_id(), kind="test", dedupe_key=str(new_id()), args={}, max_attempts=3)
    if tenant_id is not None:
        row.tenant_id = tenant_id
    return row


@pytest.fixture
def planted(open_test_session: Callable[[], Session], tenant: Organisation, other_tenant: Organisation) -> None:
    """Two rows of Anna's organisation, one of Carla's."""
    for owner, count in ((tenant, 2), (other_tenant, 1)):
        session = open_test_session()
        with tenant_scope(session, owner.id):
            session.add_all([a_row() for _ in range(count)])
            session.commit()


@pytest.mark.parametrize(
    "statement",
    [
        select(Outbox),
        select(func.count()).select_from(Outbox),
        select(aliased(Outbox)),
        update(Outbox).values(kind="x"),
        delete(Outbox),
        select(Outbox.__table__),
        text("SELECT 1"),
    ],
    ids=["select", "count", "alias", "update", "delete", "core", "text"],
)
def test_it_refuses_every_statement_without_a_scope(app_session: Session, statement: object) -> None:
    with pytest.raises(NoScope):
        app_session.execute(statement)  # type: ignore[call-overload]  # any kind of statement


def test_it_refuses_get_and_flush_without_a_scope(app_session: Session, tenant: Organisation) -> None:
    with pytest.raises(NoScope):
        app_session.get(Outbox, (tenant.id, new_id()))
    app_session.add(a_row(tenant.id))
    with pytest.raises(NoScope):
        app_session.flush()


def test_it_keeps_tenants_tables_closed_to_the_platform(
    app_session: Session, tenant: Organisation, planted: None
) -> None:
    with without_tenant(app_session, "a test"):
        assert app_session.scalar(text("SELECT count(*) FROM tenant")) == 2
        assert app_session.scalar(text("SELECT count(*) FROM outbox")) == 0
        with pytest.raises(NoScope):
            app_session.scalars(select(Outbox))
        app_session.add(a_row(tenant.id))
        with pytest.raises(NoScope):
            app_session.flush()


@pytest.mark.parametrize("route", ["orm", "alias", "subquery", "core", "text", "get", "raw"])
def test_it_shows_only_its_own_rows_by_every_route(
    app_session: Session, tenant: Organisation, other_tenant: Organisation, planted: None, route: str
) -> None:
    alias = aliased(Outbox)
    inner = select(Outbox.id).subquery()
    with tenant_scope(app_session, tenant.id):
        theirs = app_session.scalar(
            text("SELECT count(*) FROM outbox WHERE tenant_id = :other"), {"other": other_tenant.id}
        )
        counts = {
            "orm": lambda: len(app_session.scalars(select(Outbox)).all()),
            "alias": lambda: len(app_session.scalars(select(alias)).all()),
            "subquery": lambda: app_session.scalar(select(func.count()).select_from(inner)),
            "core": lambda: len(app_session.execute(select(Outbox.__table__)).all()),
            "text": lambda: app_session.scalar(text("SELECT count(*) FROM outbox")),
            "get": lambda: 2 + (app_session.get(Outbox, (other_tenant.id, new_id())) is not None),
            "raw": lambda: app_session.connection().exec_driver_sql("SELECT count(*) FROM outbox").scalar_one(),
        }
        assert counts[route]() == 2
        assert theirs == 0


def test_it_adds_the_tenant_to_orm_statements_even_for_a_role_that_sees_all(
    fresh_database: Database, keyring: Keyring
) -> None:
    with open_session(fresh_database.engine) as session:
        anna = add_tenant(session, keyring, "anna")
        carla = add_tenant(session, keyring, "carla")
    superuser = make_engine(fresh_database.superuser_url)
    for owner in (anna, carla):
        with open_session(superuser) as session, tenant_scope(session, owner.id):
            session.add(a_row())
            session.commit()
    for owner in (anna, carla):
        with open_session(superuser) as session, tenant_scope(session, owner.id):
            assert session.scalar(text("SELECT count(*) FROM outbox")) == 2, "row-level security is off here"
            assert [row.tenant_id for row in session.scalars(select(Outbox))] == [owner.id]
            assert session.scalar(select(func.count()).select_from(Outbox)) == 1
            changed = session.execute(update(Outbox).values(kind="changed"))
            assert changed.rowcount == 1  # type: ignore[attr-defined]  # a cursor's result
    superuser.dispose()


def test_it_keeps_the_scope_over_commit_and_rollback(app_session: Session, tenant: Organisation, planted: None) -> None:
    with tenant_scope(app_session, tenant.id):
        for end in (app_session.commit, app_session.rollback, app_session.commit):
            assert app_session.scalar(text("SELECT count(*) FROM outbox")) == 2
            end()
        with app_session.begin_nested() as savepoint:
            savepoint.rollback()
        assert app_session.scalar(text("SELECT count(*) FROM outbox")) == 2


def test_it_carries_no_tenant_into_the_next_use_of_a_pooled_connection(
    fresh_database: Database, keyring: Keyring
) -> None:
    with open_session(fresh_database.engine) as session:
        anna = add_tenant(session, keyring, "anna")
        with tenant_scope(session, anna.id):
            session.add(a_row())
            session.commit()
    with fresh_database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM outbox")) == 0
        assert connection.scalar(text("SELECT current_setting('app.tenant', true)")) in (None, "")


def test_it_fills_in_the_tenant_and_refuses_another(
    app_session: Session, tenant: Organisation, other_tenant: Organisation
) -> None:
    with tenant_scope(app_session, tenant.id):
        row = a_row()
        app_session.add(row)
        app_session.flush()
        assert row.tenant_id == tenant.id
        app_session.add(a_row(other_tenant.id))
        with pytest.raises(NoScope):
            app_session.flush()


def test_it_refuses_to_move_a_row_to_another_tenant(
    app_session: Session, tenant: Organisation, other_tenant: Organisation
) -> None:
    with tenant_scope(app_session, tenant.id):
        row = a_row()
        app_session.add(row)
        app_session.flush()
        row.tenant_id = other_tenant.id
        with pytest.raises(NoScope):
            app_session.flush()


def test_it_refuses_another_tenants_row_in_the_database_too(
    app_session: Session, tenant: Organisation, other_tenant: Organisation, planted: None
) -> None:
    insert = text(
        "INSERT INTO outbox (tenant_id, id, kind, dedupe_key, args, max_attempts)"
        " VALUES (:tenant, gen_random_uuid(), 'x', 'x', '{}', 1)"
    )
    with tenant_scope(app_session, tenant.id):
        with pytest.raises(ProgrammingError, match="row-level security"), app_session.begin_nested():
            app_session.execute(insert, {"tenant": other_tenant.id})
        moved = text("UPDATE outbox SET tenant_id = :tenant")
        with pytest.raises(ProgrammingError, match="row-level security"), app_session.begin_nested():
            app_session.execute(moved, {"tenant": other_tenant.id})
        assert app_session.execute(text("DELETE FROM outbox")).rowcount == 2  # type: ignore[attr-defined]  # a cursor result


def test_it_serves_one_tenant_with_one_session(
    app_session: Session, tenant: Organisation, other_tenant: Organisation
) -> None:
    with tenant_scope(app_session, tenant.id):
        with pytest.raises(NoScope), tenant_scope(app_session, other_tenant.id):
            pass
        with tenant_scope(app_session, tenant.id):
            assert current_tenant(app_session) == tenant.id
        assert current_tenant(app_session) == tenant.id
        with pytest.raises(NoScope), without_tenant(app_session, "a test"):
            pass
    with pytest.raises(NoScope), tenant_scope(app_session, other_tenant.id):
        pass
    with pytest.raises(NoScope):
        current_tenant(app_session)


def test_it_forgets_the_tenant_when_the_platform_goes_on_in_the_same_transaction(
    app_session: Session, tenant: Organisation, planted: None
) -> None:
    with tenant_scope(app_session, tenant.id):
        assert app_session.scalar(text("SELECT count(*) FROM outbox")) == 2
    with without_tenant(app_session, "a test"):
        assert app_session.scalar(text("SELECT count(*) FROM outbox")) == 0
    with tenant_scope(app_session, tenant.id):
        assert app_session.scalar(text("SELECT count(*) FROM outbox")) == 2


def test_it_refuses_a_moment_without_a_zone(app_session: Session, tenant: Organisation) -> None:
    with tenant_scope(app_session, tenant.id), pytest.raises(StatementError, match="time zone"):
        app_session.scalars(select(Outbox).where(Outbox.run_at < NOW.replace(tzinfo=None)))


def test_it_shows_no_values_in_an_error(app_session: Session, tenant: Organisation) -> None:
    with (
        tenant_scope(app_session, tenant.id),
        pytest.raises(ProgrammingError) as caught,
    ):
        app_session.execute(text("SELECT :secret FROM nowhere"), {"secret": "Anna de Vries"})
    assert "Anna" not in str(caught.value)


def test_it_limits_how_long_anything_waits(database: Database) -> None:
    engine: Engine = database.engine
    with engine.connect() as connection:
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            assert connection.scalar(text(f"SHOW {name}")) not in ("0", None)
        assert connection.scalar(text("SHOW timezone")) == "UTC"


def test_a_rollback_undoes_its_transaction_and_keeps_what_was_prepared(
    fresh_database: Database, keyring: Keyring
) -> None:
    engine = make_engine(fresh_database.app_url)
    with open_session(engine) as session:
        tenant = add_tenant(session, keyring, "eva")
        with tenant_scope(session, tenant.id):
            for _ in range(10):
                session.add(a_row())
                session.flush()
                assert session.scalar(select(func.count()).select_from(Outbox)) == 1
                session.rollback()
            assert session.scalar(select(func.count()).select_from(Outbox)) == 0
            kept = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
            assert any("count(*)" in statement for statement in kept)
            with pytest.raises(ProgrammingError):
                session.execute(text("SELECT * FROM nowhere"))
            session.rollback()
            assert session.scalar(select(func.count()).select_from(Outbox)) == 0
    engine.dispose()


def test_a_rollback_on_a_lost_connection_is_an_error_and_the_next_one_gets_another(database: Database) -> None:
    engine = make_engine(database.app_url)
    session = open_session(engine)
    with without_tenant(session, "a test ends its own connection"):
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        with psycopg.connect(database.superuser_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        with pytest.raises(OperationalError):
            session.rollback()
        session.close()
    with open_session(engine) as session, without_tenant(session, "a test asks again"):
        assert session.scalar(text("SELECT 1")) == 1
    engine.dispose()
