"""Complaints from form to mail while web, worker and clock reach the database through a pooler."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.cases.conftest import Office
from tests.conftest import AUDIT_KEY, MASTER_KEY, Database
from tests.kernel.pooler import pooler
from tests.workers.conftest import Mailbox, select_a_moment
from tests.workers.test_clock import MONDAY
from weerklank.assembly import Platform
from weerklank.audit.verify import verify
from weerklank.kernel.database import POOLED
from weerklank.workers.clock import let_terms_act

AT_ONCE = 4
CONNECTIONS = 3


@pytest.fixture
def pooled(platform: Platform, fresh_database: Database, tmp_path: Path) -> Iterator[Platform]:
    """The same platform through a pooler."""
    with pooler(fresh_database, tmp_path, CONNECTIONS) as port:
        app, clock = (f"postgresql://weerklank_{role}@127.0.0.1:{port}/weerklank?{POOLED}" for role in ("app", "clock"))
        made = replace(platform, settings=replace(platform.settings, database_url=app, database_clock_url=clock))
        yield made
        made.database.dispose()
        made.clock.dispose()


def test_complaints_are_handled_reminded_of_and_mailed_through_a_pooler(
    pooled: Platform, office: Office, mailbox: Mailbox
) -> None:
    def complain() -> None:
        with pooled.tenant(office.tenant_id) as session:
            mine = replace(office, session=session)
            received = mine.receive()
            session.commit()
            mine.assign(received.case_id)
            session.commit()

    at_once([complain] * AT_ONCE)
    at_once([lambda: let_terms_act(pooled, MONDAY)] * AT_ONCE)
    workers = [start_worker(pooled) for _ in range(2)]
    try:
        until_nothing_waits(office)
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            assert worker.wait(60) == 0
    counted = office.session.execute(text("SELECT kind, count(*) FROM event GROUP BY kind")).all()
    assert {kind: count for kind, count in counted if kind in ("received", "reminded")} == {
        "received": AT_ONCE,
        "reminded": AT_ONCE,
    }
    messages = office.session.execute(text("SELECT message_id, state FROM message")).all()
    assert {row.state for row in messages} == {"sent"}
    assert sorted(str(mail["Message-ID"]) for mail in mailbox.got) == sorted(row.message_id for row in messages)
    assert verify(office.session, AUDIT_KEY, pooled.settings.audit_folder, office.tenant_id).findings == []


def at_once(works: list[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def start_worker(pooled: Platform) -> subprocess.Popen[bytes]:
    """A process that carries out jobs by these settings."""
    settings = pooled.settings
    environ = {
        "PATH": os.environ["PATH"], "ENVIRONMENT": "test", "VAR": str(settings.var), "LOG_LEVEL": "error",
        "DATABASE_URL": settings.database_owner_url, "DATABASE_APP_URL": settings.database_url,
        "DATABASE_CLOCK_URL": settings.database_clock_url, "KEYSTORE_URL": settings.keystore_url,
        "SMTP_URL": settings.smtp_url or "", "MAIL_FROM": settings.mail_from,
        "MASTER_KEY": b64encode(MASTER_KEY).decode(), "AUDIT_KEY": b64encode(AUDIT_KEY).decode(),
    }  # fmt: skip
    return subprocess.Popen([sys.executable, "-m", "weerklank", "worker", "--no-clock"], env=environ)


def until_nothing_waits(office: Office) -> None:
    for _ in range(3000):
        office.session.rollback()
        if office.session.scalar(text("SELECT count(*) FROM outbox WHERE state = 'pending'")) == 0:
            return
        select_a_moment()
    raise AssertionError("jobs still wait after a minute")
