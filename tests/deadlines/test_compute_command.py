"""`weerklank deadlines compute`: its format, its exit codes, and input that means harm."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weerklank.cli.main import main

GOOD: dict[str, Any] = {
    "id": "A01",
    "received": "2026-06-01T10:00",
    "term": {"n": 6, "unit": "weeks"},
    "mode": "atw",
}


class Answer:
    """What the command wrote, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(content: Any, *arguments: str) -> Answer:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        code = main(["deadlines", "compute", *arguments])
        return Answer(code, *capsys.readouterr())

    return run


def with_(**changes: Any) -> dict[str, Any]:
    return {**GOOD, **changes}


# --- the format ------------------------------------------------------------------------------------------------


def test_it_answers_a_list_with_a_list_and_every_key_that_can_be_expected(run: Any) -> None:
    answer = run([GOOD])
    assert (answer.code, answer.err) == (0, "")
    item = answer.document[0]
    assert {key: item[key] for key in GOOD} == GOOD
    assert item["computed"] | {"why": None} == {
        "nominal": "2026-07-13",
        "due": "2026-07-13",
        "due_before_utc": "2026-07-13T22:00Z",
        "due_at": None,
        "state": "running",
        "remaining": None,
        "provisional": None,
        "why": None,
    }
    assert item["computed"]["why"][-1] == {
        "day": "2026-07-13",
        "code": "counted",
        "article": None,
        "values": {"term": "6 weeks"},
        "nl": "6 weken later is maandag 13 juli 2026.",
        "en": "6 weeks later is Monday 13 July 2026.",
    }


def test_it_answers_an_object_with_the_same_object(run: Any) -> None:
    document = {
        "about": "kept",
        "vectors": [GOOD],
        "older_than_one_year": [{"conduct": "2025-06-06", "filed": "2026-06-07T00:00"}],
        "holiday_facts": [{"date": "2026-04-03"}, {"date": "2026-04-05"}],
    }
    answered = run(document).document
    assert list(answered) == list(document)
    assert answered["about"] == "kept"
    assert answered["older_than_one_year"][0]["computed"] == {"may_be_refused": True}
    assert [each["computed"] for each in answered["holiday_facts"]] == [
        {"holiday": True, "name": "good_friday"},
        {"holiday": False, "name": None},
    ]


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({"received": "2026-06-01"}, "2026-07-13"),
        ({"received": "2026-06-01T23:59:59.999999"}, "2026-07-13"),
        ({"received": "2026-06-02T00:30+02:00"}, "2026-07-14"),
        ({"received": "2026-06-01T22:30:00Z"}, "2026-07-14"),
        ({"mode": "statutory", "received": "2026-06-06"}, "2026-07-20"),
        ({"mode": "calendar", "received": "2026-06-06"}, "2026-07-18"),
        ({"extension": None, "suspensions": None, "agreed_until": None, "backward": None}, "2026-07-13"),
        ({"extension": {"n": 4, "unit": "weeks"}}, "2026-08-10"),
        ({"extension": [{"n": 1, "unit": "weeks"}, {"n": 3, "unit": "weeks"}]}, "2026-08-10"),
        ({"agreed_until": "2026-08-29"}, "2026-08-29"),
        ({"suspensions": [{"requested": "2026-06-10", "completed": "2026-06-17"}]}, "2026-07-20"),
        ({"suspensions": [{"requested": "2026-06-10T23:30Z", "completed": "2026-06-17T09:00"}]}, "2026-07-20"),
        ({"backward": True}, "2026-04-20"),
        ({"anything": {"else": [1, 2]}, "expected": {"due": "1900-01-01"}}, "2026-07-13"),
    ],
)
def test_it_reads_every_way_in_which_a_vector_may_be_written(run: Any, changes: Any, due: str) -> None:
    answer = run([with_(**changes)])
    assert answer.document[0]["computed"]["due"] == due
    assert answer.code == 0


def test_it_reads_a_file_and_its_own_answer_again(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "vectors.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps([GOOD, 5, with_(mode="?")]).encode())
    first = run(b"", str(file))
    assert first.document[0]["computed"]["due"] == "2026-07-13"
    again = run(first.out.encode())
    assert again.document[0] == first.document[0]


def test_it_writes_nothing_but_json_to_stdout_whatever_it_complains_of(run: Any) -> None:
    answer = run([GOOD, with_(mode="?", id="é\n\x1b[31m"), GOOD], "--check")
    assert [("computed" in item, "error" in item) for item in answer.document] == [
        (True, False),
        (False, True),
        (True, False),
    ]
    assert answer.err.isascii()
    assert "\x1b" not in answer.err
    assert "vectors[1] (\\xe9\\n\\x1b[31m): 'mode' is one of" in answer.err


def test_it_needs_neither_database_nor_flask() -> None:
    program = (
        "import sys; from weerklank.cli.main import main; code = main(['deadlines', 'compute']);"
        "heavy = {'flask', 'sqlalchemy', 'psycopg', 'marshmallow', 'dramatiq', 'socket'} & set(sys.modules);"
        "sys.exit(f'loaded {heavy}' if heavy else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps([GOOD]), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


# --- --check ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        ({}, 0),
        ({"due": "2026-07-13"}, 0),
        ({"due": "2026-07-14"}, 1),
        ({"due": None}, 1),
        ({"nominal": "2026-07-12"}, 1),
        ({"due_before_utc": "2026-07-13T22:00:00+00:00"}, 0),
        ({"due_before_utc": "2026-07-14T00:00+02:00"}, 0),
        ({"due_before_utc": "2026-07-13T22:00"}, 0),
        ({"due_before_utc": "2026-07-13T23:00Z"}, 1),
        ({"due_before_utc": "tomorrow"}, 1),
        ({"due_before_utc": 5}, 1),
        ({"state": "running", "remaining": None, "due_at": None}, 0),
        ({"state": "suspended"}, 1),
        ({"remaining": 0}, 1),
        ({"provisional": None}, 0),
        ({"provisional": "any words"}, 1),
        ([], 1),
        (None, 1),
        ("2026-07-13", 1),
    ],
)
def test_it_compares_what_is_expected(run: Any, expected: Any, code: int) -> None:
    answer = run([with_(expected=expected)], "--check")
    assert answer.code == code
    assert answer.err.count("vectors[0] (A01): ") == code
    assert answer.err.endswith(f"1 items checked, {code} differences\n")


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        ({"due": "2029-07-13", "provisional": "in other words"}, 0),
        ({"due": "2029-07-13"}, 1),
        ({"nominal": "2029-07-13"}, 0),
        ({"provisional": None}, 1),
    ],
)
def test_it_compares_whether_a_date_is_provisional(run: Any, expected: Any, code: int) -> None:
    assert run([with_(received="2029-06-01", expected=expected)], "--check").code == code


def test_it_compares_hours_as_instants(run: Any) -> None:
    hours = with_(received="2026-10-23T16:00", term={"n": 72, "unit": "hours"})
    for due_at, code in (
        ("2026-10-26T15:00:00+01:00", 0),
        ("2026-10-26T14:00Z", 0),
        ("2026-10-26T15:00", 0),
        ("2026-10-26T16:00+01:00", 1),
    ):
        assert run([{**hours, "expected": {"due_at": due_at}}], "--check").code == code


def test_it_compares_one_year_cases_and_holiday_facts(run: Any) -> None:
    year = {"conduct": "2025-06-06", "filed": "2026-06-06T23:59", "may_be_refused": False}
    fact = {"date": "2026-05-05", "holiday": True}
    assert run({"older_than_one_year": [year], "holiday_facts": [fact]}, "--check").code == 0
    answer = run(
        {"older_than_one_year": [year | {"may_be_refused": True}], "holiday_facts": [fact | {"holiday": False}]},
        "--check",
    )
    assert answer.code == 1
    assert "older_than_one_year[0]: may_be_refused: expected True, computed False" in answer.err
    assert "holiday_facts[0]: holiday: expected False, computed True" in answer.err


def test_it_calls_a_bad_item_a_difference_only_when_it_checks(run: Any) -> None:
    assert run([GOOD, 5]).code == 0
    assert run([GOOD, 5], "--check").code == 1


# --- harm ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no json",
        b"\x00",
        b"[1, 2",
        b"\xff\xfe[\x00]\x00",
        b'"text"',
        b"5",
        b"null",
        b"{}",
        b'{"vectors": {}}',
        b'{"vectors": [], "holiday_facts": 5}',
        b"[" * 100_000,
        b'[{"a":' * 100_000,
        b"[" * 900 + b"]" * 900 + b"]",
    ],
)
def test_it_answers_2_and_one_line_for_what_it_cannot_read(run: Any, content: bytes) -> None:
    answer = run(content)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("weerklank deadlines compute: cannot read the input: ")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_it_answers_2_for_a_file_it_cannot_open(run: Any, tmp_path: Path, name: str) -> None:
    assert run(b"", str(tmp_path / name)).code == 2
    assert run(b"", "nul\0").code == 2


@pytest.mark.parametrize(
    "item",
    [
        5,
        None,
        [],
        "text",
        {},
        with_(received=None),
        with_(received="gisteren"),
        with_(received="2026-02-30"),
        with_(received="2026-06-01T25:00"),
        with_(received="2026-06-01\x00"),
        with_(received=20260601),
        with_(received="9999-12-31"),
        with_(received="0001-01-01T00:00", backward=True),
        with_(received="9999-12-31T23:59-12:00"),
        with_(term=None),
        with_(term=6),
        with_(term={"n": 6}),
        with_(term={"n": "6", "unit": "weeks"}),
        with_(term={"n": 6.0, "unit": "weeks"}),
        with_(term={"n": True, "unit": "weeks"}),
        with_(term={"n": -1, "unit": "weeks"}),
        with_(term={"n": 10**30, "unit": "weeks"}),
        with_(term={"n": 100_000, "unit": "years"}),
        with_(term={"n": 6, "unit": "fortnights"}),
        with_(term={"n": 6, "unit": ["weeks"]}),
        with_(mode=None),
        with_(mode="ATW"),
        with_(mode=["atw"]),
        with_(extension=6),
        with_(extension=[6]),
        with_(extension={"n": 4, "unit": "hours"}),
        with_(suspensions={}),
        with_(suspensions=["2026-06-10"]),
        with_(suspensions=[{}]),
        with_(suspensions=[{"requested": "2026-06-10", "completed": "2026-06-09"}]),
        with_(agreed_until="soon"),
        with_(agreed_until=5),
        with_(backward="yes"),
        with_(backward=True, agreed_until="2026-06-01"),
    ],
)
def test_it_reports_a_bad_item_and_goes_on(run: Any, item: Any) -> None:
    answer = run([GOOD, item, GOOD])
    assert answer.code == 0
    first, bad, last = answer.document
    assert first == last
    assert "computed" in first
    assert bad["error"]
    assert "computed" not in bad
    assert answer.err.startswith("vectors[1]")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
def test_it_survives_numbers_that_are_none(run: Any, number: str) -> None:
    text = json.dumps([GOOD, with_(term={"n": 77, "unit": "weeks"}), with_(other=77)])
    answer = run(text.replace("77", number).encode())
    assert answer.code == 0
    document = json.loads(answer.out, parse_constant=pytest.fail)
    assert ["error" in item for item in document] == [False, True, False]
    assert document[2]["other"] == number


def test_it_refuses_bad_one_year_cases_and_facts_alike(run: Any) -> None:
    answer = run({"older_than_one_year": [{}, {"conduct": "x", "filed": "y"}], "holiday_facts": [{"date": 5}]})
    assert answer.code == 0
    items = [*answer.document["older_than_one_year"], *answer.document["holiday_facts"]]
    assert all(item["error"] for item in items)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates().map(str)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
terms = st.fixed_dictionaries(
    {"n": scalars | st.integers(0, 100), "unit": st.sampled_from(["hours", "weeks", "working_days"]) | values}
)
items = st.fixed_dictionaries(
    {},
    optional={
        "id": values,
        "received": values | st.datetimes().map(str),
        "term": terms | values,
        "mode": st.sampled_from(["atw", "calendar", "working_days"]) | values,
        "extension": terms | values,
        "suspensions": st.lists(st.dictionaries(st.sampled_from(["requested", "completed"]), values)) | values,
        "agreed_until": values,
        "backward": values,
        "expected": values,
    },
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(items | values, max_size=4))
def test_it_never_breaks_on_nonsense(run: Any, content: list[Any]) -> None:
    answer = run(content, "--check")
    assert answer.code in (0, 1)
    assert len(answer.document) == len(content)
    assert all(("computed" in item) != ("error" in item) for item in answer.document)
