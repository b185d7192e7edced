"""What is asked of a list of cases: read from an address or a form, shown again, and said in words.

Addresses hold codes, days and ids only. What is no longer there (a channel of an older procedure) is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from flask import g
from flask_babel import gettext as _
from sqlalchemy import select

from weerklank.cases.labels import label_of
from weerklank.cases.narrowing import Narrowed
from weerklank.cases.worklist import EVERYTHING, Sort, View
from weerklank.identity.model import Person
from weerklank.identity.people import chart, names
from weerklank.kernel.database import db
from weerklank.policy.consequences import is_class
from weerklank.policy.model import Phase, Policy
from weerklank.web import texts
from weerklank.web.desk.case import read_uuid
from weerklank.web.desk.here import phase_name, today
from weerklank.web.forms import Form, day_fields
from weerklank.web.parts import parts

DAYS = {"from": "received_from", "to": "received_to", "due-from": "due_from", "due-to": "due_to"}
NOBODY = UUID(int=0)
LONGEST_TEAM = 200


@dataclass(frozen=True)
class Asked:
    """A list that is asked for. `filters` are what stands in its address beside view and order."""

    view: View = View.MINE
    sort: Sort = Sort.DUE
    filters: Mapping[str, str] = field(default_factory=dict)
    narrowed: Narrowed = EVERYTHING

    @property
    def address(self) -> dict[str, Any]:
        """What makes the address of this list."""
        order = {} if self.sort is Sort.DUE else {"sort": self.sort.value}
        return {"view": self.view.value, **order, **self.filters}

    def without(self, name: str) -> dict[str, Any]:
        """The address of the same list, less narrow by one thing."""
        return {key: value for key, value in self.address.items() if key != name}


def asked_in(given: Mapping[str, str], policy: Policy) -> Asked:
    """What an address or a saved view asks for."""
    view, sort = given.get("view", ""), given.get("sort", "")
    filters = dict(checked(given, policy))
    return Asked(
        view=View(view) if view in list(View) else View.MINE,
        sort=Sort(sort) if sort in list(Sort) else Sort.DUE,
        filters=filters,
        narrowed=narrowed_by(filters),
    )


def checked(given: Mapping[str, str], policy: Policy) -> Iterator[tuple[str, str]]:
    """The filters that mean something."""
    known = {
        "phase": list(Phase),
        "class": dict(classes(policy)),
        "channel": policy.channels,
        "language": texts.TONGUES,
    }
    yield from ((name, given[name]) for name, options in known.items() if given.get(name) in options)
    if (handler := read_uuid(given.get("handler", ""))) is not None:
        yield "handler", str(handler)
    if (team := given.get("department", "")[:LONGEST_TEAM]) and team.isprintable():
        yield "department", team
    yield from ((name, given[name]) for name in DAYS if read_day(given.get(name, "")) is not None)


def narrowed_by(filters: Mapping[str, str]) -> Narrowed:
    """The same as conditions."""
    days: dict[str, Any] = {column: read_day(filters.get(name, "")) for name, column in DAYS.items()}
    return Narrowed(
        phase=filters.get("phase", ""),
        label=filters.get("class", ""),
        handlers=tuple(handlers_in(filters)),
        channel=filters.get("channel", ""),
        language=filters.get("language", ""),
        **days,
    )


def handlers_in(filters: Mapping[str, str]) -> list[UUID]:
    """The handlers of whom one is asked for: those of a department, or the one of them who is named."""
    one = read_uuid(filters.get("handler", ""))
    if "department" not in filters:
        return [one] if one else []
    team = select(Person.id).where(Person.tenant_id == g.tenant.id, Person.team == filters["department"])
    found = [person for person in db.session().scalars(team) if one in (None, person)]
    return found or [NOBODY]


def read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def classes(policy: Policy) -> Iterator[tuple[str, str]]:
    """What cases can be sorted by, as `fact=value`, with what people call it."""
    language = texts.language()
    for name, fact in policy.facts.items():
        if is_class(fact):
            called = label_of(policy.facts, name, language)
            yield from ((f"{name}={value}", f"{called}: {said.in_(language)}") for value, said in fact.options.items())


@dataclass(frozen=True)
class Options:
    """What the form offers, each as (value, what people call it)."""

    phases: list[tuple[str, str]]
    classes: list[tuple[str, str]]
    channels: list[tuple[str, str]]
    handlers: list[tuple[str, str]]
    departments: list[tuple[str, str]]
    languages: list[tuple[str, str]]


def options(policy: Policy) -> Options:
    """Everything one can narrow down by here."""
    found = chart(db.session(), g.tenant.id, today())
    named = found.names(parts().keyring, g.tenant.id, found.people.persons)
    teams = {person.team for person in found.people.persons.values() if person.team}
    return Options(
        phases=[(phase.value, phase_name(phase.value)) for phase in Phase],
        classes=list(classes(policy)),
        channels=[(name, label_of(policy.channels, name, texts.language())) for name in policy.channels],
        handlers=sorted(((str(one), name) for one, name in named.items()), key=lambda pair: pair[1].casefold()),
        departments=[(team, team) for team in sorted(teams, key=str.casefold)],
        languages=list(texts.TONGUES.items()),
    )


def as_form(asked: Asked) -> Form:
    """The form with what is asked for filled in."""
    days = (day_fields(name, read_day(asked.filters.get(name, ""))) for name in DAYS)
    typed = {key: value for each in days for key, value in each.items()}
    return Form({**asked.address, "sort": asked.sort.value, **typed})


def from_form(form: Form, policy: Policy) -> Asked:
    """What was filled in; wrong days are said in the form."""
    days = {name: form.day(name) for name in DAYS}
    for first, last in (("from", "to"), ("due-from", "due-to")):
        if (days[first] or date.min) > (days[last] or date.max):
            form.fail(last, _("This day lies before the first one."))
    given = {name: form.value(name) for name in form.typed} | {
        name: day.isoformat() if day else "" for name, day in days.items()
    }
    return asked_in(given, policy)


@dataclass(frozen=True)
class Chip:
    """One thing by which the list is narrowed down, and the address without it."""

    label: str
    value: str
    without: dict[str, Any]


def chips(policy: Policy, asked: Asked) -> list[Chip]:
    """What the list is narrowed down by, in words."""
    each = asked.filters.items()
    return [Chip(said(name), in_words(policy, name, value), asked.without(name)) for name, value in each]


def said(name: str) -> str:
    """What a filter is called."""
    called: dict[str, str] = {
        "phase": _("Phase"),
        "class": _("Class"),
        "channel": _("Came in by"),
        "handler": _("Handler"),
        "department": _("Department"),
        "language": _("Language"),
        "from": _("Received from"),
        "to": _("Received until and with"),
        "due-from": _("Due from"),
        "due-to": _("Due until and with"),
    }
    return called[name]


def in_words(policy: Policy, name: str, value: str) -> str:
    """What is chosen, as people call it."""
    match name:
        case "phase":
            return phase_name(value)
        case "class":
            return dict(classes(policy))[value]
        case "channel":
            return label_of(policy.channels, value, texts.language())
        case "language":
            return str(texts.TONGUES[value])
        case "handler":
            return names(db.session(), parts().keyring, g.tenant.id, [UUID(value)]).get(UUID(value), "")
        case "department":
            return value
    return str(texts.short_day(read_day(value)))
