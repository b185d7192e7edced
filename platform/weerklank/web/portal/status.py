"""Where a complaint stands, for who has its secret code: what happened, what comes next, and what he can do."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, abort, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases.doors import add_information, answer, open_by_code, withdraw
from weerklank.cases.labels import AskedFact
from weerklank.cases.status import Choice, Question, StatusView, status_view
from weerklank.documents.sorts import MOST_BYTES, MOST_FILES_AT_ONCE, allowed_endings
from weerklank.kernel.crash import crash_point
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.policy.model import FactType
from weerklank.web import cookies, texts
from weerklank.web.access import CASE_COOKIE, Access, access
from weerklank.web.answers import read_facts
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, GUESSES, limiter
from weerklank.web.parts import now, parts
from weerklank.web.portal import blueprint
from weerklank.web.portal.landing import require_approved
from weerklank.web.portal.sessions import case_of, end_session, open_session
from weerklank.web.uploads import takes_files, uploads

LONGEST_ADDITION = 20_000
LONGEST_REASON = 2_000


@blueprint.get("/status")
@access(Access.PUBLIC, personal=True)
def status() -> AnyResponse | str:
    """Where one gives the code; who did so lately goes on at once."""
    if case_of(db.session(), cookies.read_cookie(CASE_COOKIE), now()) is not None:
        return redirect(url_for("portal.overview"))
    require_approved()
    return render_template("portal/status.html", form=Form())


@blueprint.post("/status")
@limiter.limit(GUESSES)
@access(Access.PUBLIC, personal=True)
def give_code() -> Response:
    """A code was given. It is in the body of the request and in no address; a wrong one says no more than that."""
    require_approved()
    form = Form(request.form)
    code = form.text("code", most=60, required=_("Fill in your code."))
    case_id = open_by_code(db.session(), parts().engine, g.tenant.id, code) if code and not form.errors else None
    if case_id is None:
        form.fail("code", _("We do not know this code. Check it: it has 20 letters and digits, in four groups."))
        return make_response(render_template("portal/status.html", form=form), 422)
    token = open_session(db.session(), g.tenant.id, case_id, now())
    db.session.commit()
    response = make_response(redirect(url_for("portal.overview")))
    cookies.give_cookie(response, CASE_COOKIE, token)
    return response


@blueprint.get("/status/complaint")
@access(Access.COMPLAINANT)
def overview() -> str:
    """Where the complaint stands."""
    return show(Form())


def show(form: Form, question: str = "") -> str:
    """The page, with what was typed in the form of one question."""
    view = view_now()
    return render_template(
        "portal/overview.html",
        view=view,
        form=form,
        asked_now=question,
        types=FactType,
        field_of=field_of,
        empty_form=Form,
    )


def view_now() -> StatusView:
    return status_view(db.session(), parts().engine, g.tenant.id, g.case_id, texts.language(), now())


def field_of(step: str, outcome: str, fact: str) -> str:
    """The name of a fact's field in the form of a question: several questions and answers may ask the same."""
    return "-".join(filter(None, ("answer", step, outcome, fact)))


@blueprint.post("/status/answer")
@takes_files
@limiter.limit(FORM)
@access(Access.COMPLAINANT)
def give_answer() -> Response:
    """An answer to something that was put to him, such as a proposal."""
    form = Form(request.form)
    question = next((each for each in view_now().questions if each.step == form.value("step")), None)
    if question is None:
        abort(409)
    chosen = next((each for each in question.choices if each.outcome == form.value("outcome")), None)
    if chosen is None:
        form.fail("", _("Choose an answer."))
        return make_response(show(form, question.step), 422)
    given = read_facts(form, fields_of(question, chosen), None)
    if form.errors:
        return make_response(show(form, question.step), 422)
    step, outcome = question.step, chosen.outcome
    return do(
        lambda: answer(
            db.session(), parts().engine, g.tenant.id, g.case_id, step, outcome, now(),
            facts=given.facts, texts=given.texts, files=given.files,
        ),  # fmt: skip
        _("Thank you. We have your answer."),
        lambda wrong: show(wrong, question.step),
        form,
    )


def fields_of(question: Question, chosen: Choice) -> dict[str, AskedFact]:
    """The fields of the question and of the chosen answer."""
    asked = {field_of(question.step, "", each.name): each for each in question.asks}
    return asked | {field_of(question.step, chosen.outcome, each.name): each for each in chosen.asks}


def do(act: Callable[[], object], done: str, again: Callable[[Form], str], form: Form) -> Response:
    """Do something in the case and say that it was done; a rule's no is shown at the form, with what was typed."""
    try:
        act()
    except Refused as refused:
        form.fail("", texts.no(refused))
    if form.errors:
        db.session.rollback()
        return make_response(again(form), 422)
    crash_point("web.before_commit")
    db.session.commit()
    crash_point("web.after_commit")
    flash(done, "good")
    return make_response(redirect(url_for("portal.overview")))


@blueprint.get("/status/add")
@access(Access.COMPLAINANT)
def add() -> str:
    """Where one adds to a complaint."""
    return show_addition(Form())


def show_addition(form: Form) -> str:
    limits = {"most_files": MOST_FILES_AT_ONCE, "most_bytes": MOST_BYTES, "endings": allowed_endings()}
    return render_template("portal/add.html", form=form, view=view_now(), most=LONGEST_ADDITION, **limits)


@blueprint.post("/status/add")
@takes_files
@limiter.limit(FORM)
@access(Access.COMPLAINANT)
def give_addition() -> Response:
    """Words or files are added."""
    form = Form(request.form)
    text = form.text("text", most=LONGEST_ADDITION, lines=True)
    files = uploads()
    if not text and not files:
        form.fail("text", _("Write what you want to add, or choose a file."))
    if len(files) > MOST_FILES_AT_ONCE:
        form.fail("file", texts.refused("too_many_files", {"most": str(MOST_FILES_AT_ONCE)}))
    if form.errors:
        return make_response(show_addition(form), 422)
    typed = form.value("seq")
    seen = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else None
    return do(
        lambda: add_information(
            db.session(), parts().engine, g.tenant.id, g.case_id, text, now(), files=files, seen=seen
        ),
        _("Thank you. We have added it to your complaint."),
        show_addition,
        form,
    )


@blueprint.get("/status/withdraw")
@access(Access.COMPLAINANT)
def stop_complaint() -> str:
    """Where one stops a complaint, with what that means."""
    return show_withdrawal(Form())


def show_withdrawal(form: Form) -> str:
    return render_template("portal/withdraw.html", form=form, view=view_now(), most=LONGEST_REASON)


@blueprint.post("/status/withdraw")
@limiter.limit(FORM)
@access(Access.COMPLAINANT)
def withdraw_complaint() -> Response:
    """He stops his complaint."""
    form = Form(request.form)
    reason = form.text("reason", most=LONGEST_REASON, lines=True)
    if not form.ticked("sure"):
        form.fail("sure", _("Tick this box if you are sure."))
    if form.errors:
        return make_response(show_withdrawal(form), 422)
    return do(
        lambda: withdraw(db.session(), parts().engine, g.tenant.id, g.case_id, now(), reason=reason),
        _("Your complaint has been withdrawn."),
        show_withdrawal,
        form,
    )


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
