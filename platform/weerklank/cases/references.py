"""How people name a case: the running reference, and the complainant's secret code."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from weerklank.kernel.ids import ALPHABET, CODE_GROUP, CODE_LENGTH, read_code
from weerklank.kernel.keys import Keyring

# One statement, the last of receiving a case: the counter's row is locked for as short as can be.
GIVE = text(
    """
    WITH taken AS (
        INSERT INTO case_counter (tenant_id, year, last) VALUES (:tenant, :year, 1)
        ON CONFLICT (tenant_id, year) DO UPDATE SET last = case_counter.last + 1
        RETURNING last
    )
    UPDATE case_file
    SET reference = :lead || lpad(taken.last::text, greatest(4, length(taken.last::text)), '0')
    FROM taken WHERE tenant_id = :tenant AND id = :case
    RETURNING reference
    """
)


def give_reference(session: Session, tenant_id: UUID, case_id: UUID, prefix: str, year: int) -> str:
    """The next reference of this year, such as SVD-2026-0042; at least four digits."""
    values = {"tenant": tenant_id, "case": case_id, "year": year, "lead": f"{prefix}-{year}-"}
    return str(session.execute(GIVE, values).scalar_one())


def code_of_form(keyring: Keyring, tenant_id: UUID, form: UUID) -> str:
    """The secret code that belongs to a form's own (random) id, so that a form sent twice shows the same code."""
    digest = hmac.digest(_key_for(keyring, tenant_id, b"code of a form"), form.bytes, hashlib.sha256)
    return grouped("".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:CODE_LENGTH]))


def grouped(code: str) -> str:
    """A code as it is shown, in groups."""
    return "-".join(code[start : start + CODE_GROUP] for start in range(0, CODE_LENGTH, CODE_GROUP))


def hash_of_typed(keyring: Keyring, tenant_id: UUID, typed: str) -> bytes | None:
    """The hash to look a typed code up by; None when it cannot be a code."""
    code = read_code(typed)
    return code_hash(keyring, tenant_id, code) if code else None


def code_hash(keyring: Keyring, tenant_id: UUID, code: str) -> bytes:
    """All we keep of a code. Keyed by the organisation's key: whoever has only the database cannot try codes."""
    return hmac.digest(keyring.code_key(tenant_id), code.encode(), hashlib.sha256)


def _key_for(keyring: Keyring, tenant_id: UUID, purpose: bytes) -> bytes:
    return hmac.digest(keyring.tenant_key(tenant_id), purpose, hashlib.sha256)
