"""Whether this process can do its work, part by part, and whether it does: for whoever watches over it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from weerklank.kernel import schema
from weerklank.kernel.errors import BadSurroundings

OK = "ok"
DEGRADED = "degraded"  # it does without: slower or later, and nothing is lost
STUCK = "stuck"
SILENT = "silent"
PATIENCE = 1.0  # seconds that an answer is waited for
KEPT = 2.0  # seconds that an answer stands

Check = Callable[[], str]  # OK, or one word that says what is wrong and nothing of the inside


def database_state(engine: Engine) -> str:
    """Whether the database answers, with the tables this program needs, to a role that can pass no wall."""
    try:
        with engine.connect() as connection:
            schema.check(connection)
    except SQLAlchemyError:
        return "unreachable"
    except BadSurroundings:
        return "unfit"
    return OK


def keys_state(keystore: Engine) -> str:
    """Whether the key store answers."""
    try:
        with keystore.connect() as connection:
            connection.execute(text("SELECT FROM keystore.tenant_key LIMIT 1"))
    except SQLAlchemyError:
        return "unreachable"
    return OK


def queue_state(redis_url: str) -> str:
    """Whether Redis answers. Without it the outbox is polled, so that nothing waits for it."""
    import redis  # is long to load, and not every process has one
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    limits = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry": Retry(NoBackoff(), 0)}
    try:
        with redis.Redis.from_url(redis_url, **limits) as client:
            client.ping()
    except redis.RedisError:
        return DEGRADED
    return OK


class InHand:
    """What a process has in hand and since when, of which it can hold so many at once.

    It is stuck when each of its places has been taken for longer than `patience` seconds.
    """

    def __init__(self, places: int, patience: float) -> None:
        self.places = places
        self.patience = patience
        self.since: dict[object, float] = {}

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place."""
        mark = object()
        self.since[mark] = monotonic()
        try:
            yield
        finally:
            del self.since[mark]

    def state(self) -> str:
        """OK or STUCK."""
        limit = monotonic() - self.patience
        return STUCK if sum(since < limit for since in tuple(self.since.values())) >= self.places else OK


class Progress:
    """When something that goes round and round last came by; it is stuck after `patience` seconds without."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self.at = monotonic()

    def made(self) -> None:
        self.at = monotonic()

    def age(self) -> float:
        """Seconds since it last came by."""
        return monotonic() - self.at

    def state(self) -> str:
        """OK or STUCK."""
        return STUCK if self.age() > self.patience else OK


class Part:
    """A part of the surroundings that is asked in a thread of its own, and not waited for longer than PATIENCE."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.said = SILENT
        self.at = float("-inf")
        self.asking: threading.Thread | None = None
        self.lock = threading.Lock()

    def ask(self) -> None:
        """Begin to ask, unless its answer still stands or is being waited for."""
        with self.lock:
            if monotonic() - self.at > KEPT and (self.asking is None or not self.asking.is_alive()):
                self.asking = threading.Thread(target=self.hear, daemon=True)
                self.asking.start()

    def hear(self) -> None:
        try:
            said = self.check()
        except Exception as error:
            get_logger().warning("part_not_asked", error=type(error).__name__)
            said = "unknown"
        self.said, self.at = said, monotonic()

    def answer(self, until: float) -> str:
        """What it says, or SILENT when it has not said so by then."""
        asking = self.asking
        if asking is not None:
            asking.join(max(0.0, until - monotonic()))
        return SILENT if asking is not None and asking.is_alive() else self.said
