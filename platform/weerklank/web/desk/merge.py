"""Two people at one form: what each filled in stands side by side, field by field, and whoever saves last chooses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import g
from flask_babel import gettext as _

from weerklank.cases.act import open_case
from weerklank.cases.labels import AskedFact
from weerklank.cases.meanwhile import filled_in_since
from weerklank.cases.view import CaseView, GlimpseView
from weerklank.kernel.database import db
from weerklank.policy.model import FactType
from weerklank.web.desk.here import seen
from weerklank.web.forms import YES, Form
from weerklank.web.parts import now, parts

THEIRS = "theirs"
PARTS = ("", "-day", "-month", "-year")


@dataclass(frozen=True)
class Side:
    """A field that two people filled in: what this one typed, what stands in the case now, and by whom."""

    field: str
    label: str
    typed: str
    stands: str
    by: str


def merged(form: Form) -> Form:
    """The form without the fields for which what stands in the case was chosen."""
    for name in [name for name in form.typed if name.startswith("take-") and form.value(name) == THEIRS]:
        for part in PARTS:
            form.typed.poplist(name.removeprefix("take-") + part)
    return form


def sides(view: CaseView | GlimpseView, form: Form, fields: Mapping[str, AskedFact]) -> list[Side]:
    """The fields that somebody else filled in otherwise since the form was opened."""
    if not isinstance(view, CaseView) or not form.value("seq"):
        return []
    opened = open_case(db.session(), g.tenant.id, view.case_id, now())
    since = filled_in_since(opened, seen(form), g.person.id)
    names = opened.chart.names(parts().keyring, g.tenant.id, {by for by in since.values() if by})
    stands = {fact.name: fact.value for fact in view.facts}
    called = {name: names.get(by, "") if by else "" for name, by in since.items()}
    found = (
        Side(field, asked.label, typed_text(form, field, asked), stands.get(asked.name, ""), called[asked.name])
        for field, asked in fields.items()
        if asked.name in called
    )
    return [each for each in found if each.typed and each.typed != each.stands]


def typed_text(form: Form, field: str, asked: AskedFact) -> str:
    """What was typed in a field, as people say it."""
    if asked.type is FactType.DAY:
        return " ".join(filter(None, (form.value(f"{field}{part}") for part in PARTS[1:])))
    said = dict(asked.options)
    if asked.type is FactType.YES_NO:
        return _("Yes") if form.value(field) == YES else _("No") if form.value(field) else ""
    return ", ".join(named(said, form.values(field)))


def named(said: Mapping[str, str], values: Iterable[str]) -> Iterable[str]:
    return (said.get(value, value) for value in values if value)
