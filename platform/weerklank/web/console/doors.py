"""How operators get in: a one-time link makes one, a user name and a password let one in."""

from __future__ import annotations

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.identity.login import Denied
from weerklank.identity.operators import (
    OperatorLoggedIn,
    become_operator,
    is_operator_link_open,
    log_in_operator,
    log_out_operator,
)
from weerklank.kernel.database import db, without_tenant
from weerklank.kernel.errors import Refused
from weerklank.web import cookies, texts
from weerklank.web.access import OPERATOR_COOKIE, Access, access, safe_next
from weerklank.web.console import blueprint
from weerklank.web.forms import Form
from weerklank.web.limits import GUESSES, limiter
from weerklank.web.login.doors import MOST_TYPED
from weerklank.web.parts import now

WHY = "operators belong to the platform, not to an organisation"


@blueprint.get("/login")
@access(Access.PLATFORM, personal=True)
def log_in() -> str:
    """The form to log in."""
    return render_template("console/log_in.html", form=Form())


@blueprint.post("/login")
@limiter.limit(GUESSES)
@access(Access.PLATFORM, personal=True)
def enter() -> AnyResponse | str:
    """Log in; what is wrong is said in the same words whoever asks."""
    form = Form(request.form)
    with without_tenant(db.session(), WHY):
        done = log_in_operator(db.session(), form.value("username")[:100], form.value("password")[:MOST_TYPED], now())
        db.session.commit()
    if isinstance(done, OperatorLoggedIn):
        response = make_response(redirect(safe_next(url_for("console.organisations"))))
        cookies.give_cookie(response, OPERATOR_COOKIE, done.token)
        return response
    if done is Denied.TOO_OFTEN:
        form.fail("username", _("Logging in with this name failed too often. Wait fifteen minutes and try again."))
    else:
        form.fail("username", _("This combination is not right. Check user name and password."))
    return make_response(render_template("console/log_in.html", form=form), 422)


@blueprint.post("/logout")
@access(Access.OPERATOR)
def leave() -> AnyResponse:
    """Log out here."""
    log_out_operator(db.session(), g.operator_session, now())
    db.session.commit()
    response = make_response(redirect(url_for("console.log_in")))
    cookies.take_cookie(response, OPERATOR_COOKIE)
    flash(_("You are logged out."))
    return response


@blueprint.get("/link/<token>")
@limiter.limit(GUESSES)
@access(Access.PLATFORM, personal=True)
def link(token: str) -> AnyResponse | str:
    """What a first link leads to: choosing a user name and a password. Looking at it does not use it up."""
    return show_link(token, Form())


def show_link(token: str, form: Form, status: int = 200) -> AnyResponse:
    with without_tenant(db.session(), WHY):
        is_open = is_operator_link_open(db.session(), token, now())
    if not is_open:
        return make_response(render_template("console/spent.html"), 404)
    return make_response(render_template("console/link.html", form=form), status)


@blueprint.post("/link/<token>")
@limiter.limit(GUESSES)
@access(Access.PLATFORM, personal=True)
def accept(token: str) -> AnyResponse | str:
    """Become operator."""
    form = Form(request.form)
    password = form.value("password")[:MOST_TYPED]
    if password != form.value("password-again")[:MOST_TYPED]:
        form.fail("password-again", _("This is not the same password as above."))
    if not form.errors:
        try:
            with without_tenant(db.session(), WHY):
                become_operator(db.session(), token, form.value("username"), password, now())
                db.session.commit()
        except Refused as refused:
            db.session.rollback()
            field = "username" if "username" in refused.code else "password"
            form.fail(field, texts.refused(refused.code, refused.values))
    if form.errors:
        return show_link(token, form, 422)
    flash(_("You are operator now. Log in to begin."))
    return redirect(url_for("console.log_in"))
