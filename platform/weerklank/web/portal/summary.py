"""All answers of the form, put as one list to be checked before sending."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask import url_for
from flask_babel import gettext as _

from weerklank.policy.amounts import in_euro
from weerklank.policy.case import Value
from weerklank.policy.model import Fact, FactType
from weerklank.policy.parties import POST
from weerklank.web.forms import Form
from weerklank.web.portal.questions import FOR_OTHER, HELPED, MYSELF, OTHER, UNKNOWN, Questions, field_of
from weerklank.web.texts import by_its_own_name, day, language, say, size

Row = tuple[str, str, str]


def summary(questions: Questions, files: Iterable[tuple[str, int]]) -> list[Row]:
    """What was asked, what was answered, and the address where it can be changed; `files` with their bytes."""
    answers, form = questions.answers(), questions.form()
    rows = [(_("What happened"), answers.story, change("story"))]
    rows += fact_rows(questions, form, "details") + fact_rows(questions, form, "more")
    labels = {"name": _("Name"), "email": _("E-mail address"), "phone": _("Telephone number"), "address": _("Address")}
    pages = {"address": "address"}
    known = {name: label for name, label in labels.items() if name in answers.contact}
    rows += part_rows(questions)
    rows += [(label, answers.contact[name], change(pages.get(name, "you"))) for name, label in known.items()]
    if answers.anonymous:
        rows.append((_("You stay anonymous"), _("You read our messages with your secret code only."), change("who")))
    else:
        rows.append((_("You hear from us"), _("By letter") if answers.way == POST else _("By e-mail"), change("you")))
    if len(questions.tongues()) > 1:
        rows.append((_("In this language"), by_its_own_name(answers.language), change("you")))
    if answers.representative is not None:
        called = _("Who helps you") if answers.helps else _("Who acts for you")
        rows.append((called, "\n".join(answers.representative.values()), change("helper")))
    rows += [(_("Complains along"), "\n".join(one.values()), change("others")) for one in answers.others]
    rows += fact_rows(questions, form, "proof")
    named = "\n".join(f"{name} ({size(bytes_)})" for name, bytes_ in files)
    return [*rows, (_("Files"), named or _("No files go along."), change("files"))]


def part_rows(questions: Questions) -> list[Row]:
    """For whom he complains, where that is asked."""
    if not questions.asks_for_helper():
        return []
    return [(_("You complain"), str(parts_of().get(questions.acting(), "")), change("who"))]


def parts_of() -> dict[str, str]:
    """For whom one can complain, as people say it."""
    return {
        MYSELF: _("For myself"),
        HELPED: _("For myself, and somebody helps me"),
        OTHER: _("For myself, and somebody acts for me"),
        FOR_OTHER: _("For somebody else"),
    }


def fact_rows(questions: Questions, form: Form, page: str) -> list[Row]:
    """The answers to the policy's own questions on one page."""
    rows = []
    for name, fact in questions.facts(page).items():
        value = questions.read_fact(form, name, fact)
        unknown = UNKNOWN in (form.value(field_of(name)), form.value(f"{field_of(name)}-{UNKNOWN}"))
        rows.append((say(fact.question or fact.label) or name, answer_text(fact, value, unknown), change(page)))
    return rows


def change(page: str) -> str:
    return url_for("portal.fill_in", page=page)


def answer_text(fact: Fact, value: Value | None, unknown: bool) -> str:
    """An answer in words."""
    if unknown:
        return str(_("I do not know"))
    if value is None or value == () or value == "":
        return str(_("Not filled in"))
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if fact.type is FactType.AMOUNT and isinstance(value, int):
        return in_euro(value, language())
    if isinstance(value, date):
        return day(value)
    if fact.type in (FactType.CHOICE, FactType.CHOICES):
        chosen = value if isinstance(value, tuple) else (str(value),)
        return ", ".join(say(fact.options[one]) for one in chosen)
    return str(value)
