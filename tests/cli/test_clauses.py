"""Every clause of the five procedures is carried by an element of its policy and shown by a story or a test."""

import argparse
from collections import Counter
from pathlib import Path

import pytest

from weerklank.cli import clauses

ROOT = Path(__file__).parents[2]
TENANTS = sorted(path.parent for path in (ROOT / "tenants").glob("*/clauses.txt"))
TESTS = clauses.marked(ROOT / "tests")
# How far each procedure is to be carried: full, assisted, outside. A class may rise, never sink.
NUMBERS = {
    "gelukwerkt": (13, 23, 0),
    "mep": (17, 26, 0),
    "nationale-ombudsman": (20, 43, 3),
    "staatvandienst": (35, 31, 1),
    "team-keizer": (27, 27, 3),
}
POLICY = """weerklank: 1
terms:
  answer: {within: 1 weeks, source: [A-1, A-2]}
steps:
  close:
    guards:
      - {source: A-1}
clauses:
  A-3: {why: "outside: a heading"}
"""
CLAUSES = "# gist\nA-1 full answer\nA-2 assisted in time\nA-3 outside some day\n"
TEST = """import pytest


@pytest.mark.parametrize("way", [pytest.param("letter", marks=pytest.mark.clause("A-2"))])
def test_it_shows_it(way: str) -> None: ...
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tenant = tmp_path / "tenants" / "here"
    (tenant / "stories").mkdir(parents=True)
    (tenant / "policy.yaml").write_text(POLICY)
    (tenant / "clauses.txt").write_text(CLAUSES)
    (tenant / "stories" / "answer.yaml").write_text("story: An answer\nsource: A-1\n")
    (tmp_path / "tests" / "web").mkdir(parents=True)
    (tmp_path / "tests" / "web" / "test_page.py").write_text(TEST)
    return tenant


def marks_of(folder: Path) -> dict[str, list[str]]:
    return clauses.marked(folder.parents[1] / "tests")


@pytest.mark.parametrize("tenant", TENANTS, ids=lambda folder: folder.name)
def test_it_keeps_the_class_of_every_clause(tenant: Path) -> None:
    found = Counter(row.level for row in clauses.rows_of(tenant, TESTS))
    full, assisted, outside = NUMBERS[tenant.name]
    assert found.total() == full + assisted + outside
    assert found["full"] >= full
    assert found["outside"] <= outside


def test_it_knows_the_clauses_of_all_five_procedures() -> None:
    assert {folder.name for folder in TENANTS} == set(NUMBERS)


@pytest.mark.parametrize("tenant", TENANTS, ids=lambda folder: folder.name)
def test_it_finds_each_clause_carried_out_and_shown_or_excused(tenant: Path) -> None:
    assert list(clauses.mistakes_in(tenant, TESTS)) == []


def test_it_finds_no_test_marked_with_what_is_no_clause() -> None:
    known = {row.id for tenant in TENANTS for row in clauses.rows_of(tenant, TESTS)}
    assert set(TESTS) - known == set()


def test_it_keeps_the_page_up_to_date() -> None:
    assert (ROOT / "docs" / "clauses.md").read_text(encoding="utf-8") == clauses.document(TENANTS, TESTS)


def test_it_names_the_elements_with_their_lines_and_what_shows_them(folder: Path) -> None:
    answer, close, page = ("terms.answer", 3), ("steps.close.guards.0", 7), "tests/web/test_page.py::test_it_shows_it"
    assert clauses.rows_of(folder, marks_of(folder)) == [
        clauses.Row("A-1", "full", (answer, close), ("stories/answer.yaml",), None),
        clauses.Row("A-2", "assisted", (answer,), (page,), None),
        clauses.Row("A-3", "outside", (), (), "outside: a heading"),
    ]


def test_it_reports_what_a_clause_lacks_and_a_name_that_is_no_clause(folder: Path) -> None:
    known = ("A-1 full x", "A-3 outside x", "A-4 full x", "A-5 almost x", "A-6 outside x", "A-7 full x")
    (folder / "clauses.txt").write_text("\n".join(known))
    (folder / "stories" / "answer.yaml").unlink()
    (folder / "policy.yaml").write_text(POLICY + '  A-7: {why: "later: not now"}\n')
    assert list(clauses.mistakes_in(folder, {})) == [
        "here: A-1 is shown by no story and no test",
        "here: A-4 is cited by no element of the policy",
        "here: A-4 is shown by no story and no test",
        "here: A-5 is almost; write full, assisted or outside",
        "here: A-6 is outside the platform, but is not listed under `clauses` with the reason",
        "here: A-7 is full, but is listed as later: not now",
        "here: A-2 is cited or listed, but is no clause of clauses.txt",
    ]


def test_it_writes_the_page_and_sees_when_it_is_stale(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = folder.parent / "docs" / "clauses.md"
    parser = argparse.ArgumentParser()
    clauses.add_clauses(parser.add_subparsers())
    where = ["clauses", "--tenants", str(folder.parent), "--tests", str(folder.parents[1] / "tests"), "--to", str(page)]
    assert clauses.run(parser.parse_args([*where, "--check"])) == 1
    assert clauses.run(parser.parse_args(where)) == 0
    assert clauses.run(parser.parse_args([*where, "--check"])) == 0
    assert "not up to date" in capsys.readouterr().err
    text = page.read_text()
    assert "3 clauses: 1 full, 1 assisted, 1 outside." in text
    assert "| A-3 | outside | none | outside: a heading |" in text
    carried = "tenants/here/policy.yaml:3 `terms.answer`; :7 `steps.close.guards.0`"
    assert f"| A-1 | full | {carried} | stories/answer.yaml |" in text
