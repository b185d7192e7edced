"""How often one address may ask. Kept in Redis where there is one, so that all processes count together."""

from __future__ import annotations

import hashlib
import hmac
import math
import time

from flask import request
from flask_limiter import Limiter

from weerklank.web.parts import parts

EVERY_PAGE = "600 per minute"
FORM = "60 per minute"  # a form that writes something
GUESSES = "10 per minute; 60 per hour"  # a door that takes a password or a code


def address() -> str:
    """Who asks, as a keyed hash: counting needs no address."""
    given = (request.remote_addr or "").encode()
    return hmac.new(parts().settings.secret_key, given, hashlib.sha256).hexdigest()[:32]


def seconds_to_wait() -> int:
    """How long until who asked too often may ask again."""
    limit = limiter.current_limit
    return max(1, math.ceil(limit.reset_at - time.time())) if limit else 60


limiter = Limiter(key_func=address, default_limits=[EVERY_PAGE])


@limiter.request_filter
def is_not_counted() -> bool:
    """Tests ask more often than people do."""
    return parts().settings.environment == "test"
