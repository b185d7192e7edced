"""What a form beside the steps is: its words, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import gettext as _

from weerklank.cases.actions.verb import Action
from weerklank.cases.view import CaseView
from weerklank.web.desk.steps import LONGEST_REASON
from weerklank.web.forms import Form

# What cannot be said as actions of one case: it is carried out whole.
Deed = Callable[[], None]
# Reads the form; what it needs of the case is the case's view and what the address names: a term, a measure, a person.
Read = Callable[[Form, CaseView, str], Action | Sequence[Action] | Deed]


@dataclass(frozen=True)
class Act:
    """A form: what it is called, what it brings about, its button, what is said when it is done, and how it is read."""

    title: LazyString
    lead: LazyString
    button: LazyString
    done: LazyString
    read: Read
    asks_person: bool = False


def reason(form: Form) -> str:
    """Why; the reasons that may stay empty are not asked here."""
    return form.text("reason", most=LONGEST_REASON, lines=True, required=_("Give a reason."))
