"""Reporting a measure as carried out by who has no other part in the case: he sees the measure, not the file."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, make_response, render_template, request
from flask_babel import gettext as _

from weerklank.cases.actions.measures import CarryOutMeasure
from weerklank.cases.view import CaseView, GlimpseView, MeasureView
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.check import save_checked, to_change
from weerklank.web.desk.here import Trouble, look, seen
from weerklank.web.desk.steps import LONGEST_TEXT
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter


@blueprint.get("/cases/<uuid:case_id>/measure/<uuid:measure_id>")
@access(Access.STAFF)
def measure(case_id: UUID, measure_id: UUID) -> str:
    """The form."""
    return show(look(case_id), measure_id, Form())


@blueprint.post("/cases/<uuid:case_id>/measure/<uuid:measure_id>")
@limiter.limit(FORM)
@access(Access.STAFF)
def report_measure(case_id: UUID, measure_id: UUID) -> Response:
    """It was done, and this shows it."""
    view, form = look(case_id), Form(request.form)
    known = his(view, measure_id)
    if to_change(form):
        return make_response(show(view, measure_id, form))
    proof = form.text("text", most=LONGEST_TEXT, lines=True)
    if form.errors:
        return make_response(show(view, measure_id, form), 422)
    return save_checked(
        case_id, CarryOutMeasure(known.id, proof), seen(form), (), form, _("The measure is reported as carried out."),
        lambda trouble: show(look(case_id), measure_id, form, trouble), _("Report a measure as carried out"),
    )  # fmt: skip


def his(view: CaseView | GlimpseView, measure_id: UUID) -> MeasureView:
    """The measure, if it is one he may report; else 404."""
    return next((each for each in view.measures if each.id == measure_id), None) or abort(404)


def show(view: CaseView | GlimpseView, measure_id: UUID, form: Form, trouble: Trouble | None = None) -> str:
    """The page of one measure."""
    return render_template("desk/measure.html", view=view, measure=his(view, measure_id), form=form, trouble=trouble)
