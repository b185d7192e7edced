"""The platform as it runs for users: production server and worker as processes, a mail server, a clock to move."""

from __future__ import annotations

import http.client
import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from tests.workers.conftest import Mailbox
from weerklank.assembly import Platform, assemble
from weerklank.cli.web import web_command
from weerklank.kernel.database import open_session
from weerklank.kernel.settings import ROOT, load
from weerklank.tenancy.folder import folders, import_folder
from weerklank.tenancy.organisations import find_by_slug
from weerklank.workers.clock import Slot, learn

HOME_ZONE = ZoneInfo("Europe/Amsterdam")
BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PATIENCE = 90.0  # seconds, for what another process has to do


def until(true: Callable[[], bool], what: str) -> None:
    """Look again and again, for as long as patience lasts."""
    for _ in range(int(PATIENCE / 0.05)):
        if true():
            return
        select.select([], [], [], 0.05)
    raise AssertionError(f"it did not happen: {what}")


@dataclass
class Post(Mailbox):
    """A mail server of which one can await a mail."""

    came: threading.Condition = field(default_factory=threading.Condition)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        with self.came:
            answer = await super().handle_DATA(server, session, envelope)
            self.came.notify_all()
        return answer

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.got if address in str(mail["To"])]

    def subjects(self, address: str) -> list[str]:
        """Of all mail that somebody got, sorted: two that leave at once may overtake one another."""
        return sorted(str(mail["Subject"]) for mail in self.to(address))

    def wait_for(self, address: str, subject: str) -> EmailMessage:
        """The newest mail to this address with these words in its subject, as soon as it is there."""

        def found() -> EmailMessage | None:
            return next((mail for mail in reversed(self.to(address)) if subject in str(mail["Subject"])), None)

        with self.came:
            mail = self.came.wait_for(found, PATIENCE)
        assert mail, f"no mail {subject!r} to {address}, but {self.subjects(address)}"
        return mail


def words(mail: EmailMessage) -> str:
    """What a mail says, as plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@dataclass(frozen=True)
class House:
    """Everything that runs, and this process's own way into its database."""

    url: str
    platform: Platform
    post: Post

    def move_clock(self, local: str) -> datetime:
        """From now on it is this moment, such as `2026-03-06 16:00`, in the Netherlands."""
        now = datetime.fromisoformat(local).replace(tzinfo=HOME_ZONE)
        keep(self.platform, now - datetime.now(UTC))
        return now

    def tenant(self, slug: str) -> UUID:
        with open_session(self.platform.database) as session:
            return find_by_slug(session, slug).id

    def learn(self, slug: str) -> None:
        """What the clock does once an hour for an organisation: open the reports that are due, remind, tell."""
        learn(self.platform, self.tenant(slug), self.platform.now())

    def quiet(self, slug: str) -> None:
        """Return when every mail of this organisation has left."""
        tenant_id = self.tenant(slug)

        def done() -> bool:
            with self.platform.tenant(tenant_id) as session:
                waiting = session.execute(text("SELECT count(*) FROM outbox WHERE state = 'pending'"))
                return bool(waiting.scalar_one() == 0)

        until(done, f"all jobs of {slug} done")


def keep(platform: Platform, ahead: timedelta) -> None:
    """Put aside and in place in one go: other processes read it all the time."""
    file = platform.settings.clock_file
    assert file is not None
    aside = file.with_suffix(".tmp")
    aside.write_text(str(ahead.total_seconds()))
    aside.replace(file)


@contextmanager
def opened(environ: dict[str, str], post: Post) -> Iterator[House]:
    """The five organisations taken in, the server and the worker started; all is stopped at the end."""
    settings = load(environ)
    platform = assemble(settings)
    settings.var.mkdir(parents=True, exist_ok=True)
    keep(platform, BEGIN - datetime.now(UTC))
    take_in(platform)
    Slot(platform, "learn", date.max).is_ours()  # journeys go back in time: each lets its own reports open
    weerklank = [sys.executable, "-m", "weerklank"]
    log = settings.var / "log"
    with log.open("w") as out:
        whole = {**os.environ, **environ}
        started = [
            subprocess.Popen(command, env=whole, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
            for command in (web_command(settings), [*weerklank, "worker"])
        ]
        try:
            until(lambda: answers(settings.port), "the server is ready")
            yield House(settings.base_url, platform, post)
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(30)
            platform.database.dispose()
            platform.keyring.keystore.dispose()
    said = log.read_text()
    assert "Traceback" not in said and '"error"' not in said, said[-5000:]


def take_in(platform: Platform) -> None:
    for folder in folders(ROOT / "tenants"):
        with open_session(platform.database) as session:
            import_folder(session, platform.keyring, folder, BEGIN)
            session.commit()


def answers(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False


def environment(var: Path, database: Any, port: int, smtp_url: str) -> dict[str, str]:
    """What the processes are told: the tests' database, as the roles that own nothing."""
    return {
        "ENVIRONMENT": "test",
        "VAR": str(var),
        "CLOCK_FILE": str(var / "ahead"),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": database.owner_url,
        "DATABASE_APP_URL": database.app_url,
        "DATABASE_CLOCK_URL": database.clock_url,
        "KEYSTORE_URL": database.cluster.dsn("weerklank_keys", "weerklank_keys"),
        "SMTP_URL": smtp_url,
        "MAIL_FROM": "klachten@weerklank.example",
        "LOG_LEVEL": "warning",
        "WORKER_THREADS": "2",
    }
