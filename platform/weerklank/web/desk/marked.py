"""Several cases at once: marked as read, printed, or handed over as far as the rules allow each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases.act import Refused as RefusedByPolicy
from weerklank.cases.actions.hand_over import HandOver
from weerklank.cases.model import CaseFile
from weerklank.cases.seen import mark_read
from weerklank.cases.walls import visible
from weerklank.cases.worklist import PAGE
from weerklank.kernel.database import db
from weerklank.kernel.errors import Conflict, Refused
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.case import read_uuid, saw
from weerklank.web.desk.here import colleagues, perform, whole
from weerklank.web.desk.steps import LONGEST_TEXT
from weerklank.web.desk.worklist import me
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now


@dataclass(frozen=True)
class Marked:
    """A case that was marked; `why` it was not done, if so."""

    case_id: UUID
    reference: str
    why: str = ""


@blueprint.post("/marked")
@limiter.limit(FORM)
@access(Access.STAFF)
def marked() -> AnyResponse:
    """What is to be done with the cases that were ticked."""
    found, what = ticked(), request.form.get("do", "")
    if not found:
        flash(_("Tick one or more cases first."), "warn")
        return redirect(url_for("desk.worklist", view=request.form.get("view", "")))
    if what == "print":
        return redirect(url_for("desk.print_cases", case=[each.case_id for each in found]))
    if what == "hand-over":
        return make_response(show(found, Form()))
    mark_read(db.session(), g.tenant.id, [each.case_id for each in found], g.person.id, now())
    db.session.commit()
    flash(ngettext("%(num)s case is marked as read.", "%(num)s cases are marked as read.", len(found)), "good")
    return redirect(url_for("desk.worklist", view=request.form.get("view", "")))


def ticked() -> list[Marked]:
    """The cases that were ticked, as far as this reader may see them in full; a page of them at the most."""
    reader, _policy = me()
    asked = (read_uuid(typed) for typed in request.values.getlist("case")[:PAGE])
    seen = visible(db.session(), g.tenant.id, reader, [one for one in asked if one])
    named = select(CaseFile.id, CaseFile.reference).where(CaseFile.tenant_id == g.tenant.id, CaseFile.id.in_(seen))
    return [
        Marked(case_id, reference or "") for case_id, reference in db.session().execute(named.order_by(CaseFile.id))
    ]


@blueprint.get("/print")
@access(Access.STAFF)
def print_cases() -> str:
    """The cases that were ticked, each on a sheet of its own."""
    found = ticked()
    for each in found:
        saw(each.case_id, "case")
    return render_template("desk/printed.html", found=[whole(each.case_id) for each in found])


@blueprint.post("/marked/hand-over")
@limiter.limit(FORM)
@access(Access.STAFF)
def hand_over_marked() -> AnyResponse:
    """Hand each of them over if the rules allow it, and tell of each whether it was done."""
    found, form = ticked(), Form(request.form)
    to = form.id("to", [one for one, _name in colleagues()], required=_("Choose who takes the complaints over."))
    note = form.text("note", most=LONGEST_TEXT, lines=True, required=_("Write what your colleague has to know."))
    if form.errors or to is None:
        return make_response(show(found, form), 422)
    done = [hand_over_one(each, HandOver(to, note)) for each in found]
    return make_response(render_template("desk/handed.html", done=done, name=dict(colleagues()).get(to, "")))


def hand_over_one(case: Marked, action: HandOver) -> Marked:
    """One case, in a transaction of its own: what is in the way of one keeps no other from it."""
    try:
        perform(case.case_id, action)
    except RefusedByPolicy as refused:
        why = refused.refusal.text(texts.language())
    except Refused as refused:
        why = texts.refused(refused.code, refused.values)
    except Conflict:
        why = _("Somebody was just busy in this case.")
    else:
        db.session.commit()
        return case
    db.session.rollback()
    return Marked(case.case_id, case.reference, why)


def show(found: Sequence[Marked], form: Form) -> str:
    return render_template("desk/hand_over_marked.html", found=found, form=form, people=colleagues())
