"""Facts as a form asks them: the names of their fields, and what was filled in as values the engine takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from flask_babel import gettext as _

from weerklank.cases.doors import UploadedFile
from weerklank.cases.labels import AskedFact
from weerklank.policy.case import Value
from weerklank.policy.facts import EARLIEST, LATEST, LONGEST
from weerklank.policy.model import FactType
from weerklank.web.forms import Form
from weerklank.web.uploads import names_of, uploads

LONGEST_ADDRESS = 300
IN_WORDS = (FactType.TEXT, FactType.STORY, FactType.PERSON)


@dataclass(frozen=True)
class Given:
    """What was filled in: coded values, and words; of a file that was asked for its name is the word."""

    facts: dict[str, Value]
    texts: dict[str, str]
    files: list[UploadedFile] = field(default_factory=list)


def field_of(form_name: str, fact: str) -> str:
    """The name a fact's field has in a form; a page may hold several forms that ask the same."""
    return f"{form_name}-fact-{fact}"


def fields_of(form_name: str, asked: Iterable[AskedFact]) -> dict[str, AskedFact]:
    """What a form asks, by field."""
    return {field_of(form_name, each.name): each for each in asked}


def read_facts(form: Form, fields: Mapping[str, AskedFact], people: Collection[UUID] | None) -> Given:
    """What was filled in, by field; what was left open is in nothing. Whether it may be is the procedure's to say.

    `people` are those who may be chosen where a person is asked; None where he is named in words.
    """
    given = Given({}, {})
    for field_name, each in fields.items():
        if each.type is FactType.FILE:
            came = uploads(field_name, each.name)
            given.files.extend(came)
            given.texts.update({each.name: names_of(came)} if came else {})
            continue
        value = read_fact(form, field_name, each, people)
        if isinstance(value, str) and each.type in IN_WORDS:
            given.texts.update({each.name: value} if value else {})
        elif value not in (None, ()):
            given.facts[each.name] = value
    return given


def read_fact(form: Form, field: str, asked: AskedFact, people: Collection[UUID] | None) -> Value | None:
    """One answer, by its type."""
    options = [value for value, label in asked.options]
    match asked.type:
        case FactType.DAY:
            return read_day(form, field)
        case FactType.CHOICE:
            return form.choice(field, options)
        case FactType.CHOICES:
            return form.choices(field, options)
        case FactType.YES_NO:
            return form.yes_no(field)
        case FactType.NUMBER:
            return form.number(field)
        case FactType.AMOUNT:
            return form.amount(field)
        case FactType.PERSON if people is not None:
            return read_person(form, field, people)
    return form.text(field, most=LONGEST[asked.type], lines=asked.type is FactType.STORY)


def read_party(form: Form, name: str, required: str | None = None) -> dict[str, str]:
    """Somebody on the complainant's side: name and addresses, in fields led by `name`."""
    given = {
        "name": form.text(f"{name}-name", required=required),
        "email": form.email(f"{name}-email"),
        "phone": form.phone(f"{name}-phone"),
        "address": form.text(f"{name}-address", most=LONGEST_ADDRESS, lines=True),
    }
    return {key: value for key, value in given.items() if value}


def read_day(form: Form, field: str, *, required: str | None = None) -> date | None:
    """A day that somebody can mean, past or to come."""
    day = form.day(field, required=required, earliest=EARLIEST)
    if day and day > LATEST:
        form.fail(field, _("This day lies too far ahead."))
    return day


def read_person(form: Form, field: str, people: Collection[UUID], *, required: str | None = None) -> UUID | None:
    """Somebody who works here."""
    typed = form.value(field)
    if typed and typed not in {str(each) for each in people}:
        form.fail(field, _("Choose somebody from the list."))
        return None
    return form.id(field, people, required=required)
