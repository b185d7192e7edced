"""Putting right what happened: taking back what reached nobody, and a correction with a reason beside what did."""

from __future__ import annotations

from flask import abort, g
from flask_babel import lazy_gettext

from weerklank.cases.actions.correct import Correct, TakeBack
from weerklank.cases.actions.verb import Action
from weerklank.cases.timeline import Entry
from weerklank.cases.undoing import Back, put_back
from weerklank.cases.view import CaseView
from weerklank.kernel.database import db
from weerklank.web.desk.act import Act, reason
from weerklank.web.forms import Form
from weerklank.web.parts import now, parts


def read_taking_back(form: Form, view: CaseView, about: str) -> Action:
    return TakeBack(entry_of(view, about, Back.TAKE_BACK).seq)


def read_putting_back(form: Form, view: CaseView, about: str) -> Action:
    seq = entry_of(view, about, Back.PUT_BACK).seq
    return put_back(db.session(), parts().engine, g.tenant.id, view.case_id, seq, g.person.id, now())


def read_correction(form: Form, view: CaseView, about: str) -> Action:
    return Correct(entry_of(view, about, Back.CORRECT).seq, reason(form))


def entry_of(view: CaseView, about: str, back: Back) -> Entry:
    """What is put right by this form; 404 where it cannot be put right this way."""
    ways = {str(seq) for seq, way in view.backs.items() if way.back is back}
    found = (entry for entry in view.timeline if str(entry.seq) == about and about in ways)
    return next(found, None) or abort(404)


RIGHTING: dict[str, Act] = {
    "take-back": Act(
        lazy_gettext("Take the note back"),
        lazy_gettext("Nobody reads it in the case any more. That there was a note, and who took it back, stays."),
        lazy_gettext("Take it back"),
        lazy_gettext("The note is taken back."),
        read_taking_back,
    ),
    "put-back": Act(
        lazy_gettext("Undo this change"),
        lazy_gettext("What was filled in before comes back. Both stay in the history."),
        lazy_gettext("Undo"),
        lazy_gettext("It is as it was before."),
        read_putting_back,
    ),
    "correct": Act(
        lazy_gettext("Correct with a reason"),
        lazy_gettext(
            "This cannot be undone: others may have acted on it. Your correction stands beside it from now on. Does"
            " somebody have to hear of it? Then send a message too."
        ),
        lazy_gettext("Keep the correction"),
        lazy_gettext("The correction is kept."),
        read_correction,
    ),
}
