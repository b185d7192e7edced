"""`demo.yaml`: who works in an organisation, the courses complaints take there, and the complaints themselves.

    people:      short name -> as in a story, and `admin`, `main` (gets a link to log in), `away` (days ago, how long)
    defaults:    values that a complaint has unless it says otherwise
    paths:       name -> happenings as in a story, with days counted from the complaint
    complaints:  each with its path, `days_ago`, `text` and whatever values its path asks for

In a path `at: "+3 10:30"` is the third working day after the complaint came in, and `"+3"` that day as a value;
`{name}` is the complaint's value of that name; `{one_of: [..]}` one of these, always the same for one complaint.
What would happen after today does not happen: so recent complaints are still under way. A complaint with `stops: 5`
is left lying after the fifth happening of its path.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from marshmallow import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from weerklank.deadlines import Calendar
from weerklank.kernel.errors import BadSurroundings
from weerklank.policy.fields import schema_of
from weerklank.policy.model import key, nothing
from weerklank.rehearsal.model import Happening, Player

OFFSET = re.compile(r"[+-]\d{1,3}")
VALUE = re.compile(r"\{(\w+)\}")
SPREAD = 25  # minutes by which complaints differ from the clock times of their path
APART = timedelta(minutes=20)

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Away:
    """A time somebody is away."""

    ago: int = key("How many days ago it began.")
    days: int = key("How many days it lasts.")


@dataclass(frozen=True)
class Employee(Player):
    """Somebody who works in the organisation of the demo."""

    admin: bool = key("Manages the organisation's settings.", False)
    main: bool = key("Gets a link to log in with.", False)
    away: tuple[Away, ...] = key("When this person is away.", (), many=True)


@dataclass(frozen=True)
class Script:
    """A year of complaints of one organisation."""

    people: Mapping[str, Employee] = key("Who works there.")
    paths: Mapping[str, Any] = key("The courses that complaints take.")
    complaints: tuple[Any, ...] = key("What came in.")
    defaults: Mapping[str, Any] = key("Values of every complaint that does not say otherwise.", nothing)


@dataclass(frozen=True)
class Dated:
    """A happening of a complaint with its instant."""

    now: datetime
    happening: Happening


def read_script(path: Path) -> Script:
    """The script in this file. BadSurroundings, naming the file, when it cannot be used."""
    try:
        script: Script = schema_of(Script).load(YAML(typ="safe", pure=True).load(path.read_bytes()))
    except (OSError, YAMLError, ValidationError) as error:
        raise BadSurroundings(f"{path} cannot be used: {error}") from error
    return script


def unfold(script: Script, complaint: Values, calendar: Calendar, now: datetime) -> Iterator[Dated]:
    """What happens with this complaint up to `now`, in order of time. BadSurroundings when its path asks for more."""
    mailbox = re.sub(r"\W+", ".", complaint["name"].lower())
    values = {"pace": 1, "email": f"{mailbox}@voorbeeld.example", **script.defaults, **complaint}
    chance = Random(str(values["text"]))
    first = calendar.day_of(now) - timedelta(days=values["days_ago"])
    first = first if calendar.is_working_day(first) else calendar.add_working_days(first, -1)

    def day_of(offset: str) -> date:
        return calendar.add_working_days(first, math.ceil(int(offset) * values["pace"]))

    minutes, last = timedelta(minutes=chance.randrange(SPREAD)), datetime.min.replace(tzinfo=now.tzinfo)
    for raw in script.paths[values["path"]][: values.get("stops")]:
        offset, clock = fill(raw["at"], values, str, chance).split()
        at = datetime.fromisoformat(f"{day_of(offset)} {clock}").replace(tzinfo=calendar.zone) + minutes
        last = max(at, last + APART) if last.year > 1 else at
        if last > now:
            return
        yield Dated(last, read_happening(fill({**raw, "at": last.isoformat()}, values, day_of, chance), complaint))


def read_happening(data: Any, complaint: Values) -> Happening:
    try:
        happening: Happening = schema_of(Happening).load(data)
    except ValidationError as error:
        raise BadSurroundings(f"In the demo the complaint {complaint['text'][:40]!r} cannot be: {error}") from error
    return happening


def fill(value: Any, values: Values, day_of: Callable[[str], Any], chance: Random) -> Any:
    """A piece of a path with everything filled in; a key whose value is empty falls away."""
    if isinstance(value, dict) and set(value) == {"one_of"}:
        return fill(chance.choice(value["one_of"]), values, day_of, chance)
    if isinstance(value, dict):
        filled = {name: fill(each, values, day_of, chance) for name, each in value.items()}
        return {name: each for name, each in filled.items() if each is not None}
    if isinstance(value, list):
        return [fill(each, values, day_of, chance) for each in value]
    if not isinstance(value, str):
        return value
    if OFFSET.fullmatch(value):
        return day_of(value)
    whole = VALUE.fullmatch(value)
    if whole:
        return fill(values.get(whole[1]), values, day_of, chance)
    return VALUE.sub(lambda found: value_of(values, found[1]), value)


def value_of(values: Values, name: str) -> str:
    if name not in values:
        raise BadSurroundings(f"In the demo the complaint {values['text'][:40]!r} gives no {name}.")
    return str(values[name])
