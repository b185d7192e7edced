"""An organisation's export: taken in elsewhere it is the same organisation, and the others notice nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import psycopg
import pytest

from tests.backup.conftest import NOW, PDF, House, Lived
from tests.conftest import add_tenant
from weerklank.audit.verify import verify
from weerklank.backup.box import Unopened, half_of, open_box
from weerklank.backup.contents import LEFT_OUT, LEFT_OUT_COLUMNS, PLAIN_BYTES, SEALED
from weerklank.backup.export import export_to
from weerklank.backup.importing import Taken, take_in
from weerklank.backup.manifest import Damaged
from weerklank.cases.act import open_case, read_words
from weerklank.cases.keeping import erase
from weerklank.cases.references import hash_of_typed
from weerklank.kernel.database import open_session
from weerklank.kernel.errors import BadSurroundings

FIRST, SECOND = "een lange zin van de beheerder", "en een van de vertrouwenspersoon"


def quiet(line: str) -> None:
    assert line


def no_progress(done: int, total: int) -> None:
    assert done <= total


def taken_out(house: House, tenant_id: UUID, place: Path, *passphrases: str) -> Path:
    halves = [half_of(each) for each in passphrases or (FIRST,)]
    export_to(house.platform, tenant_id, place, halves, NOW, no_progress)
    return place


def content(place: Path, *passphrases: str) -> dict[str, bytes]:
    """All that is in an export, but for the moment it was made at."""
    with open_box(place, passphrases or (FIRST,)) as box, ZipFile(box) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(found.pop("manifest.json"))
    about.pop("made_at")
    about["trail"].pop("seals")
    return found | {"about": json.dumps(about, sort_keys=True).encode()}


def lines(found: dict[str, bytes], table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in found[f"tables/{table}.jsonl"].splitlines()]


def others(house: House, tenant_id: UUID) -> str:
    """A hash over every row of every other organisation."""
    digest = hashlib.sha256()
    with psycopg.connect(house.superuser_url) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND column_name = 'tenant_id' ORDER BY 1"
        ).fetchall()
        for (table,) in tables:
            query = f"SELECT md5(t::text) FROM {table} t WHERE tenant_id <> %s ORDER BY 1"
            digest.update(repr((table, connection.execute(query, [tenant_id]).fetchall())).encode())
    return digest.hexdigest()


@pytest.fixture
def elsewhere(make_house: Callable[..., House]) -> House:
    """Another installation with keys of its own, and an organisation that lives there already."""
    house = make_house(
        migrated=True,
        MASTER_KEY="eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=",
        AUDIT_KEY="eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXk=",
    )
    with open_session(house.platform.database) as session:
        carla = add_tenant(session, house.platform.keyring, "carla")
    with house.office(carla.id) as office:
        office.receive()
        office.session.commit()
    return house


def lay_more(lived: Lived) -> None:
    """A destroyed case, a logo, a host of its own, and no message that waits."""
    house, gone = lived.house, lived.cases[1]
    with house.platform.tenant(lived.anna) as session:
        erase(session, lived.anna, gone)
        house.platform.files.erase(session, lived.anna, gone)
        session.commit()
    house.run("UPDATE case_file SET destroyed_at = now(), closed_at = now() WHERE id = %s", gone)
    house.run(
        "INSERT INTO tenant_logo (tenant_id, id, kind, data, sha256, uploaded_at)"
        " VALUES (%s, gen_random_uuid(), 'image/png', '\\x0102', 'abc', now())",
        lived.anna,
    )
    house.run("INSERT INTO tenant_host (tenant_id, host, verified_at) VALUES (%s, 'klacht.example', now())", lived.anna)
    house.run("UPDATE message SET state = 'sent', sent_at = created_at")


def test_it_is_the_same_organisation_elsewhere_and_the_others_notice_nothing(
    lived: Lived, elsewhere: House, tmp_path: Path
) -> None:
    lay_more(lived)
    first = taken_out(lived.house, lived.anna, tmp_path / "first")
    before = others(elsewhere, lived.anna)
    taken = take_in(elsewhere.platform, first, [FIRST], NOW, quiet)
    assert (taken.tenant_id, taken.slug, taken.files, taken.unsent) == (lived.anna, "anna", 2, 0)
    assert others(elsewhere, lived.anna) == before
    elsewhere.seal(lived.anna)
    second = taken_out(elsewhere, lived.anna, tmp_path / "second")
    assert content(second) == content(first)
    with elsewhere.platform.tenant(lived.anna) as session:
        report = verify(session, elsewhere.settings.audit_key, elsewhere.settings.audit_folder, lived.anna)
        assert (report.findings, report.unsealed) == ([], 0)


def test_its_cases_replay_the_same_under_new_keys(lived: Lived, elsewhere: House, tmp_path: Path) -> None:
    take_in(elsewhere.platform, taken_out(lived.house, lived.anna, tmp_path / "box"), [FIRST], NOW, quiet)
    for case_id in lived.cases[:3]:
        cases = []
        for house in (lived.house, elsewhere):
            with house.platform.tenant(lived.anna) as session:
                opened = open_case(session, lived.anna, case_id, NOW)
                cases.append((opened.case, read_words(house.platform.engine, lived.anna, opened)))
        assert cases[0] == cases[1]
    assert lived.house.rows("event") != elsewhere.rows("event"), "sealed by other keys, chained by another key"


def test_the_complainants_codes_go_on_working(lived: Lived, elsewhere: House, tmp_path: Path) -> None:
    code = lived.code
    take_in(elsewhere.platform, taken_out(lived.house, lived.anna, tmp_path / "box"), [FIRST], NOW, quiet)
    hashed = hash_of_typed(elsewhere.platform.keyring, lived.anna, code)
    assert hashed == hash_of_typed(lived.house.platform.keyring, lived.anna, code)
    assert code.encode() not in b"".join(content(tmp_path / "box").values())
    with psycopg.connect(elsewhere.superuser_url) as connection:
        assert connection.execute("SELECT count(*) FROM case_file WHERE code_hash = %s", [hashed]).fetchall() == [(1,)]


def test_it_is_in_clear_once_it_is_opened_and_nowhere_before(lived: Lived, tmp_path: Path) -> None:
    place = taken_out(lived.house, lived.anna, tmp_path / "box")
    assert b"Het gesprek ging" not in place.read_bytes()
    found = content(place)
    assert "Het gesprek ging helemaal mis." in found["tables/event.jsonl"].decode()
    assert {row["name"] for row in lines(found, "person")} >= {"Bram", "Eva"}
    (document, *_) = lines(found, "document")
    assert found[f"files/{document['id']}"].startswith(PDF)
    assert {row["tenant_id"] for row in lines(found, "case_file")} == {str(lived.anna)}


def test_what_was_destroyed_is_not_in_it(lived: Lived, tmp_path: Path) -> None:
    lay_more(lived)
    found = content(taken_out(lived.house, lived.anna, tmp_path / "box"))
    said = [row["sealed"] for row in lines(found, "event") if row["case_id"] == str(lived.cases[1]) and row["sealed"]]
    assert said
    assert all(each == {"erased": True} for each in said)
    assert len(lines(found, "document")) == 2


def test_two_passphrases_open_it_only_together(lived: Lived, tmp_path: Path) -> None:
    place = taken_out(lived.house, lived.anna, tmp_path / "box", FIRST, SECOND)
    assert content(place, FIRST, SECOND)
    for wrong in ([FIRST], [FIRST, FIRST], [SECOND, FIRST], [FIRST, SECOND + "!"]):
        with pytest.raises(Unopened):
            open_box(place, wrong)


def test_no_bit_of_it_can_be_changed_and_no_end_cut_off(lived: Lived, elsewhere: House, tmp_path: Path) -> None:
    place = taken_out(lived.house, lived.anna, tmp_path / "box")
    whole, refused = place.read_bytes(), 0
    for number in range(0, len(whole), len(whole) // 12):
        place.write_bytes(whole[:number] + bytes([whole[number] ^ 1]) + whole[number + 1 :])
        with pytest.raises(BadSurroundings):
            take_in(elsewhere.platform, place, [FIRST], NOW, quiet)
        refused += 1
    for less in (1, 17, len(whole) - 20, len(whole)):
        place.write_bytes(whole[: len(whole) - less])
        with pytest.raises(BadSurroundings):
            take_in(elsewhere.platform, place, [FIRST], NOW, quiet)
    assert refused >= 12
    assert elsewhere.platform.keyring.for_tenant(lived.anna).cipher is None


def test_it_takes_nobody_in_twice_or_under_a_name_that_is_taken(lived: Lived, elsewhere: House, tmp_path: Path) -> None:
    anna = taken_out(lived.house, lived.anna, tmp_path / "anna")
    carla = taken_out(lived.house, lived.carla, tmp_path / "carla")
    assert isinstance(take_in(elsewhere.platform, anna, [FIRST], NOW, quiet), Taken)
    before = others(elsewhere, UUID(int=0))
    for again in (anna, carla):
        with pytest.raises(BadSurroundings, match="with this id or short name already"):
            take_in(elsewhere.platform, again, [FIRST], NOW, quiet)
    assert others(elsewhere, UUID(int=0)) == before


def test_it_leaves_nothing_of_one_that_cannot_be_taken_in(lived: Lived, elsewhere: House, tmp_path: Path) -> None:
    lived.house.run("UPDATE deadline SET due_on = due_on + 1 WHERE due_on IS NOT NULL")
    place = taken_out(lived.house, lived.anna, tmp_path / "box")
    before = others(elsewhere, UUID(int=0))
    with pytest.raises(Damaged, match="deadlines in the export are not what their cases say"):
        take_in(elsewhere.platform, place, [FIRST], NOW, quiet)
    assert others(elsewhere, UUID(int=0)) == before
    assert elsewhere.platform.keyring.for_tenant(lived.anna).cipher is None
    assert [path for path in (elsewhere.settings.var / "files").rglob("*") if path.is_file()] == []


def test_it_exports_no_trail_that_is_not_whole(lived: Lived, tmp_path: Path) -> None:
    lived.house.run("UPDATE event SET kind = 'other' WHERE case_id = %s AND seq = 1", lived.cases[0])
    with pytest.raises(BadSurroundings, match="The trail is not whole"):
        taken_out(lived.house, lived.anna, tmp_path / "box")
    assert list(tmp_path.glob("box*")) == []


def test_a_message_that_still_waited_is_left_to_a_person(lived: Lived, elsewhere: House, tmp_path: Path) -> None:
    taken = take_in(elsewhere.platform, taken_out(lived.house, lived.anna, tmp_path / "box"), [FIRST], NOW, quiet)
    with psycopg.connect(elsewhere.superuser_url) as connection:
        query = "SELECT DISTINCT state FROM message WHERE tenant_id = %s"
        assert connection.execute(query, [lived.anna]).fetchall() == [("failed",)]
    assert taken.unsent > 0


def test_it_knows_every_table_and_every_sealed_column_that_there_is(lived: Lived) -> None:
    """Who adds a table says whether it goes along; who adds bytes says how they are sealed."""
    with psycopg.connect(lived.house.superuser_url) as connection:
        found = connection.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name IN (SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant_id')"
        ).fetchall()
    tables = {table for table, _, _ in found}
    assert set(LEFT_OUT) <= tables
    assert (set(SEALED) | set(PLAIN_BYTES) | set(LEFT_OUT_COLUMNS)) <= tables - set(LEFT_OUT)
    assert tables - set(LEFT_OUT) == EXPORTED, "say in backup/contents.py whether it goes along"
    loose = {
        (table, column)
        for table, column, kind in found
        if kind == "bytea"
        and table not in LEFT_OUT
        and column not in {**SEALED.get(table, {}), **LEFT_OUT_COLUMNS.get(table, {})}
        and column not in PLAIN_BYTES.get(table, ())
    }
    assert loose == set(), "say in backup/contents.py how it is sealed"


EXPORTED = set(
    "absence admin case_class case_counter case_day case_file case_party case_seen case_task case_wall deadline"
    " destruction document event improvement inbound_mail log_entry mail_wish measure message person policy_version"
    " post_holder published recommendation relative report saved_view statement_text tenant_host tenant_logo".split()
)
