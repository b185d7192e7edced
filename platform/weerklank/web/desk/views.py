"""Narrowing the worklist down, and keeping what one asks for under a name of one's own."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases.saved import Page, remove_view, save_view
from weerklank.kernel.database import db
from weerklank.kernel.errors import NotFound, Refused
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.asking import Asked, as_form, asked_in, from_form, options
from weerklank.web.desk.worklist import me
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import parts

LONGEST_NAME = 60


@blueprint.get("/narrow")
@access(Access.STAFF)
def narrow() -> AnyResponse:
    """The form; filled in it leads to the list that is asked for."""
    _mine, policy = me()
    if "apply" not in request.args:
        return make_response(show(as_form(asked_in(request.args, policy))))
    form = Form(request.args)
    asked = from_form(form, policy)
    if form.errors:
        return make_response(show(form), 422)
    return redirect(url_for("desk.worklist", **asked.address))


def show(form: Form) -> str:
    _mine, policy = me()
    return render_template("desk/narrow.html", form=form, options=options(policy))


@blueprint.post("/views")
@limiter.limit(FORM)
@access(Access.STAFF)
def keep_view() -> AnyResponse:
    """Keep the list that is asked for."""
    _mine, policy = me()
    form = Form(request.form)
    asked = asked_in({name: form.value(name) for name in form.typed}, policy)
    name = form.text("name", most=LONGEST_NAME, required=_("Give this view a name."))
    kept = None if form.errors else keep(form, asked, name)
    if kept is None:
        return make_response(render_template("desk/view.html", form=form, asked=asked), 422)
    flash(_("The view is saved."), "good")
    return redirect(url_for("desk.worklist", saved=kept))


def keep(form: Form, asked: Asked, name: str) -> UUID | None:
    """Save it; what stands in the way is said in the form."""
    session, keyring = db.session(), parts().keyring
    try:
        kept = save_view(
            session,
            keyring,
            g.tenant.id,
            g.person.id,
            Page.WORKLIST,
            name,
            asked.address,
            standard=form.ticked("standard"),
        )
    except Refused as refused:
        session.rollback()
        form.fail("", texts.refused(refused.code, refused.values))
        return None
    session.commit()
    return kept


@blueprint.get("/views/new")
@access(Access.STAFF)
def new_view() -> str:
    """The form for a name."""
    _mine, policy = me()
    asked = asked_in(request.args, policy)
    return render_template("desk/view.html", form=as_form(asked), asked=asked)


@blueprint.post("/views/<uuid:view_id>/remove")
@limiter.limit(FORM)
@access(Access.STAFF)
def drop_view(view_id: UUID) -> AnyResponse:
    """Forget a view of one's own."""
    try:
        remove_view(db.session(), g.tenant.id, g.person.id, view_id)
    except NotFound:
        abort(404)
    db.session.commit()
    flash(_("The view is gone. No case has changed."), "good")
    back = "desk.search" if request.form.get("page") == Page.SEARCH.value else "desk.worklist"
    return redirect(url_for(back))
