"""Forms by which the complainant is asked or given something on his page."""

from __future__ import annotations

from flask import abort, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from weerklank.cases.actions.consent import AskConsent
from weerklank.cases.actions.share import ShareFiles, WithholdFile
from weerklank.cases.actions.verb import Action
from weerklank.cases.given import FileView, sharing
from weerklank.cases.ledger import DeadlineView
from weerklank.cases.view import CaseView
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.web import texts
from weerklank.web.answers import read_day
from weerklank.web.desk.act import Act, reason
from weerklank.web.forms import Form
from weerklank.web.parts import now, parts


def term_of(view: CaseView, name: str) -> DeadlineView:
    return next((each for each in view.deadlines if each.term == name), None) or abort(404)


def read_later(form: Form, view: CaseView, about: str) -> Action:
    term = term_of(view, about)
    until = read_day(form, "until", required=_("Fill in the day you propose."))
    others = form.choices("consented", [role for role, called in term.beside])
    return AskConsent(term.term, until or view.received_on, reason(form), others)


def read_sharing(form: Form, view: CaseView, about: str) -> Action:
    can = {str(each.id): each.id for each in view.files if each.can_give}
    if not can:
        form.fail("", _("There is no file to share"))
    chosen = form.choices("files", list(can), required=_("Choose one or more files.")) if can else ()
    try:
        files = [can[each] for each in chosen]
        return sharing(db.session(), parts().engine, g.tenant.id, view.case_id, files, now())
    except Refused as refused:
        form.fail("files", texts.no(refused))
        return ShareFiles({})


def read_withholding(form: Form, view: CaseView, about: str) -> Action:
    file = given_of(view, about)
    return WithholdFile(file.id, file.name, reason(form))


def given_of(view: CaseView, about: str) -> FileView:
    return next((each for each in view.files if str(each.id) == about and each.given_on), None) or abort(404)


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
    "share": Act(
        lazy_gettext("Share files with the complainant"),
        lazy_gettext(
            "The complainant gets a message, and can save these files on the status page. Look at each of them first:"
            " what was read cannot be unread."
        ),
        lazy_gettext("Share these files"),
        lazy_gettext("The complainant can save the files now."),
        read_sharing,
    ),
    "withhold": Act(
        lazy_gettext("Stop sharing a file"),
        lazy_gettext(
            "It goes off the status page at once. Who saved it before keeps it; that it was shared stays in the file."
        ),
        lazy_gettext("Stop sharing"),
        lazy_gettext("The file is no longer shared."),
        read_withholding,
    ),
}
