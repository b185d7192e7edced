"""`weerklank deadlines compute`: due dates for the vectors of a JSON file, without database, settings or network.

The format is described in docs/deadlines.md. Everything that is read may be hostile: an unreadable file ends the
command with 2, a bad item gets an `error` and stops nothing.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any

from weerklank.cli import deadlines_verify
from weerklank.deadlines import (
    Calendar,
    Counting,
    CountingError,
    Due,
    Duration,
    Extension,
    Reason,
    Suspension,
    Term,
    Unit,
    compute,
    explain,
    holidays_of,
    older_than,
)

Item = Mapping[str, Any]

MODES = {"atw": Counting.STATUTORY} | {str(counting): counting for counting in Counting}
CALENDAR = Calendar()  # Amsterdam, Monday to Friday, with the Act's days, Good Friday and the decreed days
INSTANTS: Mapping[str, tzinfo] = {"due_before_utc": UTC, "due_at": CALENDAR.zone}  # zone where no offset is given
COMPARED = ("nominal", "due", "due_before_utc", "due_at", "state", "remaining")
QUOTED = 60


class BadItem(ValueError):
    """What an item holds cannot be read; the text says which key and why."""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `deadlines` and its commands; each sets `run`, which takes the arguments and answers an exit code."""
    parser = subparsers.add_parser("deadlines", help="count terms, and check how they were counted")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    counted = commands.add_parser(
        "compute", help="count the terms of a JSON file", description=str(__doc__).split("\n\n")[0]
    )
    counted.add_argument("file", nargs="?", default="-", metavar="FILE", help="JSON; - or nothing: stdin")
    counted.add_argument("--check", action="store_true", help="compare with what the file expects")
    counted.set_defaults(run=run_compute)
    deadlines_verify.register(commands)


def run_compute(arguments: argparse.Namespace) -> int:
    """0: done, or all as expected; 1: --check found a difference; 2: the file cannot be read."""
    try:
        document = _read(arguments.file)
        sections = _sections(document)
        complaints = [line for name, items in sections for line in _answer_all(name, items, arguments.check)]
        answered = json.dumps(document, indent=1, allow_nan=False)
    except RecursionError:
        return _unreadable("it is nested too deeply")
    except (OSError, ValueError) as error:
        return _unreadable(str(error))
    print(answered)
    for line in complaints:
        print(line, file=sys.stderr)
    if not arguments.check:
        return 0
    count = sum(len(items) for _, items in sections)
    print(f"{count} items checked, {len(complaints)} differences", file=sys.stderr)
    return 1 if complaints else 0


def _unreadable(why: str) -> int:
    print(f"weerklank deadlines compute: cannot read the input: {_quoted(why, 300)}", file=sys.stderr)
    return 2


def _quoted(value: object, most: int = QUOTED) -> str:
    text = str(value).encode("unicode_escape").decode()  # no control character reaches a terminal
    return text if len(text) <= most else text[:most] + "..."


def _read(name: str) -> Any:
    """The document; a number that Python or JSON cannot hold stays the text that it was."""
    content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    return json.loads(content.decode("utf-8-sig"), parse_int=_whole, parse_float=_broken, parse_constant=str)


def _whole(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:  # more digits than Python reads
        return text


def _broken(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _sections(document: Any) -> list[tuple[str, list[Any]]]:
    """The lists that can be answered, by name; they are changed in place. Raises ValueError when there is none."""
    if isinstance(document, list):
        return [("vectors", document)]
    if not isinstance(document, dict):
        raise ValueError("it is neither a list nor an object with 'vectors'")
    sections = [(name, document[name]) for name in ANSWERS if name in document]
    if not sections:
        raise ValueError("it is an object without 'vectors'")
    for name, items in sections:
        if not isinstance(items, list):
            raise ValueError(f"'{name}' is not a list")
    return sections


def _answer_all(name: str, items: list[Any], check: bool) -> Iterator[str]:
    """Put each answer in its item; yields a line for a bad item, and with `check` for every difference."""
    for number, item in enumerate(items):
        label = f"{name}[{number}]"
        if not isinstance(item, dict):
            items[number] = {"value": item, "error": "an item is an object"}
            yield f"{label}: an item is an object"
            continue
        if isinstance(item.get("id"), str):
            label += f" ({_quoted(item['id'])})"
        for line in _answer(name, item, check):
            yield f"{label}: {line}"


def _answer(name: str, item: dict[str, Any], check: bool) -> Iterator[str]:
    answer, differences = ANSWERS[name]
    item.pop("error", None)
    item.pop("computed", None)
    try:
        item["computed"] = answer(item)
    except (BadItem, CountingError) as error:
        item["error"] = str(error)
        yield str(error)
        return
    if check:
        yield from differences(item, item["computed"])


def _vector(item: Item) -> Item:
    mode = item.get("mode")
    if not isinstance(mode, str) or mode not in MODES:
        raise BadItem(f"'mode' is one of {', '.join(MODES)}")
    agreed = item.get("agreed_until")
    due = compute(
        Term(_duration(item, "term"), MODES[mode]),
        _moment(item, "received"),
        CALENDAR,
        extensions=_extensions(item),
        suspensions=[_suspension(each) for each in _list(item, "suspensions")],
        agreed_until=None if agreed is None else _day(item, "agreed_until"),
        backward=_flag(item, "backward"),
    )
    return _computed(due)


def _duration(item: Item, key: str) -> Duration:
    term = item.get(key)
    if not isinstance(term, dict):
        raise BadItem(f"'{key}' is an object with n and unit")
    unit = term.get("unit")
    if not isinstance(unit, str) or unit not in list(Unit):
        raise BadItem(f"'{key}': 'unit' is one of {', '.join(Unit)}")
    try:
        return Duration(term.get("n"), Unit(unit))  # type: ignore[arg-type]  # Duration refuses all but a whole number
    except CountingError as error:
        raise BadItem(f"'{key}': {error}") from None


def _moment(item: Item, key: str) -> date | datetime:
    """A date, or an instant; without offset it is what the clocks of Amsterdam show."""
    text = item.get(key)
    if not isinstance(text, str):
        raise BadItem(f"'{key}' is missing or not a text")
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadItem(f"'{key}' is no date or time: {_quoted(text)}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=CALENDAR.zone)


def _day(item: Item, key: str) -> date:
    return CALENDAR.day_of(_moment(item, key))


def _extensions(item: Item) -> list[Extension]:
    """`extension` is one duration or a list of them."""
    given = item.get("extension")
    several = given if isinstance(given, list) else [given]
    return [Extension(_duration({"extension": each}, "extension")) for each in several if each is not None]


def _list(item: Item, key: str) -> list[Any]:
    value = item.get(key)
    if not isinstance(value, list | None):
        raise BadItem(f"'{key}' is not a list")
    return value or []


def _suspension(item: Any) -> Suspension:
    if not isinstance(item, dict):
        raise BadItem("a suspension is an object with requested and completed")
    completed = item.get("completed")
    return Suspension(_day(item, "requested"), None if completed is None else _day(item, "completed"))


def _flag(item: Item, key: str) -> bool:
    value = item.get(key)
    if not isinstance(value, bool | None):
        raise BadItem(f"'{key}' is true or false")
    return bool(value)


def _computed(due: Due) -> Item:
    return {
        "nominal": _iso(due.nominal),
        "due": _iso(due.due),
        "due_before_utc": due.due_before and due.due_before.isoformat(timespec="minutes")[:16] + "Z",
        "due_at": due.due_at and due.due_at.astimezone(CALENDAR.zone).isoformat(),
        "state": due.state,
        "remaining": due.remaining,
        "provisional": due.provisional,
        "why": [_why(reason) for reason in due.why],
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _why(reason: Reason) -> Item:
    return {
        "day": _iso(reason.day),
        "code": reason.code,
        "article": reason.article,
        "values": {name: _plain(value) for name, value in reason.values.items()},
        "nl": explain(reason, "nl", CALENDAR.zone),
        "en": explain(reason, "en", CALENDAR.zone),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Duration) else value


def _vector_differences(item: Item, computed: Item) -> Iterator[str]:
    """The keys that `expected` has. It also has to say whether a due date is provisional."""
    expected = item.get("expected", {})
    if not isinstance(expected, dict):
        yield "'expected' is not an object"
        return
    for key in COMPARED:
        if key in expected and not _same(key, expected[key], computed[key]):
            yield f"{key}: expected {_quoted(expected[key])}, computed {computed[key]}"
    stated, is_provisional = expected.get("provisional"), computed["provisional"]
    if ("provisional" in expected or expected.get("due")) and bool(stated) != bool(is_provisional):
        yield f"provisional: expected {_quoted(stated)}, computed {is_provisional}"


def _same(key: str, expected: Any, computed: Any) -> bool:
    if key not in INSTANTS or expected is None or computed is None:
        return bool(expected == computed)
    try:
        moment = datetime.fromisoformat(expected)
    except (TypeError, ValueError):
        return False
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=INSTANTS[key])
    return moment == datetime.fromisoformat(computed)


def _one_year(item: Item) -> Item:
    conduct, filed = _day(item, "conduct"), _moment(item, "filed")
    return {"may_be_refused": older_than(Duration(1, Unit.YEARS), conduct, filed, CALENDAR.zone)}


def _holiday(item: Item) -> Item:
    day = _day(item, "date")
    name = holidays_of(day.year, CALENDAR.decrees).get(day)
    return {"holiday": name is not None, "name": name}


def _fact_differences(item: Item, computed: Item) -> Iterator[str]:
    for key in ("may_be_refused", "holiday"):
        if key in item and key in computed and item[key] is not computed[key]:
            yield f"{key}: expected {_quoted(item[key])}, computed {computed[key]}"


# Section of the document -> what answers an item of it, and what compares the answer with the item.
ANSWERS: Mapping[str, tuple[Callable[[Item], Item], Callable[[Item, Item], Iterator[str]]]] = {
    "vectors": (_vector, _vector_differences),
    "older_than_one_year": (_one_year, _fact_differences),
    "holiday_facts": (_holiday, _fact_differences),
}
