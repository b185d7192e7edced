"""The published cases: computed by hand and by an independent script, in `vectors.json`."""

import json
from pathlib import Path
from typing import Any

import pytest

from weerklank.cli import deadlines
from weerklank.cli.main import main
from weerklank.deadlines import Calendar, Decrees, holidays_of, known_decrees

VECTORS = Path(__file__).with_name("vectors.json")
PUBLISHED: dict[str, Any] = json.loads(VECTORS.read_text())


def test_it_computes_every_published_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadlines", "compute", "--check", str(VECTORS)]) == 0
    captured = capsys.readouterr()
    assert captured.err == "92 items checked, 0 differences\n"
    assert len(json.loads(captured.out)["vectors"]) == PUBLISHED["count"] == 66


@pytest.mark.parametrize("year", [int(year) for year in PUBLISHED["holidays"]])
def test_it_knows_the_holidays_of_each_published_year(year: int) -> None:
    days = sorted(map(str, holidays_of(year, known_decrees())))
    assert days == PUBLISHED["holidays"][str(year)]


def test_it_knows_the_published_equated_days() -> None:
    assert sorted(map(str, known_decrees().days)) == PUBLISHED["equated_days"]


@pytest.mark.parametrize(
    "vector",
    [each for each in PUBLISHED["vectors"] if "equated=off" in each.get("alternative_readings", {})],
    ids=lambda vector: vector["id"],
)
def test_it_counts_a_decreed_day_only_because_the_data_say_so(
    vector: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(deadlines, "CALENDAR", Calendar(decrees=Decrees(frozenset(), 2028)))
    file = tmp_path / "one.json"
    file.write_text(json.dumps([vector]))
    assert main(["deadlines", "compute", str(file)]) == 0
    computed = json.loads(capsys.readouterr().out)[0]["computed"]
    assert computed["due"] == vector["alternative_readings"]["equated=off"] != vector["expected"]["due"]
