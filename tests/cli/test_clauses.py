"""Every clause of the five procedures is carried by an element of its policy, or excused with a reason."""

import argparse
from pathlib import Path

import pytest

from weerklank.cli import clauses

ROOT = Path(__file__).parents[2]
TENANTS = sorted(path.parent for path in (ROOT / "tenants").glob("*/clauses.txt"))
NUMBERS = {"gelukwerkt": 36, "mep": 43, "nationale-ombudsman": 66, "staatvandienst": 67, "team-keizer": 57}
POLICY = """weerklank: 1
terms:
  answer: {within: 1 weeks, source: [A-1, A-2]}
steps:
  close:
    guards:
      - {source: A-1}
clauses:
  A-3: {why: "later: not now"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tenant = tmp_path / "here"
    tenant.mkdir()
    (tenant / "policy.yaml").write_text(POLICY)
    (tenant / "clauses.txt").write_text("# gist\nA-1 answer\nA-2 in time\nA-3 some day\n")
    return tenant


def test_it_knows_all_clauses_of_the_five_procedures() -> None:
    assert {folder.name: len(clauses.gists_of(folder)) for folder in TENANTS} == NUMBERS


@pytest.mark.parametrize("tenant", TENANTS, ids=lambda folder: folder.name)
def test_it_finds_each_clause_cited_or_listed_with_a_reason(tenant: Path) -> None:
    assert list(clauses.mistakes_in(tenant)) == []
    excuses = [row.why for row in clauses.rows_of(tenant) if row.why is not None]
    assert all(why.startswith(("later: ", "outside: ")) for why in excuses)


def test_it_keeps_the_page_up_to_date() -> None:
    assert (ROOT / "docs" / "clauses.md").read_text(encoding="utf-8") == clauses.document(TENANTS)


def test_it_names_the_elements_and_their_lines(folder: Path) -> None:
    assert clauses.rows_of(folder) == [
        clauses.Row("A-1", "answer", (("terms.answer", 3), ("steps.close.guards.0", 7)), None),
        clauses.Row("A-2", "in time", (("terms.answer", 3),), None),
        clauses.Row("A-3", "some day", (), "later: not now"),
    ]


def test_it_reports_a_clause_that_nothing_carries_and_a_name_that_is_no_clause(folder: Path) -> None:
    (folder / "clauses.txt").write_text("A-1 answer\nA-3 some day\nA-4 forgotten\n")
    assert list(clauses.mistakes_in(folder)) == [
        "here: A-4 is neither cited by an element nor listed under `clauses`",
        "here: A-2 is cited or listed, but is no clause of clauses.txt",
    ]


def test_it_writes_the_page_and_sees_when_it_is_stale(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = folder.parent / "docs" / "clauses.md"
    parser = argparse.ArgumentParser()
    clauses.add_clauses(parser.add_subparsers())
    where = ["clauses", "--tenants", str(folder.parent), "--to", str(page)]
    assert clauses.run(parser.parse_args([*where, "--check"])) == 1
    assert clauses.run(parser.parse_args(where)) == 0
    assert clauses.run(parser.parse_args([*where, "--check"])) == 0
    assert "| A-3 | some day | not yet: later: not now |" in page.read_text()
    assert "not up to date" in capsys.readouterr().err
