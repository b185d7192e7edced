"""A lost code: the answer is always the same, and a new code goes only to the address that is in the complaint."""

from __future__ import annotations

from flask import Response, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from weerklank.cases.lost import ask_for_another
from weerklank.kernel.database import db
from weerklank.policy.phrases import Words
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.forms import Form
from weerklank.web.limits import GUESSES, limiter
from weerklank.web.parts import parts
from weerklank.web.portal import blueprint
from weerklank.web.portal.landing import open_ways, policy_today


@blueprint.get("/status/lost")
@access(Access.PUBLIC, personal=True)
def lost_code() -> str:
    """Where one asks for another code, and what else one can do."""
    return show(Form())


def show(form: Form) -> str:
    ways = [way for way in open_ways(Words(policy_today(), texts.language())) if not way.here]
    return render_template("portal/lost.html", form=form, ways=ways)


@blueprint.post("/status/lost")
@limiter.limit(GUESSES)
@access(Access.PUBLIC, personal=True)
def ask_code() -> Response:
    """One job, whatever was filled in: what fits is found out elsewhere, and the time it takes tells nothing."""
    form = Form(request.form)
    reference = form.text("reference", most=40, required=_("Fill in the number of your complaint."))
    email = form.email("email", required=_("Fill in your e-mail address."))
    if form.errors:
        return make_response(show(form), 422)
    ask_for_another(db.session(), parts().keyring, g.tenant.id, reference, email)
    db.session.commit()
    flash(_("If this fits a complaint, a new code is on its way to the e-mail address of that complaint."), "good")
    return make_response(redirect(url_for("portal.status")))
