"""Identifiers and secrets. An id may be seen by anyone who may see the row; a secret opens something."""

import secrets
import time
from uuid import UUID

# Crockford's base 32: no I, L, O or U, so that a code survives being read out over the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREADINGS = str.maketrans("OIL", "011", " -\u2010\u2011\u2013\t\u200e\u200f")
CODE_LENGTH = 20
CODE_GROUP = 5


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562): it starts with the millisecond, so that new rows lie together in an index."""
    milliseconds = time.time_ns() // 1_000_000
    return UUID(int=milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62))


def secret_code() -> str:
    """A code for a person to keep and type: 20 characters, 100 random bits, as `7K2QM-...` in groups of five.

    Fewer than the 128 bits of a token, since somebody copies it from paper; the doors that take it limit
    the number of tries, which leaves a guesser nowhere near 2**100.
    """
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(code[start : start + CODE_GROUP] for start in range(0, CODE_LENGTH, CODE_GROUP))


def read_code(typed: str) -> str | None:
    """What was typed, as `secret_code` wrote it: case, spaces, hyphens and misread letters do not matter.

    Nor do the marks that keep its order in a text from right to left. None if it cannot be a code.
    """
    code = typed.upper().translate(MISREADINGS)
    if len(code) != CODE_LENGTH or not set(code) <= set(ALPHABET):
        return None
    return "-".join(code[start : start + CODE_GROUP] for start in range(0, CODE_LENGTH, CODE_GROUP))


def token() -> str:
    """A secret for a link or a cookie, 256 random bits, safe in a URL. Store its hash, not the token."""
    return secrets.token_urlsafe(32)
