"""The doors of an organisation: log in, log out, ask for another password, follow a one-time link."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from weerklank.identity.joining import verify_email
from weerklank.identity.letters import ask_reset
from weerklank.identity.links import person_of_link
from weerklank.identity.login import WITH_PASSWORD, Denied, LoggedIn, accept_link, log_in, log_out
from weerklank.identity.model import Person, PostHolder, Purpose
from weerklank.identity.people import is_admin
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.tenancy.model import Tenant
from weerklank.web import cookies, texts
from weerklank.web.access import STAFF_COOKIE, Access, access, safe_next
from weerklank.web.forms import LONGEST_EMAIL, Form
from weerklank.web.limits import GUESSES, limiter
from weerklank.web.login import blueprint
from weerklank.web.parts import now, parts

MOST_TYPED = 1000  # of a password; longer ones are refused further on, with a reason


def organisation() -> Tenant:
    """The organisation's own row, not the copy that is remembered between requests."""
    return db.session().get_one(Tenant, g.tenant.id)


def home(person_id: UUID) -> str:
    """Where somebody comes who logged in without asking for a page: the desk; who only manages, the office."""
    session = db.session()
    in_post = select(PostHolder.id).where(PostHolder.person_id == person_id, PostHolder.to_day.is_(None)).limit(1)
    manages_only = is_admin(session, person_id) and session.scalar(in_post) is None
    return url_for("office.overview" if manages_only else "desk.worklist")


@blueprint.get("/login")
@access(Access.PUBLIC, personal=True)
def log_in_page() -> str:
    """The form to log in."""
    return render_template("login/log_in.html", form=Form(), code_needed=False)


@blueprint.post("/login")
@limiter.limit(GUESSES)
@access(Access.PUBLIC, personal=True)
def enter() -> AnyResponse | str:
    """Log in; what is wrong is said in the same words whoever asks."""
    form = Form(request.form)
    email = form.text("email", most=LONGEST_EMAIL, required=_("Fill in your e-mail address."))
    password = form.value("password")[:MOST_TYPED]
    if not password:
        form.fail("password", _("Fill in your password."))
    done: LoggedIn | Denied | None = None
    if not form.errors:
        done = log_in(db.session(), parts().keyring, organisation(), email, password, form.value("totp") or None, now())
        db.session.commit()
    if isinstance(done, LoggedIn):
        response = make_response(redirect(safe_next(home(done.session.person_id))))
        cookies.give_cookie(response, STAFF_COOKIE, done.token)
        return response
    say_denied(form, done)
    code_needed = done is Denied.CODE_NEEDED or "totp" in request.form
    return make_response(render_template("login/log_in.html", form=form, code_needed=code_needed), 422)


def say_denied(form: Form, denied: Denied | None) -> None:
    """Put why somebody was not let in beside the field that it is about."""
    match denied:
        case Denied.CODE_NEEDED:
            form.fail("totp", _("Fill in the code of your authenticator app too, and your password once more."))
        case Denied.TOO_OFTEN:
            form.fail("email", _("Logging in with this address failed too often. Wait fifteen minutes and try again."))
        case Denied.CLOSED:
            form.fail("email", _("Nobody can log in at this organisation now."))
        case Denied.WRONG:
            form.fail(
                "email", _("This combination is not right. Check address and password, and the code if you use one.")
            )


@blueprint.post("/logout")
@access(Access.STAFF)
def leave() -> AnyResponse:
    """Log out here."""
    log_out(db.session(), g.staff_session, now())
    db.session.commit()
    response = make_response(redirect(url_for("login.log_in_page")))
    response.headers["Clear-Site-Data"] = '"cache"'
    cookies.take_cookie(response, STAFF_COOKIE)
    flash(_("You are logged out."))
    return response


@blueprint.get("/login/forgotten")
@access(Access.PUBLIC)
def forgotten() -> str:
    """The form to ask for another password."""
    return render_template("login/forgotten.html", form=Form())


@blueprint.post("/login/forgotten")
@limiter.limit(GUESSES)
@access(Access.PUBLIC)
def ask() -> AnyResponse | str:
    """Mail a link if there is somebody with this address; the answer is the same if not."""
    form = Form(request.form)
    email = form.email("email", required=_("Fill in your e-mail address."))
    if form.errors:
        return make_response(render_template("login/forgotten.html", form=form), 422)
    ask_reset(db.session(), parts().keyring, organisation(), email, now())
    db.session.commit()
    return render_template("login/mailed.html")


@blueprint.get("/link/<token>")
@limiter.limit(GUESSES)
@access(Access.PUBLIC, personal=True)
def link(token: str) -> AnyResponse | str:
    """What a one-time link leads to: choosing a password. Looking at it does not use it up."""
    return show_link(token, Form())


@blueprint.post("/link/<token>")
@limiter.limit(GUESSES)
@access(Access.PUBLIC, personal=True)
def accept(token: str) -> AnyResponse | str:
    """Use the link: a password is chosen, and an address proved."""
    form = Form(request.form)
    password = form.value("password")[:MOST_TYPED]
    if password != form.value("password-again")[:MOST_TYPED]:
        form.fail("password-again", _("This is not the same password as above."))
    if form.errors:
        return show_link(token, form, 422)
    try:
        use(token, form, password)
    except Refused as refused:
        db.session.rollback()
        form.fail(field_of(refused.code), texts.refused(refused.code, refused.values))
        return show_link(token, form, 422)
    db.session.commit()
    if g.tenant.lets_staff_in:
        flash(_("Your password is set. You can log in with it now."))
        return redirect(url_for("login.log_in_page"))
    return render_template("login/verified.html")


def use(token: str, form: Form, password: str) -> None:
    tenant = organisation()
    if person_of_link(db.session(), token, (Purpose.VERIFY,), now()):
        verify_email(db.session(), tenant, token, password, now())
        return
    name, email = form.text("name"), form.text("email", most=LONGEST_EMAIL)
    accept_link(db.session(), parts().keyring, tenant, token, password, now(), name=name, email=email)


def field_of(code: str) -> str:
    """Beside which field a refusal belongs."""
    if code in ("email_needed", "email_taken", "not_an_email"):
        return "email"
    return "name" if code == "name_needed" else "password"


def show_link(token: str, form: Form, status: int = 200) -> AnyResponse | str:
    """The form to choose a password; 404 with a way out when the link is spent."""
    person = person_of_link(db.session(), token, (*WITH_PASSWORD, Purpose.VERIFY), now())
    if person is None:
        return make_response(render_template("login/spent.html"), 404)
    return make_response(render_template("login/link.html", form=form, unnamed=is_unnamed(person)), status)


def is_unnamed(person: Person) -> bool:
    """Whether we do not know yet who this is, as with the first admin of an organisation that was set up for him."""
    return person.email_hash is None
