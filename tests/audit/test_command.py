"""`weerklank audit verify` says of each organisation whether its trail is whole; exit code 1 if one is not."""

from pathlib import Path

import psycopg
import pytest

from tests.audit.test_trail import Trail, trail
from tests.conftest import Database, add_tenant
from weerklank.cli.main import main
from weerklank.kernel.database import open_session

__all__ = ["trail"]  # the fixture


@pytest.fixture
def _environment(trail: Trail, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    database: Database = trail.database
    monkeypatch.setenv("DATABASE_URL", database.owner_url)
    monkeypatch.setenv("DATABASE_APP_URL", database.app_url)
    monkeypatch.setenv("AUDIT_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    monkeypatch.setenv("AUDIT_FOLDER", str(trail.folder))
    monkeypatch.setenv("VAR", str(tmp_path / "var"))


@pytest.mark.usefixtures("_environment")
def test_it_proves_all_organisations(trail: Trail, capsys: pytest.CaptureFixture[str]) -> None:
    with open_session(trail.database.engine) as session:
        add_tenant(session, trail.keyring, "carla")
    assert main(["audit", "verify"]) == 0
    told = capsys.readouterr().out
    assert "anna: whole; 2 cases, 6 events, 2 seals" in told
    assert "carla: whole; 0 cases" in told


@pytest.mark.usefixtures("_environment")
def test_it_names_a_fault_and_exits_with_1(trail: Trail, capsys: pytest.CaptureFixture[str]) -> None:
    trail.tamper("DELETE FROM event WHERE case_id = %(a)s AND seq = 3")
    assert main(["audit", "verify", "--tenant", "anna"]) == 1
    told = capsys.readouterr().out
    assert f"anna: FAULT: the newest events are missing (case {trail.cases[0]}, 3)" in told


@pytest.mark.usefixtures("_environment")
def test_it_misses_an_organisation_that_was_removed(trail: Trail, capsys: pytest.CaptureFixture[str]) -> None:
    with psycopg.connect(trail.database.superuser_url) as connection:
        for table in ("event", "seal_entry", "seal", "tenant"):
            connection.execute(f"DELETE FROM {table}")  # type: ignore[call-overload]  # names of this file
    assert main(["audit", "verify"]) == 1
    assert "an organisation that was sealed is missing" in capsys.readouterr().out


@pytest.mark.usefixtures("_environment")
def test_it_knows_no_organisation_of_another_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", "--tenant", "nobody"]) == 1
    assert "no organisation nobody" in capsys.readouterr().out
