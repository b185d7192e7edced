"""Sealed values: what a person wrote or is called, readable only with the key of its case or tenant.

AES-256-GCM. A value is bound to its tenant, table, column and row (the associated data), so that one that is
moved elsewhere does not open. Stored as: version (1 byte), nonce (12), ciphertext and tag (16 longer than the text).
"""

import json
import os
from enum import Enum
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from weerklank.kernel.errors import WeerklankError

VERSION = b"\x01"
NONCE_BYTES = 12


class KeyErased(WeerklankError):
    """Nothing can be sealed any more for a case or tenant whose key is gone."""


class Tampered(WeerklankError):
    """A sealed value does not open with its own key in its own place: it was changed or moved."""


class Erased(Enum):
    """What stands where a value was, once its key is destroyed. A page shows it as it is; it is never true."""

    ERASED = "\u2588" * 5

    def __str__(self) -> str:
        return self.value

    def __bool__(self) -> bool:
        return False


ERASED = Erased.ERASED


class Sealer:
    """Seals and unseals with one key; without a key it only answers `ERASED`."""

    def __init__(self, tenant_id: UUID, key: bytes | None) -> None:
        self.tenant_id = tenant_id
        self.cipher = None if key is None else AESGCM(key)

    def seal(self, value: str | bytes, *, table: str, column: str, row: object) -> bytes:
        """The value as it may be stored in this place. `row` is what names the row within its tenant."""
        if self.cipher is None:
            raise KeyErased("the key of this case or tenant is gone")
        nonce = os.urandom(NONCE_BYTES)
        data = value.encode() if isinstance(value, str) else value
        return VERSION + nonce + self.cipher.encrypt(nonce, data, self.place(table, column, row))

    def unseal_bytes(self, sealed: bytes, *, table: str, column: str, row: object) -> bytes | Erased:
        """The bytes that were sealed for this place. Raises Tampered."""
        if self.cipher is None:
            return ERASED
        nonce, data = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        if sealed[:1] != VERSION:
            raise Tampered(f"a value of {table}.{column} is not in the form it was sealed in")
        try:
            return self.cipher.decrypt(nonce, data, self.place(table, column, row))
        except (InvalidTag, ValueError):
            raise Tampered(f"a value of {table}.{column} was changed or moved") from None

    def unseal(self, sealed: bytes, *, table: str, column: str, row: object) -> str | Erased:
        """The text that was sealed for this place. Raises Tampered."""
        data = self.unseal_bytes(sealed, table=table, column=column, row=row)
        return data if isinstance(data, Erased) else data.decode()

    def seal_json(self, value: Any, *, table: str, column: str, row: object) -> bytes:
        """As `seal`, for whatever JSON can hold."""
        text = json.dumps(value, separators=(",", ":"))
        return self.seal(text, table=table, column=column, row=row)

    def unseal_json(self, sealed: bytes, *, table: str, column: str, row: object) -> Any | Erased:
        """As `unseal`, for what `seal_json` sealed."""
        data = self.unseal_bytes(sealed, table=table, column=column, row=row)
        return data if isinstance(data, Erased) else json.loads(data)

    def place(self, table: str, column: str, row: object) -> bytes:
        return f"{self.tenant_id}|{table}|{column}|{row}".encode()
