"""This program on the tables of the next one, as while a new release is brought out: it goes on working."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

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

NEXT = """
from alembic import op

from weerklank.kernel.rowlevel import protect
from weerklank.kernel.schema import make_index

revision, down_revision, compatible_from = "9998", "{head}", "{oldest}"


def upgrade() -> None:
    op.execute("ALTER TABLE case_file ADD COLUMN next_thing text")
    op.execute("ALTER TABLE outbox ADD COLUMN next_number integer NOT NULL DEFAULT 0")
    op.execute("CREATE TABLE next_table (tenant_id uuid NOT NULL REFERENCES tenant (id), PRIMARY KEY (tenant_id))")
    protect(op, "next_table")
    make_index(op, "ix_next", "case_file (tenant_id, next_thing)")
"""


@contextmanager
def next_release(folder: Path, oldest: str) -> Iterator[None]:
    """Within it, the migrations are those of a next release, whose tables serve programs from `oldest` on."""
    migrations = folder / "migrations"
    shutil.copytree(schema.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    (migrations / "versions" / "9998_next.py").write_text(NEXT.format(head=schema.head(), oldest=oldest))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", migrations)
        forget_versions()
        yield
    forget_versions()


def forget_versions() -> None:
    schema.head.cache_clear()
    schema.known.cache_clear()


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
