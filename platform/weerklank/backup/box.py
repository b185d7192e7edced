"""A file sealed by one or two passphrases: written as a stream, read at any place, never half.

AES-256-GCM by blocks. A block is bound to its number and to whether it is the last one, so that none can be changed,
moved, left out or cut off unseen. The key is made of all passphrases by scrypt: with two, neither opens it alone.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from weerklank.kernel.errors import BadSurroundings

MAGIC = b"WKBOX1"
SALT, PREFIX, TAG = 16, 7, 16
BLOCK = 1 << 16
LEAST = 12  # characters of a passphrase
SCRYPT = {"length": 32, "n": 1 << 15, "r": 8, "p": 1}
Half = tuple[bytes, bytes]  # a salt, and what a passphrase becomes by it


class Sink(Protocol):
    """Where a box is written to."""

    def write(self, data: bytes, /) -> int: ...


class Unopened(BadSurroundings):
    """The box does not open: another passphrase, or it was changed or cut off."""


def half_of(passphrase: str, salt: bytes | None = None) -> Half:
    """What of a passphrase goes into the key. Raises BadSurroundings for one that is too short."""
    if len(passphrase) < LEAST:
        raise BadSurroundings(f"A passphrase has at least {LEAST} characters.")
    salt = salt or os.urandom(SALT)
    return salt, Scrypt(salt=salt, **SCRYPT).derive(passphrase.encode())


class Writer(io.RawIOBase):
    """Seals what is written into `to`; only `close` makes it whole."""

    def __init__(self, to: Sink, halves: Sequence[Half]) -> None:
        self.to, self.waiting, self.number = to, bytearray(), 0
        prefix = os.urandom(PREFIX)
        self.header = MAGIC + bytes([len(halves)]) + b"".join(salt for salt, _ in halves) + prefix
        self.cipher, self.prefix = cipher_of(halves), prefix
        to.write(self.header)

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]  # bytes are what zip writes
        self.waiting += data
        while len(self.waiting) > BLOCK:
            self.put(bytes(self.waiting[:BLOCK]), last=False)
            del self.waiting[:BLOCK]
        return len(data)

    def put(self, block: bytes, *, last: bool) -> None:
        self.to.write(self.cipher.encrypt(nonce(self.prefix, self.number, last=last), block, self.header))
        self.number += 1

    def close(self) -> None:
        if not self.closed:
            self.put(bytes(self.waiting), last=True)
        super().close()


class Reader(io.RawIOBase):
    """Opens a box at any place. Raises Unopened."""

    def __init__(self, of: BinaryIO, passphrases: Sequence[str]) -> None:
        self.of, self.at = of, 0
        start = of.read(len(MAGIC) + 1)
        count = start[-1] if start[:-1] == MAGIC else 0
        if count != len(passphrases):
            raise Unopened(f"This box takes {count} passphrases." if count else "This is no sealed export.")
        salts = [of.read(SALT) for _ in range(count)]
        self.prefix = of.read(PREFIX)
        self.header = start + b"".join(salts) + self.prefix
        halves = [half_of(each, salt) for each, salt in zip(passphrases, salts, strict=True)]
        self.cipher = cipher_of(halves)
        sealed = of.seek(0, io.SEEK_END) - len(self.header)
        if sealed < TAG:
            raise Unopened("The box is cut off.")
        self.blocks = -(-sealed // (BLOCK + TAG))
        self.size = sealed - self.blocks * TAG
        self.held: tuple[int, bytes] = (self.blocks - 1, self.block(self.blocks - 1))  # proves the end

    def block(self, number: int) -> bytes:
        self.of.seek(len(self.header) + number * (BLOCK + TAG))
        sealed = self.of.read(BLOCK + TAG)
        try:
            return self.cipher.decrypt(nonce(self.prefix, number, last=number == self.blocks - 1), sealed, self.header)
        except (InvalidTag, ValueError, struct.error):
            raise Unopened("The box does not open: another passphrase, or it was changed or cut off.") from None

    def close(self) -> None:
        self.of.close()
        super().close()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self.at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence]
        return self.at

    def tell(self) -> int:
        return self.at

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # what BufferedReader hands in
        number, within = divmod(self.at, BLOCK)
        if self.at >= self.size:
            return 0
        if self.held[0] != number:
            self.held = (number, self.block(number))
        data = self.held[1][within : within + len(buffer)]
        buffer[: len(data)] = data
        self.at += len(data)
        return len(data)


def cipher_of(halves: Sequence[Half]) -> AESGCM:
    whole = b"".join(half for _, half in halves)
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"sealed export").derive(whole))


def nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, last)


def open_box(place: Path, passphrases: Sequence[str]) -> BinaryIO:
    """The content of a box as a file that can be read anywhere. Raises Unopened."""
    try:
        file = place.open("rb")
    except OSError as error:
        raise BadSurroundings(f"{place} cannot be read: {error.strerror}.") from error
    try:
        return io.BufferedReader(Reader(file, passphrases), BLOCK)
    except BaseException:
        file.close()
        raise
