"""This program on the tables of the next one, as while a new release is brought out: it goes on working."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from faults.migrations import next_release
from tests.cases.conftest import Office
from tests.conftest import Database
from tests.workers.conftest import Mailbox
from tests.workers.test_clock import MONDAY
from weerklank.assembly import Platform
from weerklank.kernel import schema
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.health import database_state
from weerklank.kernel.outbox import Outbox
from weerklank.workers.clock import let_terms_act
from weerklank.workers.jobs import run_job


def test_it_goes_on_while_the_next_release_is_brought_out(
    platform: Platform, office: Office, fresh_database: Database, mailbox: Mailbox, tmp_path: Path
) -> None:
    before = office.receive()
    office.session.commit()
    with next_release(tmp_path, oldest=schema.head()):
        assert schema.upgrade(fresh_database.owner_url) == "9998"
        assert database_state(fresh_database.engine) == "ok"
    assert database_state(platform.database) == database_state(platform.clock) == "ok"
    assert schema.upgrade(fresh_database.owner_url) == "9998"  # the older release leaves it as it is
    received = office.receive()
    for each in (before, received):
        office.assign(each.case_id)
    office.session.commit()
    let_terms_act(platform, MONDAY)
    for job_id in office.session.scalars(select(Outbox.id)).all():
        office.session.commit()
        run_job(platform, office.tenant_id, job_id, datetime.now(UTC))
    sent = office.session.scalars(text("SELECT message_id FROM message WHERE state = 'sent'")).all()
    assert sorted(str(mail["Message-ID"]) for mail in mailbox.got) == sorted(sent) != []


def test_it_stops_where_the_next_release_took_something_away(
    platform: Platform, fresh_database: Database, tmp_path: Path
) -> None:
    with next_release(tmp_path, oldest="9998"):
        schema.upgrade(fresh_database.owner_url)
    assert database_state(platform.database) == "unfit"
    with platform.database.connect() as connection, pytest.raises(BadSurroundings, match="newer than this program"):
        schema.check(connection)
