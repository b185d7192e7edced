"""Going on later, here or on another device: what was filled in is kept longer, and opens with a code."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.correspondence import drafts
from weerklank.correspondence.drafts import Draft
from weerklank.kernel.database import db
from weerklank.web import cookies
from weerklank.web.access import Access, access
from weerklank.web.forms import Form
from weerklank.web.limits import GUESSES, limiter
from weerklank.web.parts import now, parts
from weerklank.web.portal import blueprint
from weerklank.web.portal.draft import DRAFT_COOKIE, find_draft
from weerklank.web.portal.landing import policy_today
from weerklank.web.portal.questions import PAGES
from weerklank.web.texts import language


def save_for_later(draft: Draft) -> Response:
    """Keep the draft, locked by this request, for longer, with a code."""
    drafts.keep_for_later(parts().keyring, draft, now())
    db.session.commit()
    response = make_response(redirect(url_for("portal.saved")))
    secret = cookies.read_cookie(DRAFT_COOKIE)
    if secret:
        cookies.give_cookie(response, DRAFT_COOKIE, secret, drafts.SAVED_LASTS)
    return response


@blueprint.get("/complain/saved")
@access(Access.PUBLIC, personal=True)
def saved() -> AnyResponse | str:
    """The code by which he goes on, and until when."""
    policy_today()
    draft = find_draft()
    if draft is None or not draft.later:
        return redirect(url_for("portal.complain"))
    address = drafts.address_in(draft)
    return render_template("portal/saved.html", draft=draft, until=draft.row.expires_at, address=address)


@blueprint.post("/complain/saved/mail")
@limiter.limit(GUESSES)
@access(Access.PUBLIC, personal=True)
def mail_saved() -> AnyResponse:
    """He wants the way back by mail, at the address he filled in."""
    draft = find_draft(lock=True)
    if draft is None or not draft.later:
        return redirect(url_for("portal.complain"))
    if drafts.address_in(draft):
        drafts.ask_mail(db.session(), draft, language(), now())
        db.session.commit()
        flash(_("We are sending it to your e-mail address now."), "good")
    return redirect(url_for("portal.saved"))


@blueprint.get("/complain/go-on")
@access(Access.PUBLIC, personal=True)
def go_on() -> str:
    """Where one gives the code of a form that was saved."""
    policy_today()
    return render_template("portal/go_on.html", form=Form(), days=drafts.SAVED_DAYS)


@blueprint.post("/complain/go-on")
@limiter.limit(GUESSES)
@access(Access.PUBLIC, personal=True)
def take_up() -> Response:
    """The code was given: this browser goes on, the one before it no more."""
    policy_today()
    form = Form(request.form)
    code = form.text("code", most=60, required=_("Fill in your code."))
    secret = drafts.take_up(db.session(), code, now()) if code and not form.errors else None
    if secret is None:
        form.fail("code", _("We do not know this code, or the form was sent or thrown away. Check the code."))
        page = render_template("portal/go_on.html", form=form, days=drafts.SAVED_DAYS)
        return make_response(page, 422)
    db.session.commit()
    response = make_response(redirect(url_for("portal.fill_in", page=PAGES[-1])))  # or as far as he had come
    cookies.give_cookie(response, DRAFT_COOKIE, secret, drafts.SAVED_LASTS)
    return response
