"""One organisation out of a whole back-up: as it was, and no other touched."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from tests.backup.conftest import NOW, Lived
from tests.backup.test_export import others, quiet
from weerklank.audit.verify import verify
from weerklank.backup.manifest import Damaged
from weerklank.backup.one import restore_tenant
from weerklank.backup.whole import back_up
from weerklank.kernel.errors import BadSurroundings


@pytest.fixture
def place(lived: Lived, tmp_path: Path) -> Path:
    return back_up(lived.house.settings, lived.house.platform.files.store, tmp_path / "data", NOW, quiet).place


def own_rows(lived: Lived) -> list[list[tuple[object, ...]]]:
    """What the organisation had when the back-up was made."""
    with psycopg.connect(lived.house.superuser_url) as connection:
        return [
            connection.execute(f"SELECT * FROM {table} WHERE tenant_id = %s ORDER BY 1, 2, 3", [lived.anna]).fetchall()
            for table in ("case_file", "event", "document", "message", "deadline", "outbox", "seal", "person")
        ]


def do_damage(lived: Lived) -> None:
    """Somebody loses a case's rows, changes others, and the others go on working."""
    house, lost = lived.house, lived.cases[0]
    for table in ("document", "message", "deadline", "case_task", "case_party", "case_wall", "event"):
        house.run(f"DELETE FROM {table} WHERE case_id = %s", lost)
    house.run("UPDATE case_file SET channel = 'letter' WHERE id = %s", lived.cases[1])
    house.run("UPDATE tenant SET name = 'Elders' WHERE id = %s", lived.anna)
    house.run("INSERT INTO case_counter (tenant_id, year, last) VALUES (%s, 2031, 7)", lived.carla)
    for path in (house.settings.var / "files" / str(lived.anna)).glob("*/*"):
        path.unlink()


def test_it_is_as_it_was_and_no_other_is_touched(lived: Lived, place: Path) -> None:
    as_it_was = own_rows(lived)
    do_damage(lived)
    before = others(lived.house, lived.anna)
    done = restore_tenant(lived.house.platform, place, "anna", set(), NOW, quiet)
    assert (done.files, done.keyless, done.erased) == (3, 0, 0)
    assert own_rows(lived) == as_it_was
    assert others(lived.house, lived.anna) == before
    assert ("Organisation of Anna",) in [row[2:3] for row in lived.house.rows("tenant")]
    with lived.house.platform.tenant(lived.anna) as session:
        report = verify(session, lived.house.settings.audit_key, lived.house.settings.audit_folder, lived.anna)
        assert report.findings == []
        files = lived.house.platform.files
        for document in lived.house.rows("document"):
            if document[0] == lived.anna:
                assert files.store.get(lived.anna, document[3])


def test_it_leaves_no_scratch_database_behind(lived: Lived, place: Path) -> None:
    with pytest.raises(BadSurroundings, match="no organisation nobody in this back-up"):
        restore_tenant(lived.house.platform, place, "nobody", set(), NOW, quiet)
    with psycopg.connect(lived.house.superuser_url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'weerklank_restore%'")
        assert found.fetchall() == [(0,)]


def test_it_brings_back_nothing_that_was_destroyed_since(lived: Lived, place: Path) -> None:
    gone = (lived.anna, lived.cases[0])
    lived.house.platform.keyring.destroy_case(*gone)
    with lived.house.platform.tenant(lived.anna) as session:
        lived.house.platform.files.erase(session, *gone)
        session.commit()
    done = restore_tenant(lived.house.platform, place, "anna", {gone}, NOW + timedelta(days=1), quiet)
    assert (done.files, done.erased) == (2, 1)
    assert lived.house.platform.keyring.for_case(*gone).cipher is None
    kept = list((lived.house.settings.var / "files" / str(lived.anna)).glob("*/*"))
    assert len(kept) == 2


def test_it_says_which_keys_are_gone_that_nobody_destroyed(lived: Lived, place: Path) -> None:
    lived.house.platform.keyring.destroy_case(lived.anna, lived.cases[0])
    before = others(lived.house, UUID(int=0))
    with pytest.raises(Damaged, match="no key for 1 cases"):
        restore_tenant(lived.house.platform, place, "anna", set(), NOW, quiet)
    assert others(lived.house, UUID(int=0)) == before
    assert restore_tenant(lived.house.platform, place, "anna", set(), NOW, quiet, accept_losses=True).keyless == 1
