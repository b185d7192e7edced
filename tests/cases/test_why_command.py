"""`weerklank case why`, as an operator types it: he has no key, and is told by roles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cases.conftest import open_office
from tests.conftest import Database, add_tenant
from weerklank.cases.act import Engine
from weerklank.cli import main
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.keys import Keyring


def test_it_explains_a_case_without_a_key_or_a_name(
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
            begun = office.receive()
            reference = begun.reference
            keyring.destroy_cases(organisation.id, [begun.case_id])
            session.commit()
    monkeypatch.setenv("VAR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", fresh_database.owner_url)
    monkeypatch.setenv("DATABASE_APP_URL", fresh_database.app_url)

    assert main(["case", "why", reference, "--tenant", "anna"]) == 0
    out = capsys.readouterr().out
    assert "term: decide\n  terms.decide (art-5)\n  - The term starts at receipt of the complaint." in out
    assert "step: assign" in out and "This begins by itself at receipt of the complaint." in out
    assert main(["case", "why", reference.lower(), "--tenant", "anna", "--language", "nl"]) == 0
    assert "De termijn begint bij ontvangst van de klacht." in capsys.readouterr().out
    assert main(["case", "why", reference, "--tenant", "anna", "--json"]) == 0
    assert {one["kind"] for one in json.loads(capsys.readouterr().out)} >= {"step", "term"}
    assert main(["case", "why", reference, "--tenant", "carla"]) == 1
    assert main(["case", "why", "ABC-2026-9999", "--tenant", "anna"]) == 1
    assert main(["case", "why", reference, "--tenant", "nobody"]) == 2
