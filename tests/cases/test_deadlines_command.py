"""`weerklank deadlines verify`, as an administrator types it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.cases.conftest import open_office
from tests.conftest import Database, add_tenant
from weerklank.cases.act import Engine
from weerklank.cases.model import Deadline
from weerklank.cli import main
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.keys import Keyring


def test_it_lists_every_difference_and_says_so_in_its_exit_code(
    fresh_database: Database,
    engine: Engine,
    keyring: Keyring,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with open_session(fresh_database.engine) as session:
        organisation = add_tenant(session, keyring, "anna")
        add_tenant(session, keyring, "carla")
        with tenant_scope(session, organisation.id):
            office = open_office(session, engine, organisation.id)
            case_id = office.receive().case_id
            session.commit()
            monkeypatch.setenv("VAR", str(tmp_path))
            monkeypatch.setenv("DATABASE_URL", fresh_database.owner_url)
            monkeypatch.setenv("DATABASE_APP_URL", fresh_database.app_url)
            assert main(["deadlines", "verify"]) == 0
            assert capsys.readouterr().out == "2 organisations verified, 0 differences\n"
            planted = update(Deadline).where(Deadline.term == "decide").values(due_on=date(2026, 4, 18))
            session.execute(planted)
            session.commit()
    assert main(["deadlines", "verify", "--tenant", "anna"]) == 1
    line, total = capsys.readouterr().out.splitlines()
    assert line == f"anna: case {case_id}, decide: due_on is 2026-04-18, not 2026-04-17"
    assert total == "1 organisations verified, 1 differences"
    assert main(["deadlines", "verify", "--tenant", "carla"]) == 0
    assert main(["deadlines", "verify", "--tenant", "nobody"]) == 1
