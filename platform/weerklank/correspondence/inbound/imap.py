"""Reading a mailbox over IMAP: each mail is handed over first and put away on the server after that."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]  # it comes without types
from imapclient.exceptions import IMAPClientError, LoginError  # type: ignore[import-untyped]  # as above

from weerklank.correspondence.inbound.settings import MailboxSettings, Security

CONNECT_SECONDS = 10
READ_SECONDS = 20
MOST_AT_ONCE = 50
MOST_SECONDS = 40.0  # a reading ends before its job's lease does; the next one goes on
MOST_BYTES = 25 * 1024 * 1024


class CannotRead(Exception):
    """The mailbox cannot be read; `code` is one of unreachable, tls, login, folder, answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Fetched:
    """A mail as the server has it. Of one that is too large only the head; it stays on the server in whole."""

    raw: bytes
    arrived_at: datetime
    size: int
    whole: bool


def try_out(settings: MailboxSettings) -> int:
    """Log in and look: how many mails wait. Raises CannotRead."""
    with opened(settings) as client:
        return len(client.search("ALL"))


def read_all(settings: MailboxSettings, take: Callable[[Fetched], bool]) -> int:
    """Hand over what waits, oldest first, and move each away that `take` says is safe; how many. Raises CannotRead.

    What was not taken stays in its folder for the next time. Ends by itself after some mails or seconds.
    """
    began, taken = monotonic(), 0
    with opened(settings) as client:
        for uid in sorted(client.search("ALL"))[:MOST_AT_ONCE]:
            fetched = _fetch(client, uid)
            if fetched is not None and take(fetched):
                _put_away(client, uid, settings.done)
                taken += 1
            if monotonic() - began > MOST_SECONDS:
                break
    return taken


@contextmanager
def opened(settings: MailboxSettings) -> Iterator[IMAPClient]:
    """The mailbox with its folder chosen and the one for what is done there. Whatever goes wrong is CannotRead."""
    with _told():
        client = _connect(settings)
    try:
        with _told():
            client.login(settings.user, settings.password)
            client.normalise_times = False
            if not client.folder_exists(settings.done):
                client.create_folder(settings.done)
            client.select_folder(settings.folder)
            yield client
    except BaseException:
        client.shutdown()  # who was silent just now is not asked for a goodbye
        raise
    _leave(client)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except LoginError:
        raise CannotRead("login") from None
    except (ssl.SSLError, ssl.CertificateError):
        raise CannotRead("tls") from None
    except OSError:
        raise CannotRead("unreachable") from None
    except IMAPClientError:
        raise CannotRead("folder") from None
    except (ValueError, LookupError, AssertionError):
        raise CannotRead("answer") from None


def _connect(settings: MailboxSettings) -> IMAPClient:
    timeout = SocketTimeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    direct = settings.security is Security.TLS
    context = ssl.create_default_context()
    client = IMAPClient(
        settings.host, settings.port, ssl=direct, ssl_context=context if direct else None, timeout=timeout
    )
    if settings.security is Security.STARTTLS:
        client.starttls(context)
    return client


def _leave(client: IMAPClient) -> None:
    try:
        client.logout()
    except (IMAPClientError, OSError, ValueError):
        client.shutdown()


def _fetch(client: IMAPClient, uid: int) -> Fetched | None:
    about = client.fetch([uid], ["RFC822.SIZE", "INTERNALDATE"]).get(uid)
    if about is None:
        return None  # somebody else moved it meanwhile
    size, whole = int(about[b"RFC822.SIZE"]), int(about[b"RFC822.SIZE"]) <= MOST_BYTES
    part = "BODY.PEEK[]" if whole else "BODY.PEEK[HEADER]"
    found = client.fetch([uid], [part]).get(uid, {})
    raw = found.get(b"BODY[]" if whole else b"BODY[HEADER]")
    return Fetched(raw, about[b"INTERNALDATE"].astimezone(UTC), size, whole) if raw is not None else None


def _put_away(client: IMAPClient, uid: int, folder: str) -> None:
    if client.has_capability("MOVE"):
        client.move([uid], folder)
        return
    client.copy([uid], folder)
    client.delete_messages([uid])
    client.expunge([uid])
