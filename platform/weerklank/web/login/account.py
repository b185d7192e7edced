"""One's own account: password, second factor, and where one is logged in."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from weerklank.correspondence.wishes import About, How, wish, wishes_of
from weerklank.identity.login import change_password, revoke_all, running_sessions
from weerklank.identity.model import Credential
from weerklank.identity.people import email_of, names
from weerklank.identity.second_factor import (
    begin_enrolment,
    confirm_enrolment,
    has_second_factor,
    remove_second_factor,
)
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, GUESSES, limiter
from weerklank.web.login import blueprint
from weerklank.web.login.doors import MOST_TYPED, organisation
from weerklank.web.parts import now, parts


@blueprint.get("/account")
@access(Access.STAFF)
def account() -> str:
    """What one can change about one's own way in."""
    return show(Form())


def show(form: Form) -> str:
    credential = db.session().scalars(select(Credential).where(Credential.person_id == g.person.id)).one()
    keyring = parts().keyring
    return render_template(
        "login/account.html",
        form=form,
        name=names(db.session(), keyring, g.tenant.id, [g.person.id])[g.person.id],
        email=email_of(keyring, g.person),
        secured=has_second_factor(credential),
        wishes=wishes_of(db.session(), g.tenant.id, g.person.id),
        sessions=running_sessions(db.session(), g.person.id, now()),
    )


@blueprint.post("/account/password")
@limiter.limit(GUESSES)
@access(Access.STAFF)
def replace_password() -> AnyResponse | str:
    """Another password, for who knows the one there is; ends all other sessions."""
    form = Form(request.form)
    old, new = form.value("old-password")[:MOST_TYPED], form.value("new-password")[:MOST_TYPED]
    try:
        change_password(db.session(), organisation(), g.staff_session, old, new, now())
    except Refused as refused:
        db.session.rollback()
        field = "old-password" if refused.code == "password_wrong" else "new-password"
        form.fail(field, texts.refused(refused.code, refused.values))
        return make_response(show(form), 422)
    db.session.commit()
    flash(_("Your password was changed. Everywhere else you are logged out."))
    return redirect(url_for("login.account"))


@blueprint.post("/account/mail")
@limiter.limit(FORM)
@access(Access.STAFF)
def choose_mail() -> AnyResponse | str:
    """Which mail one wishes about one's work."""
    form = Form(request.form)
    chosen = {
        about: form.choice(f"mail-{about}", list(How), required=_("Choose one of the answers.")) for about in About
    }
    if form.errors:
        return make_response(show(form), 422)
    wish(db.session(), g.tenant.id, g.person.id, {about: How(how) for about, how in chosen.items() if how})
    db.session.commit()
    flash(_("From now on you get mail as you chose."))
    return redirect(url_for("login.account"))


@blueprint.post("/account/sessions")
@access(Access.STAFF)
def end_others() -> AnyResponse:
    """Log out everywhere but here."""
    revoke_all(db.session(), g.person.id, now(), keep=g.staff_session.id)
    db.session.commit()
    flash(_("Everywhere else you are logged out."))
    return redirect(url_for("login.account"))


@blueprint.post("/account/second-factor")
@access(Access.STAFF)
def begin() -> str:
    """A fresh secret for an authenticator app, shown once."""
    address = begin_enrolment(db.session(), parts().keyring, g.staff_session, g.tenant.name)
    db.session.commit()
    return show_secret(address, Form())


def show_secret(address: str, form: Form) -> str:
    secret = parse_qs(urlsplit(address).query)["secret"][0]
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return render_template("login/second_factor.html", form=form, address=address, secret=groups)


@blueprint.post("/account/second-factor/confirm")
@limiter.limit(GUESSES)
@access(Access.STAFF)
def confirm() -> AnyResponse | str:
    """The first code proves that the app has the secret; from now on one is asked for."""
    form = Form(request.form)
    try:
        confirm_enrolment(db.session(), parts().keyring, g.staff_session, form.value("totp"), now())
    except Refused as refused:
        db.session.rollback()
        flash(texts.refused(refused.code, refused.values), "bad")
        return redirect(url_for("login.account"))
    db.session.commit()
    flash(_("From now on we ask for a code of your app when you log in."))
    return redirect(url_for("login.account"))


@blueprint.post("/account/second-factor/remove")
@limiter.limit(GUESSES)
@access(Access.STAFF)
def remove() -> AnyResponse | str:
    """No code is asked for any more; it takes a code."""
    form = Form(request.form)
    try:
        remove_second_factor(db.session(), parts().keyring, g.staff_session, form.value("totp"), now())
    except Refused as refused:
        db.session.rollback()
        form.fail("totp", texts.refused(refused.code, refused.values))
        return make_response(show(form), 422)
    db.session.commit()
    flash(_("We ask for no code any more when you log in."))
    return redirect(url_for("login.account"))
