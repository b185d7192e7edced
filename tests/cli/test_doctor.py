"""`weerklank doctor` prints what is found, a line each, and exits with 1 when something is."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.cases.conftest import Office
from tests.conftest import AUDIT_KEY, MASTER_KEY, Database
from tests.workers.conftest import mailbox, office, platform
from weerklank.assembly import Platform
from weerklank.cli.main import main
from weerklank.doctor.house import BEATS_WITHIN

__all__ = ["mailbox", "office", "platform"]


@pytest.fixture
def _environment(platform: Platform, fresh_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "DATABASE_URL": fresh_database.owner_url,
        "DATABASE_APP_URL": fresh_database.app_url,
        "DATABASE_CLOCK_URL": fresh_database.clock_url,
        "KEYSTORE_URL": platform.settings.keystore_url,
        "AUDIT_KEY": base64.b64encode(AUDIT_KEY).decode(),
        "MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
        "VAR": str(platform.settings.var),
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def case_id(office: Office) -> UUID:
    """A complaint whose messages wait for a job that is gone."""
    received = office.receive(now=datetime.now(UTC))
    office.session.execute(text("UPDATE message SET created_at = now() - interval '5 minutes'"))
    office.session.execute(text("DELETE FROM outbox"))
    office.session.commit()
    return received.case_id


@pytest.mark.usefixtures("_environment")
def test_it_finds_nothing_in_an_organisation_where_nothing_is_wrong(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--tenant", office.tenant.slug]) == 0
    assert capsys.readouterr().out == "doctor: 1 organisations, 0 findings\n"


@pytest.mark.usefixtures("_environment")
def test_it_prints_ids_and_codes_only(office: Office, case_id: UUID, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--tenant", office.tenant.slug, "--quick"]) == 1
    *lines, last = capsys.readouterr().out.splitlines()
    assert last == f"doctor: 1 organisations, {len(lines)} findings"
    assert {" ".join(line.split()[:2]) for line in lines} == {f"{office.tenant.slug} message_forgotten"}
    assert all(f"case {case_id} since " in line for line in lines)


@pytest.mark.usefixtures("_environment")
def test_it_looks_at_the_platform_too_and_speaks_json(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 1
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["about"] for one in found if one["sort"] == "beat"] == list(BEATS_WITHIN)


@pytest.mark.usefixtures("_environment")
def test_it_knows_no_organisation_of_another_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--tenant", "nobody"]) == 1
    assert "no organisation nobody" in capsys.readouterr().out
