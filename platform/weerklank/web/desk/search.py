"""Searching by words. What is looked for may be a name, so that it is posted and never part of an address.

A search that is kept is sealed too; it is asked again by its button.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases.narrowing import Narrowed
from weerklank.cases.saved import Page, Saved, save_view, saved_views
from weerklank.cases.search.find import Found, find
from weerklank.cases.search.words import question_of
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.policy.model import Policy
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.archive import place
from weerklank.web.desk.asking import Asked, as_form, asked_in, from_form, options
from weerklank.web.desk.here import phase_name
from weerklank.web.desk.views import LONGEST_NAME
from weerklank.web.desk.worklist import me
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts

LONGEST_QUESTION = 200
STATES = ("open", "closed")
NOT_AGAIN = ("csrf_token", "once", "after", "saved", "name")
NO_FILTERS = (*NOT_AGAIN, "words", "view", "sort")


@blueprint.get("/search")
@access(Access.STAFF)
def search() -> str:
    """The page on which words are asked for."""
    _mine, policy = me()
    return shown(Form(), policy, kept())


@blueprint.post("/search")
@limiter.limit(FORM)
@access(Access.STAFF)
def look_up() -> str | tuple[str, int]:
    """What is found, ten at a time; the next ten are asked for by the same form."""
    mine, policy = me()
    searches = kept()
    form = Form(request.form) if "saved" not in request.form else kept_form(searches, policy)
    question = question_of(form.text("words", most=LONGEST_QUESTION, required=_("Type what you look for.")))
    if not form.errors and not question.things:
        form.fail("words", _("These words are too short, or stand in nearly every text. Use others, or a name."))
    narrowed = narrowed_by(form, from_form(form, policy))
    if form.errors:
        return shown(form, policy, searches), 422
    after = place(form.value("after"))
    found = find(db.session(), parts().engine, g.tenant.id, mine, question, narrowed, now(), after)
    return shown(form, policy, searches, found)


def kept() -> Sequence[Saved]:
    """The searches that this person kept."""
    return saved_views(db.session(), parts().keyring, g.tenant.id, g.person.id, Page.SEARCH)


def kept_form(searches: Sequence[Saved], policy: Policy) -> Form:
    """The form as it was when a search was kept; 404 for one that is not his."""
    chosen = next((one for one in searches if str(one.id) == request.form["saved"]), None) or abort(404)
    form = as_form(asked_in(chosen.filters, policy))
    extra = {"words": chosen.words, "state": chosen.filters.get("state", "")}
    return Form(MultiDict([*form.typed.items(multi=True), *extra.items()]))


def narrowed_by(form: Form, asked: Asked) -> Narrowed:
    """What of the form is not words."""
    state = form.choice("state", STATES)
    return replace(asked.narrowed, open=None if state is None else state == "open")


@blueprint.post("/kept")
@limiter.limit(FORM)
@access(Access.STAFF)
def keep_search() -> AnyResponse | tuple[str, int]:
    """Keep what was looked for under a name."""
    _mine, policy = me()
    form = Form(request.form)
    name = form.text("name", most=LONGEST_NAME, required=_("Give this search a name."))
    words = form.text("words", most=LONGEST_QUESTION, required=_("Type what you look for."))
    filters = {**from_form(form, policy).filters, "state": form.choice("state", STATES) or ""}
    try:
        if not form.errors:
            save_view(db.session(), parts().keyring, g.tenant.id, g.person.id, Page.SEARCH, name, filters, words)
    except Refused as refused:
        form.fail("name", texts.refused(refused.code, refused.values))
    if form.errors:
        db.session.rollback()
        return shown(form, policy, kept(), keeping=True), 422
    db.session.commit()
    flash(_("The search is kept. Nobody else sees it."), "good")
    return redirect(url_for("desk.search"))


def shown(
    form: Form, policy: Policy, searches: Sequence[Saved], found: Found | None = None, *, keeping: bool = False
) -> str:
    """The form, and below it what was found."""
    return render_template(
        "desk/search.html",
        form=form,
        found=found,
        keeping=keeping or bool(found),
        searches=searches,
        narrowed=any(value for name, value in form.typed.items() if name not in NO_FILTERS),
        options=options(policy),
        again=[(name, value) for name, value in form.typed.items() if name not in NOT_AGAIN],
        phase_name=phase_name,
    )
