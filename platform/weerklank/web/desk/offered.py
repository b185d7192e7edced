"""Forms by which the complainant is asked or given something on his page."""

from __future__ import annotations

from flask import abort
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from weerklank.cases.actions.consent import AskConsent
from weerklank.cases.actions.verb import Action
from weerklank.cases.ledger import DeadlineView
from weerklank.cases.view import CaseView
from weerklank.web.answers import read_day
from weerklank.web.desk.act import Act, reason
from weerklank.web.forms import Form


def term_of(view: CaseView, name: str) -> DeadlineView:
    return next((each for each in view.deadlines if each.term == name), None) or abort(404)


def read_later(form: Form, view: CaseView, about: str) -> Action:
    term = term_of(view, about)
    until = read_day(form, "until", required=_("Fill in the day you propose."))
    others = form.choices("consented", [role for role, called in term.beside])
    return AskConsent(term.term, until or view.received_on, reason(form), others)


OFFERED: dict[str, Act] = {
    "later": Act(
        lazy_gettext("Ask the complainant for more time"),
        lazy_gettext(
            "The complainant reads your question by mail or letter and on the status page, and says yes or no there."
            " Only a yes moves the day."
        ),
        lazy_gettext("Ask it"),
        lazy_gettext("The question is on its way."),
        read_later,
    ),
}
