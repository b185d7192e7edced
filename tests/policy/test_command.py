"""`weerklank policy`: what it prints and the code it ends with."""

import json
from pathlib import Path

import pytest

from tests.policy.test_reader import SMALL
from weerklank.cli.main import main

TEXT = SMALL.read_text("utf-8")


@pytest.fixture
def tenants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of tenants with one that is right and one that is wrong on its second line."""
    for name, text in (("right", TEXT), ("wrong", TEXT.replace("weerklank: 1", "werklank: 1"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.yaml").write_text(text, "utf-8")
    monkeypatch.setenv("TENANTS", str(tmp_path))
    return tmp_path


def test_it_says_of_a_policy_that_is_right_only_what_was_walked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", str(SMALL)]) == 0
    assignment, steps = capsys.readouterr().out.splitlines()
    assert assignment.startswith(f"{SMALL}: assignment: ")
    assert "combinations, every one has a handler or an alarm" in assignment
    assert steps.startswith(f"{SMALL}: steps: ") and steps.endswith("all can reach closing")


def test_it_is_silent_about_a_policy_that_is_right_when_it_need_not_walk(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", "--quick", str(SMALL)]) == 0
    assert capsys.readouterr().out == ""


def test_it_finds_what_only_the_walk_finds_and_says_it_in_dutch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(TEXT.replace("when: {happened: sent.acknowledgement}", "when: {happened: done.close}"), "utf-8")
    assert main(["policy", "check", "--quick", str(path)]) == 0
    assert main(["policy", "check", "--language", "nl", str(path)]) == 1
    out = capsys.readouterr().out
    assert "vanaf hier kan een zaak komen waar niets meer tot sluiten leidt" in out
    assert "kunnen niet tot sluiten komen" in out


def test_it_checks_all_tenants_when_no_path_is_given(tenants: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check"]) == 1
    out = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"{tenants}/wrong/policy.yaml:2:1:") for line in out)
    assert any("2:1: unknown key 'werklank', did you mean 'weerklank'?" in line for line in out)
    assert all("every one has" in line or "all can reach" in line for line in out if "/right/" in line)


def test_it_checks_a_folder_with_a_policy(tenants: Path) -> None:
    assert main(["policy", "check", str(tenants / "right")]) == 0
    assert main(["policy", "check", str(tenants / "right"), str(tenants / "wrong")]) == 1


@pytest.mark.parametrize("path", ["nothing", "nothing\0", "empty", "x" * 5_000])
def test_it_ends_with_2_when_there_is_no_policy(path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["policy", "check", str(tmp_path / path)]) == 2
    assert "is not a policy and holds none" in capsys.readouterr().err


def test_it_lists_open_questions_and_fails_on_them_only_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(TEXT.replace("retention: 5 years", "retention: {unconfirmed: How long?}"), "utf-8")
    assert main(["policy", "check", "--quick", str(path)]) == 0
    assert capsys.readouterr().out == ""
    assert main(["policy", "check", "--quick", "--live", str(path)]) == 1
    line = TEXT[: TEXT.index("retention")].count("\n") + 1
    expected = f"{path}:{line}:1: open: keeping.retention: How long? (there is no value meanwhile)\n"
    assert capsys.readouterr().out == expected


def test_it_gives_findings_as_json(tenants: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", "--json", str(tenants)]) == 1
    right, wrong = json.loads(capsys.readouterr().out)
    assert right["findings"] == []
    assert {finding["severity"] for finding in wrong["findings"]} == {"error"}
    assert len(right["sha256"]) == 64


def test_it_shows_a_policy_by_path_and_by_tenant(tenants: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "show", str(SMALL)]) == 0
    by_path = capsys.readouterr().out
    assert by_path.startswith("Klachtenregeling\n====")
    assert main(["policy", "show", "right"]) == 0
    assert capsys.readouterr().out == by_path
    assert main(["policy", "show", "right", "--language", "en"]) == 0
    assert capsys.readouterr().out.startswith("Complaints procedure\n")


def test_it_does_not_show_a_policy_that_is_wrong_or_not_there(
    tenants: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "show", "wrong"]) == 1
    assert "unknown key 'werklank'" in capsys.readouterr().err
    assert main(["policy", "show", "nobody"]) == 2
    assert main(["policy", "show", "x" * 5_000]) == 2
    assert main(["policy", "show", "right", "--language", "fr"]) == 2


def test_it_prints_the_schema_and_the_reference(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "schema"]) == 0
    assert "$defs" in json.loads(capsys.readouterr().out)
    assert main(["policy", "reference"]) == 0
    assert capsys.readouterr().out.startswith("# The policy language")
