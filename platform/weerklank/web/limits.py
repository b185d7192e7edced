"""How often one address may ask. Kept in Redis where there is one, so that all processes count together."""

from __future__ import annotations

import hashlib
import hmac
import math
import time
from threading import Lock

from flask import request
from flask_limiter import Limiter
from limits.storage import MemoryStorage

from weerklank.web.parts import parts

EVERY_PAGE = "600 per minute"
FORM = "60 per minute"  # a form that writes something
FORGET_EVERY = 60.0  # seconds
SECONDS = 1.0  # for Redis to connect, and to answer
GUESSES = "10 per minute; 60 per hour"  # a door that takes a password or a code


def address() -> str:
    """Who asks, as a keyed hash: counting needs no address."""
    given = (request.remote_addr or "").encode()
    return hmac.new(parts().settings.secret_key, given, hashlib.sha256).hexdigest()[:32]


def seconds_to_wait() -> int:
    """How long until who asked too often may ask again."""
    limit = limiter.current_limit
    return max(1, math.ceil(limit.reset_at - time.time())) if limit else 60


class Counted(MemoryStorage):
    """Counts in this process's own memory, and forgets once in a while; its base starts a thread for each request."""

    STORAGE_SCHEME = ["counted"]  # noqa: RUF012  # the name under which the library finds it; its base has a list too

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self.counting = Lock()
        self.forget_at = 0.0

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = time.time()
        with self.counting:
            if now >= self.forget_at:
                self.forget_at = now + FORGET_EVERY
                for old in [each for each, until in self.expirations.items() if until <= now]:
                    self.clear(old)
            if self.expirations.get(key, 0) <= now:
                self.storage[key], self.expirations[key] = 0, now + expiry
            self.storage[key] += amount
            return self.storage[key]


def storage(redis_url: str | None) -> dict[str, object]:
    """Where is counted, as the library's settings. A Redis that is away or silent stops nobody: then each process
    counts by itself, and asks again whether it is back after ever longer times, half a minute at most."""
    if redis_url is None:
        return {"RATELIMIT_STORAGE_URI": "counted://"}
    from redis.backoff import NoBackoff  # long to load, and not every process has a Redis
    from redis.retry import Retry

    limits = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS, "retry": Retry(NoBackoff(), 0)}
    return {
        "RATELIMIT_STORAGE_URI": redis_url,
        "RATELIMIT_STORAGE_OPTIONS": limits,
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
    }


limiter = Limiter(key_func=address, default_limits=[EVERY_PAGE])


@limiter.request_filter
def is_not_counted() -> bool:
    """Tests ask more often than people do."""
    return parts().settings.environment == "test"
