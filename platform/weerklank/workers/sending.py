"""Handing mail over to whoever carries it."""

from __future__ import annotations

from email.message import EmailMessage

from weerklank.correspondence.channels.mail import put_in_maildir, send_by_smtp
from weerklank.kernel.crash import crash_point
from weerklank.kernel.settings import Settings


def hand_over(settings: Settings, mail: EmailMessage) -> None:
    """To the mail server; in development without one, into a folder."""
    if settings.smtp_url:
        send_by_smtp(settings.smtp_url, mail)
        crash_point("worker.after_250")
    else:
        put_in_maildir(settings.var / "mail", mail)
