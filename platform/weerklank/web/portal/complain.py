"""Making a complaint: one topic a page, everything kept on the way, checked before it is sent, sent once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases.doors import Intake, Received, UploadedFile, receive_complaint
from weerklank.cases.status import StatusView, status_view
from weerklank.correspondence import drafts
from weerklank.correspondence.drafts import Draft
from weerklank.documents.sorts import MOST_BYTES, MOST_FILES_AT_ONCE, allowed_endings
from weerklank.kernel.crash import crash_point
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.policy.events import COMPLAINANT
from weerklank.policy.model import Fact, FactType, Policy
from weerklank.policy.phrases import Words
from weerklank.web import cookies, texts
from weerklank.web.access import CASE_COOKIE, Access, access
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts
from weerklank.web.portal import blueprint
from weerklank.web.portal.landing import form_channel, open_ways, policy_today, shut_ways
from weerklank.web.portal.questions import FACT_PAGES, MOST_OTHERS, PAGES, Questions, field_of
from weerklank.web.portal.sessions import open_session
from weerklank.web.portal.summary import summary
from weerklank.web.uploads import takes_files

DRAFT_COOKIE = "draft"
MOST_KEPT = 600  # values of one page


@blueprint.get("/complain")
@access(Access.PUBLIC, personal=True)
def complain() -> AnyResponse | str:
    """The beginning of the form, or how to complain while there is none."""
    policy = policy_today()
    if form_channel(policy) is None:
        return elsewhere(policy)
    return redirect(url_for("portal.fill_in", page=PAGES[0]))


def elsewhere(policy: Policy) -> str:
    """These pages take no complaint now: which ways are open."""
    words = Words(policy, texts.language())
    return render_template("portal/elsewhere.html", ways=list(open_ways(words)), shut=list(shut_ways(words)))


@blueprint.get(f"/complain/<any({', '.join(PAGES)}):page>")
@access(Access.PUBLIC, personal=True)
def fill_in(page: str) -> AnyResponse | str:
    """One page of the form, as it was filled in before."""
    policy = policy_today()
    channel = form_channel(policy)
    if channel is None:
        return elsewhere(policy)
    draft = find_draft()
    if draft is not None and draft.case_id is not None:
        return redirect(url_for("portal.sent"))
    questions = ask(policy, channel, draft)
    earlier = first_open_page(questions, draft)
    if page not in questions.pages() or PAGES.index(page) > PAGES.index(earlier):
        return redirect(url_for("portal.fill_in", page=earlier))
    return show(questions, draft, page, questions.form())


@blueprint.post(f"/complain/<any({', '.join(PAGES)}):page>")
@takes_files
@limiter.limit(FORM)
@access(Access.PUBLIC, personal=True)
def keep(page: str) -> AnyResponse | str:
    """One page was filled in: kept as typed, also when something is wrong with it."""
    policy = policy_today()
    channel = form_channel(policy)
    if channel is None:
        return make_response(elsewhere(policy), 409)
    draft, secret = find_draft(lock=True), ""
    if draft is None and page == PAGES[0]:
        draft, secret = drafts.begin(db.session(), parts().keyring, g.tenant.id, now())
    if draft is None:
        return start_again()
    if draft.case_id is not None:
        return redirect(url_for("portal.sent"))
    response = take(ask(policy, channel, draft), draft, page)
    if secret:
        cookies.give_cookie(response, DRAFT_COOKIE, secret, drafts.LASTS)
    return response


def find_draft(*, lock: bool = False) -> Draft | None:
    secret = cookies.read_cookie(DRAFT_COOKIE)
    return drafts.find(db.session(), parts().keyring, g.tenant.id, secret, now(), lock=lock)


def start_again() -> AnyResponse:
    """What was begun is gone: it was sent, or more than a day old, or the browser keeps nothing."""
    flash(_("We no longer have what you began: it is kept for 24 hours. Please start again."), "warn")
    return redirect(url_for("portal.fill_in", page=PAGES[0]))


def ask(policy: Policy, channel: str, draft: Draft | None) -> Questions:
    asked = any(fact.type is FactType.FILE for fact in policy.facts.values())
    names = {str(file.id): file.name for file in staged(draft)} if draft and asked else {}
    return Questions(policy, channel, draft.answers if draft else {}, now(), texts.language(), names)


def staged(draft: Draft) -> list[drafts.Staged]:
    return drafts.staged(db.session(), parts().keyring, g.tenant.id, draft)


def first_open_page(questions: Questions, draft: Draft | None) -> str:
    """The first page that was not gone through yet; the last one is never done before sending."""
    passed = draft.passed if draft else []
    return next(page for page in questions.pages() if page not in passed or page == PAGES[-1])


def take(questions: Questions, draft: Draft, page: str) -> Response:
    """Read and keep a page, and go on."""
    if page == "files":
        return take_files(questions, draft)
    if page == "check":
        return send(questions, draft)
    answered(questions, page)
    wrong = Form()
    take_asked_files(questions, draft, page, wrong)
    form = questions.form()
    form.errors.update(wrong.errors)
    questions.read_page(page, form)
    draft.answers = questions.typed
    stays = bool(form.errors) or request.form.get("do") == "add"
    draft.passed = [each for each in draft.passed if each != page] + ([] if stays else [page])
    drafts.save(parts().keyring, draft)
    db.session.commit()
    if form.errors:
        return make_response(show(questions, draft, page, form), 422)
    return make_response(redirect(url_for("portal.fill_in", page=first_open_page(questions, draft))))


def answered(questions: Questions, page: str) -> None:
    """Put what was typed on a page in the place of what was there; a box that was unticked is gone."""
    names = own_fields(questions, page)
    typed = {name: request.form.getlist(name)[:MOST_KEPT] for name in request.form if belongs(name, names)}
    kept = {name: values for name, values in questions.typed.items() if not belongs(name, names)}
    questions.typed = {**kept, **typed}


def take_asked_files(questions: Questions, draft: Draft, page: str, form: Form) -> None:
    """Put files that a fact asks for with the complaint; their ids are the answer."""
    asked = questions.facts(page) if page in FACT_PAGES else {}
    for name in (name for name, fact in asked.items() if fact.type is FactType.FILE):
        for upload in request.files.getlist(field_of(name)):
            before = {file.id for file in staged(draft)}
            if upload.filename:
                stage(draft, upload, form, field_of(name))
            added = [file for file in staged(draft) if file.id not in before]
            questions.files |= {str(file.id): file.name for file in added}
            ids = [*questions.typed.get(field_of(name), []), *(str(file.id) for file in added)]
            questions.typed = {**questions.typed, field_of(name): ids}


def own_fields(questions: Questions, page: str) -> tuple[str, ...]:
    """The fields of a page; a day's parts and `I do not know` start with the same name."""
    match page:
        case "story":
            return ("story",)
        case "you":
            return ("name", "email", "phone", "address", "way", "tongue", "acting", "anonymous", "together")
        case "helper":
            return ("helper-name", "helper-email", "helper-phone", "helper-address")
        case "others":
            parts = ("name", "email", "address")
            return tuple(f"other-{n}-{part}" for n in range(1, MOST_OTHERS + 1) for part in parts)
    return tuple(field_of(name) for name, fact in questions.facts(page).items() if fact.type is not FactType.FILE)


def belongs(name: str, fields: tuple[str, ...]) -> bool:
    parts = ("", "-day", "-month", "-year", "-unknown")
    return any(name == f"{field}{part}" for field in fields for part in parts)


def take_files(questions: Questions, draft: Draft) -> Response:
    """Put files with the complaint, or take one away, or go on."""
    form = Form(request.form)
    removed = read_id(form.value("remove"))
    if removed:
        drafts.unstage(db.session(), draft, removed)
    for upload in request.files.getlist("file"):
        if upload.filename:
            stage(draft, upload, form)
    goes_on = form.value("do") == "next" and not form.errors
    if goes_on and "files" not in draft.passed:
        draft.passed.append("files")
        drafts.save(parts().keyring, draft)
    db.session.commit()
    if form.errors:
        return make_response(show(questions, draft, "files", form), 422)
    page = first_open_page(questions, draft) if goes_on else "files"
    return make_response(redirect(url_for("portal.fill_in", page=page)))


def read_id(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def stage(draft: Draft, upload: FileStorage, form: Form, field: str = "file") -> None:
    """Keep one file; what is wrong with it is said with its name, and does not hinder the others."""
    name = (upload.filename or "")[-200:]
    try:
        drafts.stage(db.session(), parts().keyring, g.tenant.id, draft, name, upload.read(MOST_BYTES + 1))
    except Refused as refused:
        form.fail(field, f"{name}: {texts.no(refused)}")


def show(questions: Questions, draft: Draft | None, page: str, form: Form) -> str:
    """A page of the form."""
    pages = questions.pages()
    details: dict[str, Any] = {}
    if page in FACT_PAGES:
        details.update(facts=questions.facts(page), options_of=options_of, endings=allowed_endings())
    if page == "you":
        details["named_tongues"] = [(code, texts.LANGUAGES[code]) for code in questions.tongues()]
    if page in ("files", "check") and draft is not None:
        details["files"] = staged(draft)
    if page == "files":
        details.update(most_files=MOST_FILES_AT_ONCE, most_bytes=MOST_BYTES, endings=allowed_endings())
    if page == "others":
        details["others"] = range(1, min(len(questions.others_named(form)) + 1, MOST_OTHERS) + 1)
    if page == "check":
        details["rows"] = summary(questions)
    return render_template(
        f"portal/{page}.html",
        form=form,
        questions=questions,
        policy=questions.policy,
        field_of=field_of,
        step=pages.index(page) + 1,
        of=len(pages),
        previous=pages[pages.index(page) - 1] if pages.index(page) else None,
        **details,
    )


def options_of(fact: Fact) -> list[tuple[str, str]]:
    """The answers of a question of the policy, and what people call them."""
    return [(value, texts.say(label)) for value, label in fact.options.items()]


def send(questions: Questions, draft: Draft) -> Response:
    """Send the complaint of a draft that is locked.

    What has to be filled in is looked at once more: the policy may have changed meanwhile.
    """
    answers, wrong = questions.read_all()
    if wrong:
        page = next(iter(wrong))
        draft.passed = [each for each in draft.passed if each != page]
        drafts.save(parts().keyring, draft)
        db.session.commit()
        flash(wrong[page], "warn")
        return make_response(redirect(url_for("portal.fill_in", page=page)))
    intake = Intake(
        channel=questions.channel,
        language=answers.language,
        wrote_in=questions.language,
        way=answers.way,
        contact=answers.contact,
        story=answers.story,
        facts=answers.facts,
        texts=answers.texts,
        representative=answers.representative,
        helps=answers.helps,
        anonymous=answers.anonymous,
        others=answers.others,
        files=uploaded(draft),
        dedupe=draft.id,
    )
    form = Form()
    try:
        received = receive_complaint(db.session(), parts().engine, g.tenant, intake, COMPLAINANT, now(), unsent=True)
    except Refused as refused:
        form.fail("", texts.no(refused))
    else:
        return confirmed(draft, received)
    db.session.rollback()
    return make_response(show(questions, find_draft(), "check", form), 422)


def uploaded(draft: Draft) -> list[UploadedFile]:
    """The files that go along, opened."""
    session, keyring = db.session(), parts().keyring
    answers = {each: field for field, values in draft.answers.items() for each in values}
    return [
        UploadedFile(file.name, drafts.content(session, keyring, g.tenant.id, file.id), fact_of(answers, file))
        for file in staged(draft)
    ]


def fact_of(answers: Mapping[str, str], file: drafts.Staged) -> str:
    """The fact that a file was asked for, if it was."""
    return answers.get(str(file.id), "").removeprefix(field_of(""))


def confirmed(draft: Draft, received: Received) -> Response:
    """Complaint and confirmation are kept as one: who sends the same form again gets the same answer."""
    session, keyring = db.session(), parts().keyring
    confirmation = (received.case_id, received.reference, received.code)
    drafts.sent(session, keyring, draft, *confirmation, now())
    crash_point("web.before_commit")
    session.commit()
    crash_point("web.after_commit")
    return make_response(redirect(url_for("portal.sent")))


@blueprint.get("/complain/sent")
@access(Access.PUBLIC, personal=True)
def sent() -> AnyResponse | str:
    """The confirmation, to be kept: reference, secret code, and what happens next. Gone after an hour."""
    draft = find_draft()
    if draft is None or draft.case_id is None:
        return redirect(url_for("portal.status"))
    return render_template("portal/sent.html", draft=draft, view=view_of(draft.case_id))


def view_of(case_id: UUID) -> StatusView:
    return status_view(db.session(), parts().engine, g.tenant.id, case_id, texts.language(), now())


@blueprint.post("/complain/sent")
@limiter.limit(FORM)
@access(Access.PUBLIC, personal=True)
def kept() -> AnyResponse:
    """He has kept his code: it is shown no more, and he goes on to where his complaint stands."""
    draft = find_draft(lock=True)
    if draft is None or draft.case_id is None:
        return redirect(url_for("portal.status"))
    token = open_session(db.session(), g.tenant.id, draft.case_id, now())
    drafts.throw_away(db.session(), draft)
    db.session.commit()
    response = make_response(redirect(url_for("portal.overview")))
    cookies.take_cookie(response, DRAFT_COOKIE)
    cookies.give_cookie(response, CASE_COOKIE, token)
    return response


@blueprint.post("/complain/stop")
@limiter.limit(FORM)
@access(Access.PUBLIC, personal=True)
def stop() -> AnyResponse:
    """He does not want to complain after all: what was filled in is thrown away now."""
    draft = find_draft(lock=True)
    if draft is not None and draft.case_id is None:
        drafts.throw_away(db.session(), draft)
        db.session.commit()
    flash(_("What you filled in has been thrown away. We have not received a complaint."), "good")
    response = make_response(redirect(url_for("shared.front")))
    cookies.take_cookie(response, DRAFT_COOKIE)
    return response
