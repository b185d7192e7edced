"""The database session, and the first of the two walls between tenants: no scope, no query.

Within `tenant_scope` every transaction tells PostgreSQL for whom it works, ORM statements carry the tenant as
a condition and a flush refuses another tenant's rows. Row-level security is the second wall: it also stands
behind statements that are not the ORM's. `without_tenant` is the one way past the first wall, for the
platform's own tables; past the second there is none.

The hooks stand on SQLAlchemy's own `Session`, so that no session of this process is without them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from types import MethodType
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import psycopg
from flask_sqlalchemy import SQLAlchemy
from psycopg.abc import PQGen
from psycopg.generators import execute
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Connection, DateTime, Dialect, Engine, ForeignKey, MetaData, Text, create_engine, event, make_url
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    SessionTransaction,
    UOWTransaction,
    mapped_column,
    registry,
    with_loader_criteria,
)
from sqlalchemy.pool import ConnectionPoolEntry, Pool
from sqlalchemy.types import TypeDecorator

from weerklank.kernel.errors import BadSurroundings, NoScope

T = TypeVar("T")
PATIENCE: ContextVar["Patience | None"] = ContextVar("patience", default=None)
SCOPE = "weerklank tenant"  # keys of Session.info
OWNER = "weerklank tenant of this session"
REASON = "weerklank reason to do without a tenant"
CRITERIA = "weerklank condition on the tenant"

CONNECT_SECONDS = 3
STATEMENT_SECONDS = 10
PAGE_SECONDS = 5  # for a statement that somebody waits for, who would sooner hear that it does not go
GRACE_SECONDS = 1  # for the server to say itself that a statement took too long
REQUEST_SECONDS = 7.0  # for all statements of a page together, so that a slow line keeps nobody for minutes
LEAST_SECONDS = 0.2  # for a statement when nothing is left: a rollback
SILENCE = "weerklank seconds of silence"  # of what a pool keeps of a connection
LOCK_SECONDS = 5
IDLE_SECONDS = 60
LIMITS = {
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
    "timezone": "UTC",
}
POOLED = "pooler=transaction"  # in an address: a pooler stands before the database


class Instant(TypeDecorator[datetime]):
    """An aware moment. A naive one would be read in whatever zone the server happens to have: refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every model's base. Annotations give the type: str, UUID, bytes, bool, int, date, datetime, dict."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "pk": "pk_%(table_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
            }
        ),
        type_annotation_map={str: Text, datetime: Instant, dict[str, Any]: JSONB, list[Any]: JSONB},
    )


class TenantOwned:
    """Mix-in of every table that holds a tenant's rows: the tenant leads its primary key.

    Its migration calls `rowlevel.protect`; its uniques and foreign keys start with `tenant_id` too.
    """

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True, sort_order=-10)


db = SQLAlchemy(model_class=Base)


@contextmanager
def tenant_scope(session: Session, tenant_id: UUID) -> Iterator[None]:
    """Within it the session works for this tenant, over commits and rollbacks too. Scopes may be nested.

    One session serves one tenant: raises NoScope for a second one, since objects in memory pass no filter.
    """
    info = session.info
    if info.get(OWNER, tenant_id) != tenant_id or REASON in info:
        raise NoScope("this session works for another tenant or for none; open a new one")
    if SCOPE in info:
        yield
        return
    if info.get(OWNER) is None:
        info[CRITERIA] = with_loader_criteria(TenantOwned, lambda cls: cls.tenant_id == tenant_id, include_aliases=True)
    info[OWNER] = info[SCOPE] = tenant_id
    try:
        if session.in_transaction():
            tell_tenant(session.connection(), str(tenant_id))
        yield
    finally:
        del info[SCOPE]


@contextmanager
def without_tenant(session: Session, reason: str) -> Iterator[None]:
    """Within it the session reads and writes the platform's own tables; a tenant's rows stay out of reach.

    `reason` is for the reader of the code. Raises NoScope inside a tenant's scope, which needs no exception.
    """
    info = session.info
    if SCOPE in info:
        raise NoScope("this session works for a tenant, which may use the platform's tables as well")
    if OWNER in info and session.in_transaction():
        tell_tenant(session.connection(), "")
    outer = info.get(REASON)
    info[REASON] = reason
    try:
        yield
    finally:
        if outer is None:
            del info[REASON]
        else:
            info[REASON] = outer


def current_tenant(session: Session) -> UUID:
    """The tenant in whose scope the session works; raises NoScope without one."""
    tenant_id: UUID | None = session.info.get(SCOPE)
    if tenant_id is None:
        raise NoScope("this needs a tenant's scope")
    return tenant_id


def tell_tenant(connection: Connection, tenant_id: str) -> None:
    """Until the end of this transaction (the `true`), so that a pooled connection never carries it on."""
    connection.exec_driver_sql("SELECT set_config('app.tenant', %s, true)", (tenant_id,))


@event.listens_for(Session, "after_begin")
def tell_each_transaction(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """A session that joined somebody else's transaction may find another session's tenant there."""
    tenant_id = session.info.get(SCOPE)
    if tenant_id is not None and not transaction.nested:
        tell_tenant(connection, str(tenant_id))
    elif tenant_id is None and isinstance(session.bind, Connection):
        tell_tenant(connection, "")


@event.listens_for(Session, "do_orm_execute")
def guard_statement(state: ORMExecuteState) -> None:
    info = state.session.info
    if SCOPE not in info:
        if REASON not in info:
            raise NoScope("a statement needs tenant_scope or without_tenant")
        if any(issubclass(mapper.class_, TenantOwned) for mapper in state.all_mappers):
            raise NoScope("a tenant's table needs tenant_scope")
    elif state.is_orm_statement and not (state.is_insert or state.is_column_load or state.is_relationship_load):
        state.statement = state.statement.options(info[CRITERIA])


@event.listens_for(Session, "before_flush")
def guard_flush(session: Session, context: UOWTransaction, instances: object) -> None:
    info = session.info
    tenant_id: UUID | None = info.get(SCOPE)
    if tenant_id is None and REASON not in info:
        raise NoScope("a flush needs tenant_scope or without_tenant")
    for row in session.new:
        if tenant_id and isinstance(row, TenantOwned) and getattr(row, "tenant_id", None) is None:
            row.tenant_id = tenant_id
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, TenantOwned) and (tenant_id is None or row.tenant_id != tenant_id):
            raise NoScope("a row of another tenant cannot be written")


def engine_options(url: str, seconds: int = STATEMENT_SECONDS) -> dict[str, Any]:
    """What every engine needs, also Flask-SQLAlchemy's (`SQLALCHEMY_ENGINE_OPTIONS`).

    A statement may take so many `seconds`; a server that says nothing by then is left (`wait`).

    A statement's values never get into an error text; nothing waits for ever. Behind a pooler nothing may be kept on
    a connection, as the next transaction gets another one: nothing is prepared there, and what follows from `LIMITS`
    stands with the role itself (migration 0021). Raises BadSurroundings for options that a pooler would not pass on.
    """
    given = parse_qs(urlsplit(url).query).get("options", [])
    arguments: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": (seconds + GRACE_SECONDS) * 1000,
        "keepalives_idle": STATEMENT_SECONDS,
    }
    limits = LIMITS | {"statement_timeout": f"{seconds}s"}
    if not is_pooled(url):
        arguments["options"] = " ".join([*given, *(f"-c {name}={value}" for name, value in limits.items())])
    elif given:
        raise BadSurroundings(
            f"An address with `{POOLED}` needs a login of its own: set DATABASE_APP_URL and DATABASE_CLOCK_URL."
        )
    else:
        arguments["prepare_threshold"] = None
    return {"hide_parameters": True, "pool_pre_ping": True, "connect_args": arguments}


def is_pooled(url: str) -> bool:
    """Whether an address says that it leads through a pooler, such as PgBouncer in transaction mode."""
    return POOLED in urlsplit(url).query.split("&")


@event.listens_for(Pool, "connect")
def adapt_connection(connection: Any, record: ConnectionPoolEntry) -> None:
    """Have a connection wait no longer than its engine's options say, and forget nothing at a rollback.

    Every page that only reads ends with a rollback. The driver prepares what it has sent a few times, and drops all of
    that at a rollback, for fear of tables made in that very transaction. Ours are made by migrations; a statement that
    is prepared outlives a rollback.
    """
    milliseconds = connection.info.get_parameters().get("tcp_user_timeout")
    record.info[SILENCE] = int(milliseconds) / 1000 if milliseconds else None
    connection.rollback = MethodType(rollback, connection)
    connection.wait = MethodType(wait, connection)
    connection.silence = CONNECT_SECONDS


@event.listens_for(Pool, "checkout")
def wait_for_statements(connection: Any, record: ConnectionPoolEntry, proxy: object) -> None:
    connection.silence = record.info[SILENCE]


@event.listens_for(Pool, "checkin")
def wait_for_a_ping(connection: Any, record: ConnectionPoolEntry) -> None:
    """The next thing that this connection is asked is whether it is still there."""
    if connection is not None:
        connection.silence = CONNECT_SECONDS


@dataclass
class Patience:
    """How many seconds more whoever works here waits for databases, all statements together."""

    left: float


def be_patient(seconds: float | None) -> None:
    """From now on this thread waits so long for databases in all; None: each statement has its own limit only."""
    PATIENCE.set(None if seconds is None else Patience(seconds))


def wait(connection: Any, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
    """Wait for the server's answer, but not for ever: TCP has its limits for a peer that takes nothing any more, the
    server has its own for a statement, and neither helps with one that takes everything and never answers."""
    began, patience, limit = monotonic(), PATIENCE.get(), timeout or connection.silence
    if patience and limit:
        limit = min(limit, max(patience.left, LEAST_SECONDS))
    try:
        return psycopg.Connection.wait(connection, gen, interval, limit)
    except psycopg.OperationalError:
        if connection.pgconn.transaction_status == TransactionStatus.ACTIVE:
            connection.close()
            raise psycopg.OperationalError("the database did not answer in time") from None
        raise
    finally:
        if patience:
            patience.left -= monotonic() - began


def rollback(connection: Any) -> None:
    if connection.pgconn.transaction_status == TransactionStatus.INTRANS:
        with connection.lock:
            connection.pgconn.send_query(b"ROLLBACK")
            (result,) = connection.wait(execute(connection.pgconn))
        if result.status != ExecStatus.COMMAND_OK:
            raise psycopg.OperationalError("the connection was lost before a rollback")
    else:
        psycopg.Connection.rollback(connection)


def without_limit(session: Session) -> None:
    """Let the statements of this transaction take as long as they need, for work on everything there is."""
    connection = session.connection()
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    driver: Any = connection.connection.dbapi_connection
    driver.silence = None


def make_engine(url: str, seconds: int = STATEMENT_SECONDS) -> Engine:
    """An engine for whatever runs outside the web application: commands, the clock, tests."""
    return create_engine(driver_url(url), **engine_options(url, seconds))


@contextmanager
def engine_for(url: str) -> Iterator[Engine]:
    """An engine for one command, whose connections are closed at the end of it."""
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def driver_url(url: str) -> str:
    """The address with the driver named. SQLAlchemy 2.1 takes psycopg 3 for a plain one too; say it."""
    address = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not is_pooled(url):
        return address
    return make_url(address).difference_update_query(["pooler"]).render_as_string(hide_password=False)


def open_session(engine: Engine) -> Session:
    """A session of its own, without a scope yet; use it as a context manager."""
    return Session(engine)
