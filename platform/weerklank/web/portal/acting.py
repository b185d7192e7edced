"""What a complainant does in his own case: answer us, add something, withdraw, say whether he is satisfied.

Each has a page of its own that says what follows, and ends at a receipt.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases.actions.rate import RATINGS
from weerklank.cases.doors import add_information, answer, answer_later, rate, withdraw
from weerklank.cases.labels import AskedFact
from weerklank.cases.ledger import LaterView
from weerklank.cases.status import Choice, Question, StatusView
from weerklank.documents.sorts import MOST_BYTES, MOST_FILES_AT_ONCE, allowed_endings
from weerklank.kernel.crash import crash_point
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.policy.model import FactType
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.answers import read_facts
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts
from weerklank.web.portal import blueprint
from weerklank.web.portal.status import view_now
from weerklank.web.uploads import takes_files, uploads

LONGEST_ADDITION = 20_000
LONGEST_REASON = 2_000


@blueprint.get("/status/answer/<step>")
@access(Access.COMPLAINANT)
def question(step: str) -> AnyResponse | str:
    """Something that was put to him, with his answers and what follows on each. To the overview when it is no more."""
    view = view_now()
    asked = question_of(view, step)
    return show_question(view, asked, Form()) if asked else redirect(url_for("portal.overview"))


def question_of(view: StatusView, step: str) -> Question | None:
    return next((each for each in view.questions if each.step == step), None)


def show_question(view: StatusView, asked: Question, form: Form) -> str:
    return render_template(
        "portal/question.html", view=view, question=asked, form=form, types=FactType, field_of=field_of
    )


def field_of(step: str, outcome: str, fact: str) -> str:
    """The name of a fact's field in the form of a question: several questions and answers may ask the same."""
    return "-".join(filter(None, ("answer", step, outcome, fact)))


@blueprint.post("/status/answer")
@takes_files
@limiter.limit(FORM)
@access(Access.COMPLAINANT)
def give_answer() -> Response:
    """An answer to something that was put to him, such as a proposal."""
    form, view = Form(request.form), view_now()
    asked = question_of(view, form.value("step"))
    if asked is None:
        abort(409)
    chosen = next((each for each in asked.choices if each.outcome == form.value("outcome")), None)
    if chosen is None:
        form.fail("", _("Choose an answer."))
        return make_response(show_question(view, asked, form), 422)
    given = read_facts(form, fields_of(asked, chosen), None)
    if form.errors:
        return make_response(show_question(view, asked, form), 422)
    step, outcome = asked.step, chosen.outcome
    return do(
        lambda: answer(
            db.session(), parts().engine, g.tenant.id, g.case_id, step, outcome, now(),
            facts=given.facts, texts=given.texts, files=given.files,
        ),  # fmt: skip
        lambda wrong: show_question(view, asked, wrong),
        form,
    )


def fields_of(asked: Question, chosen: Choice) -> dict[str, AskedFact]:
    """The fields of the question and of the chosen answer."""
    fields = {field_of(asked.step, "", each.name): each for each in asked.asks}
    return fields | {field_of(asked.step, chosen.outcome, each.name): each for each in chosen.asks}


def do(act: Callable[[], object], again: Callable[[Form], str], form: Form, files: str = "") -> Response:
    """Do something in the case and show the receipt; a rule's no is shown at the form, with what was typed.

    `files`: the field at which a no to a file is said.
    """
    try:
        act()
    except Refused as refused:
        form.fail(files if refused.code.startswith("file_") else "", texts.no(refused))
    if form.errors:
        db.session.rollback()
        return make_response(again(form), 422)
    crash_point("web.before_commit")
    db.session.commit()
    crash_point("web.after_commit")
    return make_response(redirect(url_for("portal.receipt")))


@blueprint.get("/status/more-time/<term>")
@access(Access.COMPLAINANT)
def more_time(term: str) -> AnyResponse | str:
    """Whether he agrees that something takes longer. To the overview when that is not asked (any more)."""
    view = view_now()
    asked = later_of(view, term)
    return show_more_time(asked, Form()) if asked else redirect(url_for("portal.overview"))


def later_of(view: StatusView, term: str) -> LaterView | None:
    return next((each for each in view.later if each.term == term), None)


def show_more_time(asked: LaterView, form: Form) -> str:
    return render_template("portal/more_time.html", view=view_now(), asked=asked, form=form, most=LONGEST_REASON)


@blueprint.post("/status/more-time/<term>")
@limiter.limit(FORM)
@access(Access.COMPLAINANT)
def give_consent(term: str) -> Response:
    """His yes or no. What he read is what he answers: a request that was replaced meanwhile is not answered by it."""
    form, asked = Form(request.form), later_of(view_now(), term)
    if asked is None:
        abort(409)
    words = form.text("words", most=LONGEST_REASON, lines=True)
    answered = form.value("answer")
    if form.value("asked") != str(asked.seq):
        form.fail("", _("We changed our question meanwhile. Read it again before you answer."))
    elif answered not in ("yes", "no"):
        form.fail("", _("Choose an answer."))
    if form.errors:
        return make_response(show_more_time(asked, form), 422)
    return do(
        lambda: answer_later(
            db.session(), parts().engine, g.tenant.id, g.case_id, term, asked.seq, answered == "yes", words, now()
        ),
        lambda wrong: show_more_time(asked, wrong),
        form,
    )


@blueprint.get("/status/add")
@access(Access.COMPLAINANT)
def add() -> str:
    """Where one writes to us, answers a question of ours, or adds files."""
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
        show_addition,
        form,
        files="file",
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
        show_withdrawal,
        form,
    )


@blueprint.get("/status/satisfied")
@access(Access.COMPLAINANT)
def satisfied() -> AnyResponse | str:
    """One question after closing. To the overview when it is not asked."""
    view = view_now()
    return show_rating(Form()) if view.asks_rating else redirect(url_for("portal.overview"))


def show_rating(form: Form) -> str:
    return render_template("portal/satisfied.html", form=form, view=view_now(), most=LONGEST_REASON)


@blueprint.post("/status/satisfied")
@limiter.limit(FORM)
@access(Access.COMPLAINANT)
def give_rating() -> Response:
    """He says whether he is satisfied; who is not reads where he can go."""
    form = Form(request.form)
    text = form.text("text", most=LONGEST_REASON, lines=True)
    rating = form.value("rating")
    if rating not in RATINGS:
        form.fail("rating", _("Choose an answer."))
    if form.errors:
        return make_response(show_rating(form), 422)
    return do(
        lambda: rate(db.session(), parts().engine, g.tenant.id, g.case_id, rating, text, now()), show_rating, form
    )
