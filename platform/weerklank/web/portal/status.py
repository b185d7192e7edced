"""Where a complaint stands, for who has its secret code: what happened, what comes next, and what he can do."""

from __future__ import annotations

from flask import Response, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases.doors import open_by_code
from weerklank.cases.outlook import Standing
from weerklank.cases.status import StatusView, status_view
from weerklank.kernel.database import db
from weerklank.policy.ahead import Change
from weerklank.policy.events import Kind
from weerklank.web import cookies, texts
from weerklank.web.access import CASE_COOKIE, Access, access, safe_next
from weerklank.web.forms import Form
from weerklank.web.limits import GUESSES, limiter
from weerklank.web.parts import now, parts
from weerklank.web.portal import blueprint
from weerklank.web.portal.landing import require_approved
from weerklank.web.portal.sessions import case_of, end_session, open_session

SHOWN_BEFORE = 4  # what happened longer ago folds away

STANDINGS = {
    Standing.WAITS_FOR_YOU: lazy_gettext("We are waiting for you"),
    Standing.RECEIVED: lazy_gettext("We have your complaint and are getting to work on it"),
    Standing.TRIAGE: lazy_gettext("We are finding out who will handle your complaint, and how"),
    Standing.TREATMENT: lazy_gettext("We are handling your complaint"),
    Standing.DECIDED: lazy_gettext("There is an outcome"),
    Standing.MEASURES: lazy_gettext("There is an outcome, and we are doing what was agreed"),
    Standing.CLOSED: lazy_gettext("Your complaint has been dealt with"),
    Standing.WITHDRAWN: lazy_gettext("You withdrew your complaint"),
    Standing.MERGED: lazy_gettext("Your complaint goes on together with another one"),
}
CHANGES = {
    Change.EXTENDED: lazy_gettext("This day is later than we said at first: we need more time."),
    Change.AGREED: lazy_gettext("We agreed on this day with you."),
    Change.STOOD_STILL: lazy_gettext("This day is later than we said at first: the term stood still for a while."),
    Change.WAITS_FOR_YOU: lazy_gettext("The term stands still until you answer us. After that it runs on."),
    Change.STANDS_STILL: lazy_gettext("The term stands still for now. We tell you when it runs on."),
}
DONE = {
    Kind.STEP_DONE: lazy_gettext("Thank you. We have your answer."),
    Kind.AGREED: lazy_gettext("Thank you. We have your answer."),
    Kind.LATER_REFUSED: lazy_gettext("Thank you. We have your answer."),
    Kind.INFORMATION_ADDED: lazy_gettext("Thank you. We have added it to your complaint."),
    Kind.FILE_ADDED: lazy_gettext("Thank you. We have added it to your complaint."),
    Kind.WITHDRAWN: lazy_gettext("Your complaint has been withdrawn."),
    Kind.RATED: lazy_gettext("Thank you for telling us what you think."),
}


@blueprint.get("/status")
@access(Access.PUBLIC, personal=True)
def status() -> AnyResponse | str:
    """Where one gives the code; who did so lately goes on at once."""
    if case_of(db.session(), cookies.read_cookie(CASE_COOKIE), now()) is not None:
        return redirect(safe_next(url_for("portal.overview")))
    require_approved()
    return render_template("portal/status.html", form=Form())


@blueprint.post("/status")
@limiter.limit(GUESSES)
@access(Access.PUBLIC, personal=True)
def give_code() -> Response:
    """A code was given. It is in the body of the request and in no address; a wrong one says no more than that.

    Who was sent here from a page of his complaint goes back there.
    """
    require_approved()
    form = Form(request.form)
    code = form.text("code", most=60, required=_("Fill in your code."))
    case_id = open_by_code(db.session(), parts().engine, g.tenant.id, code) if code and not form.errors else None
    if case_id is None:
        form.fail("code", _("We do not know this code. Check it: it has 20 letters and digits, in four groups."))
        return make_response(render_template("portal/status.html", form=form), 422)
    token = open_session(db.session(), g.tenant.id, case_id, now())
    db.session.commit()
    response = make_response(redirect(safe_next(url_for("portal.overview"))))
    cookies.give_cookie(response, CASE_COOKIE, token)
    return response


@blueprint.get("/status/complaint")
@access(Access.COMPLAINANT)
def overview() -> str:
    """Where the complaint stands."""
    view = view_now()
    return render_template(
        "portal/overview.html",
        view=view,
        standing=STANDINGS[view.standing],
        changes=CHANGES,
        earlier=view.timeline[:-SHOWN_BEFORE],
        lately=view.timeline[-SHOWN_BEFORE:],
        unread=sum(message.new for message in view.messages),
    )


def view_now() -> StatusView:
    """The complaint of who asks, as it stands."""
    return status_view(db.session(), parts().engine, g.tenant.id, g.case_id, texts.language(), now())


@blueprint.get("/status/receipt")
@access(Access.COMPLAINANT)
def receipt() -> AnyResponse | str:
    """What he sent or did last, to keep; to the overview when that was the complaint itself."""
    view = view_now()
    done = next((DONE[entry.kind] for entry in view.receipt if entry.kind in DONE), None)
    if done is None:
        return redirect(url_for("portal.overview"))
    return render_template("portal/receipt.html", view=view, done=done, changes=CHANGES)


@blueprint.post("/status/leave")
@access(Access.PUBLIC, personal=True)
def leave() -> AnyResponse:
    """Done reading: this browser opens the complaint no more, if it still did."""
    end_session(db.session(), cookies.read_cookie(CASE_COOKIE), now())
    db.session.commit()
    flash(_("You have logged out. To read on later you need your code again."), "good")
    response = make_response(redirect(url_for("portal.status")))
    cookies.take_cookie(response, CASE_COOKIE)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
