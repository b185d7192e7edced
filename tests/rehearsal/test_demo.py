"""The demo: a year of complaints in the organisations of the repository, played through `act`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import Database
from weerklank.cases.act import Engine
from weerklank.cases.clocks import verify
from weerklank.cases.model import CaseFile, Deadline, Message
from weerklank.cli.main import main
from weerklank.documents.files import Files
from weerklank.documents.store import Folder
from weerklank.identity.people import directory, vacancies
from weerklank.kernel.database import open_session, tenant_scope, without_tenant
from weerklank.kernel.errors import BadSurroundings, Refused
from weerklank.kernel.keys import Keyring
from weerklank.kernel.outbox import Outbox
from weerklank.policy.reader import read_policy
from weerklank.policy.world import calendar_of
from weerklank.rehearsal.demo.play import Organisation, bring_on, links, missing, phases, play
from weerklank.rehearsal.demo.script import Script, Values, fill, read_script, unfold
from weerklank.tenancy.folder import import_folder
from weerklank.tenancy.organisations import find_by_slug

NOW = datetime(2026, 9, 16, 15, 0, tzinfo=UTC)
DEMOS = sorted(Path("tenants").glob("*/demo.yaml"))
KEIZER = Path("tenants/team-keizer")


@pytest.fixture
def engine(keyring: Keyring, audit_key: bytes, tmp_path: Path) -> Engine:
    return Engine(keyring, audit_key, Files(Folder(tmp_path / "files")))


def take_in(database: Database, engine: Engine, folder: Path) -> Organisation:
    """The organisation of this folder, in trial, without anybody."""
    with open_session(database.engine) as session:
        import_folder(session, engine.keyring, folder, NOW)
        session.commit()
    with open_session(database.engine) as session, without_tenant(session, "a test looks an organisation up"):
        tenant_id = find_by_slug(session, folder.name).id
    return Organisation(database.engine, engine, tenant_id, folder.name, "http://localhost:8000")


@contextmanager
def look(here: Organisation) -> Iterator[Session]:
    with open_session(here.database) as session, tenant_scope(session, here.tenant_id):
        yield session


def count(here: Organisation, table: Any) -> int:
    with look(here) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def one_of_each(script: Script) -> Script:
    """Of each path the first complaint that runs to its end."""
    whole: dict[str, Values] = {}
    for complaint in script.complaints:
        if "stops" not in complaint:
            whole.setdefault(complaint["path"], complaint)
    return replace(script, complaints=tuple(whole.values()))


@pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.parent.name)
def test_it_lets_every_path_run_to_its_end_by_the_policy_of_the_organisation(
    fresh_database: Database, engine: Engine, path: Path
) -> None:
    here, script = take_in(fresh_database, engine, path.parent), one_of_each(read_script(path))
    people = bring_on(here, script, NOW)
    assert [play(here, script, each, people, NOW) for each in missing(here, script)] == [None] * len(script.paths)
    policy = read_policy((path.parent / "policy.yaml").read_bytes(), name="policy").policy
    with look(here) as session:
        assert policy is not None
        assert vacancies(policy, directory(session, here.tenant_id, NOW.date())) == ()
        assert list(verify(session, here.tenant_id, NOW)) == []
        assert set(session.scalars(select(Message.state))) <= {"sent", "printed"}
        assert session.scalars(select(Deadline.term).where(Deadline.next_at <= NOW)).all() == []
    assert count(here, Outbox) == 0


@pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("now", [NOW, NOW + timedelta(days=100, hours=8)])
def test_it_can_tell_every_complaint_on_any_day(path: Path, now: datetime) -> None:
    script = read_script(path)
    policy = read_policy((path.parent / "policy.yaml").read_bytes(), name="policy").policy
    assert policy is not None
    for complaint in script.complaints:
        told = list(unfold(script, complaint, calendar_of(policy.calendar), now))
        assert [each.now for each in told] == sorted({each.now for each in told})
        assert told == list(unfold(script, complaint, calendar_of(policy.calendar), now))
        assert all(each.now <= now for each in told)


@pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.parent.name)
def test_it_holds_about_forty_complaints_no_two_the_same_and_uses_every_path(path: Path) -> None:
    script = read_script(path)
    texts = [complaint["text"] for complaint in script.complaints]
    assert len(set(texts)) == len(texts) >= 40
    assert {complaint["path"] for complaint in script.complaints} == set(script.paths)
    assert any(person.admin for person in script.people.values())


def test_every_organisation_of_the_repository_has_a_demo() -> None:
    assert [path.parent for path in DEMOS] == sorted(path.parent for path in Path("tenants").glob("*/policy.yaml"))


def test_it_goes_on_where_it_was_and_then_changes_nothing(fresh_database: Database, engine: Engine) -> None:
    here, script = take_in(fresh_database, engine, KEIZER), read_script(KEIZER / "demo.yaml")
    script = replace(script, complaints=script.complaints[-4:])
    people = bring_on(here, script, NOW)
    for complaint in missing(here, script)[:2]:
        play(here, script, complaint, people, NOW)
    later = NOW + timedelta(hours=1)
    assert bring_on(here, script, later) == people
    rest = missing(here, script)
    assert len(rest) == 2
    for complaint in rest:
        play(here, script, complaint, people, later)
    assert missing(here, script) == []
    assert count(here, CaseFile) == 4
    assert sum(phases(here, NOW.date())[0].values()) == 4


def test_it_leaves_recent_complaints_open_and_old_ones_closed_or_late(fresh_database: Database, engine: Engine) -> None:
    here, script = take_in(fresh_database, engine, KEIZER), read_script(KEIZER / "demo.yaml")
    chosen = {"Marga Tolen", "Yolanda Buis", "Hester Brood"}
    script = replace(script, complaints=tuple(each for each in script.complaints if each["name"] in chosen))
    people = bring_on(here, script, NOW)
    for complaint in missing(here, script):
        play(here, script, complaint, people, NOW)
    found, late = phases(here, NOW.date())
    assert (found["closed"], sum(found.values()), late) == (1, 3, 1)
    with look(here) as session:
        assert {"reminded", "term_missed"} <= set(session.scalars(select(Message.name)))


def test_it_tells_where_a_policy_stops_a_complaint_and_keeps_what_came_before(
    fresh_database: Database, engine: Engine
) -> None:
    here, script = take_in(fresh_database, engine, KEIZER), read_script(KEIZER / "demo.yaml")
    path = [*script.paths["practice"][:3], {"at": "+2 12:00", "do": "close", "by": "vissers"}]
    complaint = next(each for each in script.complaints if each["path"] == "practice")
    script = replace(script, paths={"practice": path}, complaints=(complaint,))
    stopped = play(here, script, complaint, bring_on(here, script, NOW), NOW)
    assert stopped is not None
    assert stopped.rule == "steps.close"
    assert count(here, CaseFile) == 1


def test_it_gives_the_main_people_a_fresh_link(fresh_database: Database, engine: Engine) -> None:
    here, script = take_in(fresh_database, engine, KEIZER), read_script(KEIZER / "demo.yaml")
    bring_on(here, script, NOW)
    first, second = links(here, script, NOW), links(here, script, NOW)
    assert {email for _, email, _ in first} >= {"vissers@team-keizer.example", "keizerik@team-keizer.example"}
    assert not {token for *_, token in first} & {token for *_, token in second}


def test_it_refuses_an_organisation_whose_post_is_held_by_its_own_people(
    fresh_database: Database, engine: Engine
) -> None:
    here, script = take_in(fresh_database, engine, KEIZER), read_script(KEIZER / "demo.yaml")
    own = replace(script, people={"eigen": replace(script.people["vissers"], name="Eigen Officier")})
    bring_on(here, own, NOW)
    with pytest.raises(Refused, match="seats_taken"):
        bring_on(here, script, NOW)


def test_it_fills_in_days_values_and_choices() -> None:
    values = {"text": "x", "who": "anna", "nobody": None, "list": ["a", "b"]}
    raw = {"a": "+3", "b": "bel {who}", "c": "{list}", "d": "{nobody}", "e": "{absent}", "f": {"one_of": ["{who}"]}}
    filled = fill(raw, values, lambda offset: f"day {offset}", Random(1))
    assert filled == {"a": "day +3", "b": "bel anna", "c": ["a", "b"], "f": "anna"}
    with pytest.raises(BadSurroundings, match="gives no absent"):
        fill("bel {absent}", values, str, Random(1))


@pytest.mark.parametrize(
    "text", ["people: [", "people: {}", "- x", "people: {a: {nome: x}}\npaths: {}\ncomplaints: []"]
)
def test_it_says_which_file_cannot_be_used(tmp_path: Path, text: str) -> None:
    (tmp_path / "demo.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadSurroundings, match="demo.yaml cannot be used"):
        read_script(tmp_path / "demo.yaml")


def test_the_command_fills_and_a_second_time_changes_nothing(
    fresh_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "tenants" / "team-keizer"
    shutil.copytree(KEIZER, folder)
    whole = (folder / "demo.yaml").read_text(encoding="utf-8")
    head, _, complaints = whole.partition("complaints:\n")
    few = "".join(line for line in complaints.splitlines(keepends=True) if "path: desk" in line)
    (folder / "demo.yaml").write_text(f"{head}complaints:\n{few}", encoding="utf-8")
    values = {
        "ENVIRONMENT": "test", "VAR": str(tmp_path / "var"), "TENANTS": str(folder.parent),
        "DATABASE_URL": fresh_database.owner_url, "DATABASE_APP_URL": fresh_database.app_url,
        "KEYSTORE_URL": fresh_database.cluster.dsn("weerklank_keys", "weerklank_keys"),
    }  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert main(["demo"]) == 0
    first = capsys.readouterr()
    assert "complaints added" in first.out
    assert "vissers@team-keizer.example" in first.out
    assert "played" in first.err
    assert main(["demo"]) == 0
    second = capsys.readouterr().out
    assert "the demo is already there" in second
    assert "/link/" not in second
    assert main(["demo", "--links"]) == 0
    assert "/link/" in capsys.readouterr().out
