"""Handing a case over: who may take it and who may not, each with why, is on the form before anybody is chosen."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, g, make_response, render_template, request
from flask_babel import gettext as _

from weerklank.cases.act import Opened, open_case, sight_of
from weerklank.cases.actions.hand_over import HandOver
from weerklank.cases.handing import HandingView, handing_view
from weerklank.cases.walls import Sight
from weerklank.kernel.database import db
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.check import save_checked, to_change
from weerklank.web.desk.here import Trouble, seen
from weerklank.web.desk.steps import LONGEST_REASON, LONGEST_TEXT
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts


@blueprint.get("/cases/<uuid:case_id>/hand-over")
@access(Access.STAFF)
def hand_over(case_id: UUID) -> str:
    """The form."""
    opened = seen_whole(case_id)
    return show(opened, handing(opened), Form())


@blueprint.post("/cases/<uuid:case_id>/hand-over")
@limiter.limit(FORM)
@access(Access.STAFF)
def give(case_id: UUID) -> Response:
    """Somebody else handles the case from now on."""
    opened, form = seen_whole(case_id), Form(request.form)
    found = handing(opened)
    if to_change(form):
        return make_response(show(opened, found, form))
    action = read(form, found)
    if form.errors:
        return make_response(show(opened, found, form), 422)
    name = next((one.name for one in found.takers if one.person_id == action.to), "")
    return save_checked(
        case_id, action, seen(form), (), form, _("%(name)s handles this complaint now.", name=name),
        lambda trouble: show_again(case_id, form, trouble), _("Hand over to a colleague"), away=True,
    )  # fmt: skip


def seen_whole(case_id: UUID) -> Opened:
    """The case, for whoever sees it in full; 404 for everybody else."""
    opened = open_case(db.session(), g.tenant.id, case_id, now())
    if sight_of(opened, g.person.id) is not Sight.FULL:
        abort(404)
    g.zone = opened.world.zone
    return opened


def handing(opened: Opened) -> HandingView:
    return handing_view(db.session(), parts().engine, g.tenant.id, opened, g.person.id, texts.language())


def read(form: Form, found: HandingView) -> HandOver:
    """What was filled in; whether that person may take it is for the rules to say."""
    to = form.id("to", [one.person_id for one in found.takers], required=_("Choose who takes the complaint over."))
    note = form.text("note", most=LONGEST_TEXT, lines=True, required=_("Write what your colleague has to know."))
    why = form.text("reason", most=LONGEST_REASON, lines=True)
    return HandOver(to or g.person.id, note, why)


def show(opened: Opened, found: HandingView, form: Form, trouble: Trouble | None = None) -> str:
    return render_template(
        "desk/hand_over.html", opened=opened, found=found, form=form, trouble=trouble, seq=opened.case.seq
    )


def show_again(case_id: UUID, form: Form, trouble: Trouble) -> str:
    """The form with what was typed, by the case as it is now."""
    opened = seen_whole(case_id)
    return show(opened, handing(opened), form, trouble)
