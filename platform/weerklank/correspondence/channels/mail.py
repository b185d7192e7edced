"""Mail: a written letter goes out by SMTP, or in development into a maildir that a local page shows."""

from __future__ import annotations

import mailbox
import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from socket import SHUT_RDWR, socket
from threading import Timer
from urllib.parse import unquote, urlsplit

from markupsafe import Markup, escape

from weerklank.correspondence.letters import Letter
from weerklank.policy.words import Marked, direction

SECONDS_TO_GREET = 5  # for each of: to be reached, to greet
SECONDS = 18  # for all that follows, however slowly it is said; a thread is held less than half a minute
SECONDS_TO_PART = 1
NOT_LET_IN = (530, 534, 535, 538)  # logging in or encryption is asked of us: nothing is wrong with the mail


class NotDelivered(Exception):
    """A message that did not go. `permanent`: trying again will not help. Its text never holds an address."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


@dataclass(frozen=True)
class Envelope:
    """From whom, to which address, and the Message-ID that stays the same over every attempt.

    `reply_to` is where answers go when it is not the sender.
    """

    sender_name: str
    sender: str
    to: str
    message_id: str
    at: datetime
    reply_to: str = ""


def make_mail(letter: Letter, envelope: Envelope, base_url: str) -> EmailMessage:
    """The mail in plain text and HTML; addresses below `base_url`, the platform's own, are links in the latter.

    Raises NotDelivered for an address that no mail can have.
    """
    mail = EmailMessage(policy=SMTP)
    try:
        user, _, domain = envelope.sender.rpartition("@")
        mail["From"] = Address(_one_line(envelope.sender_name), user, domain)
        mail["To"] = Address(addr_spec=envelope.to)
        if envelope.reply_to:
            mail["Reply-To"] = Address(_one_line(envelope.sender_name), addr_spec=envelope.reply_to)
    except (ValueError, IndexError):
        raise NotDelivered("address", permanent=True) from None
    mail["Subject"] = _one_line(letter.subject)
    mail["Date"] = format_datetime(envelope.at)
    mail["Message-ID"] = envelope.message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n\n".join(letter.paragraphs) + "\n")
    mail.add_alternative(as_html(letter, base_url), subtype="html")
    mail["Content-Language"] = letter.language  # setting content clears all headers that begin like this one
    return mail


def _one_line(text: str) -> str:
    return " ".join(text.split())


def as_html(letter: Letter, base_url: str) -> str:
    """The letter as a small page of its own: no image, no script, nothing from outside, links to the platform only."""
    lines = (
        [escape(paragraph)]
        if isinstance(paragraph, Marked)
        else [_with_links(line, base_url) for line in paragraph.split("\n")]
        for paragraph in letter.paragraphs
    )
    paragraphs = Markup("\n").join(Markup("<p>{}</p>").format(Markup("<br>\n").join(each)) for each in lines)
    return Markup(
        '<!doctype html>\n<html lang="{}" dir="{}"><head><meta charset="utf-8"><title>{}</title></head>\n'
        '<body style="font-family: sans-serif; line-height: 1.5; max-width: 40em; margin: 1em">\n{}\n</body></html>\n'
    ).format(letter.language, direction(letter.language), escape(letter.subject), paragraphs)


def _with_links(line: str, base_url: str) -> Markup:
    """A line with each address of our own as a link: the base, then a plain path, without a sentence's full stop."""
    parts = re.split(rf"(?<![\w./:@-])({re.escape(base_url)}/[\w/~-]*)", line, flags=re.ASCII)
    pieces = (Markup('<a href="{0}">{0}</a>').format(part) if n % 2 else escape(part) for n, part in enumerate(parts))
    return Markup("").join(pieces)


def send_by_smtp(url: str, mail: EmailMessage) -> None:
    """Hand the mail to the server at `smtp://`, `smtps://` or `smtp+starttls://`; raises NotDelivered.

    A refusal of the 5xx kind of this mail is permanent; of us, and everything else, is tried again.
    """
    where = urlsplit(url)
    try:
        with closing(_connection(where.scheme, where.hostname or "", where.port)) as server, _cut_off_in_time(server):
            if where.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            if where.username:
                server.login(unquote(where.username), unquote(where.password or ""))
            server.send_message(mail)
            _part(server)
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        raise NotDelivered(f"smtp {codes[0]}", permanent=all(_is_final(code) for code in codes)) from None
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
        raise NotDelivered(f"smtp {refused.smtp_code}", permanent=_is_final(refused.smtp_code)) from None
    except smtplib.SMTPResponseException as refused:
        raise NotDelivered(f"smtp {refused.smtp_code}", permanent=False) from None
    except (smtplib.SMTPException, OSError) as failure:
        raise NotDelivered(type(failure).__name__, permanent=False) from None


def _is_final(code: int) -> bool:
    return code >= 500 and code not in NOT_LET_IN


def _part(server: smtplib.SMTP) -> None:
    """Take leave. The mail was taken, whatever becomes of that."""
    with suppress(smtplib.SMTPException, OSError):
        if server.sock:
            server.sock.settimeout(SECONDS_TO_PART)
        server.quit()


def _connection(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=SECONDS_TO_GREET, context=ssl.create_default_context())
    return smtplib.SMTP(host, port or (587 if scheme == "smtp+starttls" else 25), timeout=SECONDS_TO_GREET)


@contextmanager
def _cut_off_in_time(server: smtplib.SMTP) -> Iterator[None]:
    """End the connection when all together takes too long: the library's limit starts anew with each byte."""
    assert server.sock
    server.sock.settimeout(SECONDS)
    with socket(fileno=os.dup(server.sock.fileno())) as same:  # the library wraps its own when it encrypts
        timer = Timer(SECONDS, _cut_off, [same])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _cut_off(connection: socket) -> None:
    """Whoever waits for this connection hears at once that it has ended."""
    with suppress(OSError):
        connection.shutdown(SHUT_RDWR)


def put_in_maildir(folder: Path, mail: EmailMessage) -> None:
    """In development, without a mail server: where the mail can be read by whoever runs the platform."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    mailbox.Maildir(folder).add(mail)
