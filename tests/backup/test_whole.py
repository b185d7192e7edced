"""A back-up of everything, put back elsewhere: all of it is there, proven; a damaged one is refused with the reason."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from tests.backup.conftest import NOW, PDF, House, Lived
from tests.conftest import AUDIT_KEY
from weerklank.audit.erasures import NAME, erased, note_erased
from weerklank.audit.verify import verify
from weerklank.backup import manifest
from weerklank.backup.keys import back_up_keys, restore_keys
from weerklank.backup.manifest import Damaged
from weerklank.backup.programs import find
from weerklank.backup.restoring import Restored, restore
from weerklank.backup.stored import COLUMNS
from weerklank.backup.whole import back_up, remove_older
from weerklank.cases.clocks import verify as verify_deadlines
from weerklank.cases.view import CaseView, case_view
from weerklank.kernel import schema
from weerklank.kernel.database import engine_for
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.settings import ROOT

TABLES = ("tenant", "person", "case_file", "event", "document", "deadline", "message", "seal", "outbox")


def quiet(line: str) -> None:
    assert line


def data_of(lived: Lived, root: Path) -> Path:
    return back_up(lived.house.settings, lived.house.platform.files.store, root, NOW, quiet).place


def put_back(house: House, place: Path, keys: Path, gone: Iterable[tuple[UUID, UUID]] = ()) -> Restored:
    restore_keys(house.settings, house.platform.keyring, keys, set(gone), quiet)
    return restore(house.platform, place, set(gone), NOW, quiet)


def is_untouched(house: House) -> bool:
    """No table at all, and no keys."""
    with psycopg.connect(house.superuser_url) as connection:
        return connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchall() == [(0,)]


@pytest.fixture
def saved(lived: Lived, tmp_path: Path) -> tuple[Path, Path]:
    """A back-up of the data and one of the keys."""
    return data_of(lived, tmp_path / "data"), back_up_keys(lived.house.settings, tmp_path / "keys", NOW, quiet)


def test_it_brings_everything_back_as_it_was(
    lived: Lived, saved: tuple[Path, Path], make_house: Callable[..., House]
) -> None:
    new = make_house()
    done = put_back(new, *saved)
    assert (done.files, done.missing, done.keyless, done.erased) == (4, (), 0, 0)
    for table in TABLES:
        assert new.rows(table) == lived.house.rows(table), table
    with engine_for(new.settings.database_url) as engine, engine.connect() as connection:
        schema.check(connection)
    for tenant_id, count in ((lived.anna, 3), (lived.carla, 1)):
        with new.platform.tenant(tenant_id) as session:
            report = verify(session, AUDIT_KEY, new.settings.audit_folder, tenant_id)
            assert (report.findings, report.unwitnessed, report.cases >= count) == ([], 0, True)
            assert list(verify_deadlines(session, tenant_id, NOW)) == []


def test_it_lets_people_read_on_after_a_restore(
    lived: Lived, saved: tuple[Path, Path], make_house: Callable[..., House]
) -> None:
    new = make_house()
    put_back(new, *saved)
    with new.platform.tenant(lived.anna) as session:
        (eva,) = session.execute(text("SELECT person_id FROM post_holder WHERE post = 'quality_officer'")).one()
        shown = case_view(session, new.platform.engine, lived.anna, lived.cases[0], eva, "nl", NOW)
        assert isinstance(shown, CaseView)
        file = new.platform.files.read(session, new.platform.keyring, lived.anna, lived.cases[0], shown.files[0].id)
    assert (file.name, file.data) == ("brief 0.pdf", PDF + b"\x00")


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def forge(place: Path) -> None:
    content = json.loads((place / "manifest.json").read_text())
    content["rows"]["tenant"] = 0
    (place / "manifest.json").write_text(json.dumps(content))


def stored(place: Path) -> Path:
    return next((place.parent / "files").glob("*/*/*"))


def swap(place: Path) -> None:
    """The list of files of another moment beside this moment's database."""
    lines = (place / "files.jsonl").read_text().splitlines(keepends=True)
    (place / "files.jsonl").write_text("".join(lines[1:]))


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "one bit of the database": (lambda place: flip(place / "database.dump"), "was changed"),
    "the end of the database": (lambda place: cut(place / "database.dump"), "bytes, and was"),
    "no database": (lambda place: (place / "database.dump").unlink(), "is missing"),
    "no list of files": (lambda place: (place / "files.jsonl").unlink(), "is missing"),
    "another list of files": (swap, "bytes, and was"),
    "one bit of a file": (lambda place: flip(stored(place)), "was changed"),
    "the end of a file": (lambda place: cut(stored(place)), "bytes, and was"),
    "a file that is older than the database": (lambda place: stored(place).unlink(), "newer than the files"),
    "a forged manifest": (forge, "not what was written"),
    "no manifest": (lambda place: (place / "manifest.json").unlink(), "no finished back-up"),
    "a manifest in pieces": (
        lambda place: cut(place / "manifest.json") or cut(place / "manifest.json"),
        "cannot be read",
    ),
}


def test_it_refuses_whatever_is_damaged_and_touches_nothing(
    saved: tuple[Path, Path], make_house: Callable[..., House], tmp_path: Path
) -> None:
    new, (place, _) = make_house(), saved
    for number, (what, (damage, reason)) in enumerate(DAMAGE.items()):
        copy = tmp_path / f"damaged-{number}" / place.name
        shutil.copytree(place.parent, copy.parent)
        damage(copy)
        with pytest.raises(Damaged, match=reason):
            restore(new.platform, copy, set(), NOW, quiet)
        assert is_untouched(new), what


def test_it_refuses_a_back_up_by_another_audit_key_or_of_the_other_kind(
    saved: tuple[Path, Path], make_house: Callable[..., House]
) -> None:
    stranger = make_house(AUDIT_KEY="eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=")
    with pytest.raises(Damaged, match="another AUDIT_KEY"):
        restore(stranger.platform, saved[0], set(), NOW, quiet)
    with pytest.raises(Damaged, match="a back-up of keys, not of data"):
        restore(make_house().platform, saved[1], set(), NOW, quiet)


def test_it_refuses_tables_newer_than_the_program(
    lived: Lived, tmp_path: Path, make_house: Callable[..., House]
) -> None:
    lived.house.run("UPDATE alembic_version SET version_num = '9999'")
    place, new = data_of(lived, tmp_path / "data"), make_house()
    with pytest.raises(Damaged, match="version 9999, which is newer"):
        restore(new.platform, place, set(), NOW, quiet)
    assert is_untouched(new)


def test_it_stays_closed_until_the_right_keys_are_there_and_goes_on_then(
    lived: Lived, saved: tuple[Path, Path], make_house: Callable[..., House], tmp_path: Path
) -> None:
    """The key store of another installation, then one older than the data, then the right one."""
    new = make_house()
    restore_keys(new.settings, new.platform.keyring, saved[1], set(), quiet)
    other = new.platform.keyring
    new_case = lived.cases[-1]
    other.destroy_case(lived.carla, new_case)
    with pytest.raises(Damaged, match=f"no key for 1 cases, the first of them {new_case}: it is older"):
        restore(new.platform, saved[0], set(), NOW, quiet)
    refused = pytest.raises(BadSurroundings, match="only half restored")
    with engine_for(new.settings.database_url) as engine, engine.connect() as connection, refused:
        schema.check(connection)
    new.platform.database.dispose()
    with psycopg.connect(new.settings.keystore_url) as connection_:
        connection_.execute("TRUNCATE keystore.case_key, keystore.tenant_key")
    with pytest.raises(Damaged, match="no key for the organisation"):
        restore(make_fresh(new).platform, saved[0], set(), NOW, quiet)
    restore_keys(new.settings, new.platform.keyring, saved[1], set(), quiet)
    assert restore(make_fresh(new).platform, saved[0], set(), NOW, quiet).keyless == 0
    assert new.rows("case_file") == lived.house.rows("case_file")


def make_fresh(house: House) -> House:
    """The same installation as a new process sees it."""
    house.platform.keyring.cache.clear()
    return house


def test_it_opens_with_losses_only_if_somebody_says_so(
    lived: Lived, saved: tuple[Path, Path], make_house: Callable[..., House]
) -> None:
    new = make_house()
    restore_keys(new.settings, new.platform.keyring, saved[1], set(), quiet)
    new.platform.keyring.destroy_case(lived.carla, lived.cases[-1])
    done = restore(new.platform, saved[0], set(), NOW, quiet, accept_losses=True)
    assert (done.keyless, list(done.remarks())) == (1, ["1 cases cannot be read: their keys are lacking."])


def test_it_goes_into_no_database_that_somebody_works_with(
    saved: tuple[Path, Path], make_house: Callable[..., House]
) -> None:
    new = make_house(migrated=True)
    with new.platform.database.connect(), pytest.raises(BadSurroundings, match="1 connections of the application"):
        restore(new.platform, saved[0], set(), NOW, quiet)


def test_it_goes_into_an_empty_database_only(
    lived: Lived, saved: tuple[Path, Path], make_house: Callable[..., House]
) -> None:
    before = lived.house.rows("event")
    lived.house.platform.database.dispose()
    with pytest.raises(BadSurroundings, match="not empty"):
        restore(lived.house.platform, saved[0], set(), NOW, quiet)
    with pytest.raises(BadSurroundings, match="holds keys already"):
        restore_keys(lived.house.settings, lived.house.platform.keyring, saved[1], set(), quiet)
    assert lived.house.rows("event") == before
    migrated = make_house()
    schema.upgrade(migrated.settings.database_owner_url)
    assert put_back(migrated, *saved).files == 4


def test_it_keeps_erased_what_was_erased_after_the_back_up(
    lived: Lived, saved: tuple[Path, Path], make_house: Callable[..., House]
) -> None:
    folder = lived.house.settings.audit_folder
    note_erased(folder, AUDIT_KEY, lived.anna, lived.cases[0], NOW)
    gone = erased(folder / NAME, [AUDIT_KEY])
    new = make_house()
    assert put_back(new, *saved, gone).erased == 1
    assert new.platform.keyring.for_case(lived.anna, lived.cases[0]).cipher is None
    assert new.platform.keyring.for_case(lived.anna, lived.cases[1]).cipher is not None
    rows = {row[1]: row for row in new.rows("case_file")}
    assert lived.cases[0] in rows
    kept = [path for path in new.settings.var.rglob("files/*/*/*") if path.is_file()]
    assert len(kept) == 3
    with new.platform.tenant(lived.anna) as session:
        assert verify(session, AUDIT_KEY, new.settings.audit_folder, lived.anna).findings == []


def test_it_replays_no_ledger_that_somebody_wrote_into(tmp_path: Path, lived: Lived) -> None:
    note_erased(tmp_path, AUDIT_KEY, lived.anna, lived.cases[0], NOW)
    ledger = tmp_path / NAME
    ledger.write_text(ledger.read_text().replace(str(lived.cases[0]), str(lived.cases[1])))
    with pytest.raises(BadSurroundings, match="Line 1 of .* is not what was written"):
        erased(ledger, [AUDIT_KEY])


def test_half_a_line_of_the_ledger_spoils_no_other(tmp_path: Path, lived: Lived) -> None:
    note_erased(tmp_path, AUDIT_KEY, lived.anna, lived.cases[0], NOW)
    with (tmp_path / NAME).open("a") as file:
        file.write("2026-03-09T08:00:00+00:00 half")
    note_erased(tmp_path, AUDIT_KEY, lived.anna, lived.cases[1], NOW)
    assert erased(tmp_path / NAME, [AUDIT_KEY]) == {(lived.anna, case) for case in lived.cases[:2]}


def test_keys_and_data_never_lie_in_one_folder(lived: Lived, saved: tuple[Path, Path], tmp_path: Path) -> None:
    settings = lived.house.settings
    for place in (saved[0].parent, saved[0].parent / "below", saved[0].parent.parent):
        with pytest.raises(BadSurroundings, match="must lie apart"):
            back_up_keys(settings, place, NOW, quiet)
    with pytest.raises(BadSurroundings, match="must lie apart"):
        data_of(lived, saved[1].parent)


def test_it_copies_only_new_files_and_removes_what_no_set_lists(lived: Lived, tmp_path: Path) -> None:
    root, store = tmp_path / "data", lived.house.platform.files.store
    first = back_up(lived.house.settings, store, root, NOW - timedelta(days=40), quiet)
    before = {path: path.stat().st_mtime_ns for path in (root / "files").glob("*/*/*")}
    with lived.house.platform.tenant(lived.anna) as session:
        lived.house.platform.files.erase(session, lived.anna, lived.cases[0])
        session.commit()
    second = back_up(lived.house.settings, store, root, NOW, quiet)
    assert (first.files, second.files, second.missing) == (4, 3, 0)
    assert {path: path.stat().st_mtime_ns for path in (root / "files").glob("*/*/*")} == before
    assert remove_older(root, NOW, 30) == 1
    assert manifest.sets(root, "data") == [second.place]
    assert len(list((root / "files").glob("*/*/*"))) == 3


def test_it_says_which_files_the_store_lost(lived: Lived, tmp_path: Path, make_house: Callable[..., House]) -> None:
    lost = next(path for path in lived.house.settings.var.rglob("files/*/*/*") if path.is_file())
    lost.unlink()
    made = back_up(lived.house.settings, lived.house.platform.files.store, tmp_path / "data", NOW, quiet)
    assert (made.files, made.missing) == (4, 1)
    keys = back_up_keys(lived.house.settings, tmp_path / "keys", NOW, quiet)
    done = put_back(make_house(), made.place, keys)
    assert done.missing == (lost.name,)


def test_it_makes_no_back_up_as_a_role_that_sees_nothing(
    lived: Lived, tmp_path: Path, make_house: Callable[..., House]
) -> None:
    walled = replace(lived.house.settings, database_backup_url=lived.house.settings.database_owner_url)
    with pytest.raises(BadSurroundings, match="must name a role with BYPASSRLS"):
        back_up(walled, lived.house.platform.files.store, tmp_path / "data", NOW, quiet)
    assert list((tmp_path / "data").iterdir()) == []


def test_it_refuses_keys_wrapped_by_another_master_key(
    saved: tuple[Path, Path], make_house: Callable[..., House]
) -> None:
    stranger = make_house(MASTER_KEY="eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=")
    with pytest.raises(Damaged, match="another MASTER_KEY"):
        restore_keys(stranger.settings, stranger.platform.keyring, saved[1], set(), quiet)
    with psycopg.connect(stranger.settings.keystore_url) as connection:
        assert connection.execute("SELECT count(*) FROM keystore.tenant_key").fetchall() == [(0,)]


def test_it_sets_a_witness_aside_that_knows_more(
    lived: Lived, saved: tuple[Path, Path], make_house: Callable[..., House]
) -> None:
    new = make_house()
    new.settings.audit_folder.mkdir(parents=True)
    kept = (lived.house.settings.audit_folder / f"{lived.anna}.head").read_text()
    (new.settings.audit_folder / f"{lived.anna}.head").write_text(
        kept + "2 2026-03-09T09:00:00+00:00 " + "00" * 32 + "\n"
    )
    assert put_back(new, *saved).lost_seals == 1
    with new.platform.tenant(lived.anna) as session:
        assert verify(session, AUDIT_KEY, new.settings.audit_folder, lived.anna).findings == []


def test_it_keeps_no_export_of_an_organisation(lived: Lived, saved: tuple[Path, Path], tmp_path: Path) -> None:
    """It would be as large as all the rest, and is to be gone after some weeks."""
    lived.house.run(
        "INSERT INTO tenant_export (tenant_id, id, state, asked_by, asked_at)"
        " VALUES (%s, gen_random_uuid(), 'stopped', gen_random_uuid(), now())",
        lived.anna,
    )
    place = data_of(lived, tmp_path / "later")
    assert "tenant_export" not in json.loads((place / "manifest.json").read_text())["rows"]
    listed = subprocess.run(
        [find("pg_restore", lived.house.settings.database_owner_url), "--list", place / "database.dump"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "TABLE DATA public case_file" in listed
    assert "TABLE DATA public tenant_export" not in listed


def test_it_knows_every_column_that_names_a_stored_file(lived: Lived) -> None:
    with psycopg.connect(lived.house.superuser_url) as connection:
        found = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name ~ '_as$' ORDER BY ordinal_position"
        ).fetchall()
    assert sorted(found) == sorted((table, column) for table, columns in COLUMNS.items() for column in columns)


def test_it_begins_anew_after_it_was_killed(
    lived: Lived, saved: tuple[Path, Path], make_house: Callable[..., House]
) -> None:
    """Killed at a word of its own, wherever it had come to by then; the next run does the same as a first."""
    new, place = make_house(), saved[0]
    restore_keys(new.settings, new.platform.keyring, saved[1], set(), quiet)
    command = [sys.executable, "-m", "weerklank", "restore", "--from", str(place), "--without-ledger"]
    for word in ("are whole", "rows are back"):
        with subprocess.Popen(command, env=new.environ, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            for line in process.stderr:
                if word in line:
                    process.kill()
                    break
    for _ in range(20):  # the killed one's pg_restore may go on for a while, which the next one says
        done = subprocess.run(command, env=new.environ, cwd=ROOT, capture_output=True, text=True, check=False)
        if "still under way" not in done.stderr:
            break
    assert done.returncode == 0, done.stderr
    assert new.rows("event") == lived.house.rows("event")
