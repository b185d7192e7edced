"""Making a complaint: one topic a page, everything kept on the way, checked before it is sent, sent once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from weerklank.correspondence import drafts
from weerklank.correspondence.drafts import Draft
from weerklank.documents.sorts import MOST_BYTES, MOST_FILES_AT_ONCE, allowed_endings
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.policy.model import Fact, FactType, Policy
from weerklank.policy.phrases import Words
from weerklank.web import cookies, texts
from weerklank.web.access import CASE_COOKIE, Access, access
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts
from weerklank.web.portal import blueprint
from weerklank.web.portal.draft import DRAFT_COOKIE, find_draft, staged, start_again
from weerklank.web.portal.landing import form_channel, open_ways, policy_today, shut_ways
from weerklank.web.portal.later import save_for_later
from weerklank.web.portal.questions import (
    FACT_PAGES,
    MOST_OTHERS,
    PAGES,
    Questions,
    address_fields,
    field_of,
    fields_of_other,
)
from weerklank.web.portal.sending import send
from weerklank.web.portal.sessions import case_of
from weerklank.web.portal.summary import parts_of, summary
from weerklank.web.uploads import takes_files

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
    if draft is None and page != PAGES[0]:  # sent and followed here already, or gone
        follows = case_of(db.session(), cookies.read_cookie(CASE_COOKIE), now())
        return redirect(url_for("portal.overview")) if follows else start_again()
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
    if draft is None and page == PAGES[-1]:
        return start_again()
    gone = draft is None and page != PAGES[0]
    if draft is None:
        draft, secret = drafts.begin(db.session(), parts().keyring, g.tenant.id, now())
    if draft.case_id is not None:
        return redirect(url_for("portal.sent"))
    response = take(ask(policy, channel, draft), draft, page)
    if gone:  # what was just sent is kept all the same
        response = make_response(start_again())
    if secret:
        cookies.give_cookie(response, DRAFT_COOKIE, secret, draft.lasts)
    return response


def ask(policy: Policy, channel: str, draft: Draft | None) -> Questions:
    asked = any(fact.type is FactType.FILE for fact in policy.facts.values())
    names = {str(file.id): file.name for file in staged(draft)} if draft and asked else {}
    return Questions(policy, channel, draft.answers if draft else {}, now(), texts.language(), names)


def first_open_page(questions: Questions, draft: Draft | None) -> str:
    """The first page that was not gone through yet; the last one is never done before sending."""
    passed = draft.passed if draft else []
    return next(page for page in questions.pages() if page not in passed or page == PAGES[-1])


def take(questions: Questions, draft: Draft, page: str) -> Response:
    """Read and keep a page, and go on."""
    if page == "files":
        return take_files(questions, draft)
    if page == "check" and request.form.get("do") == "later":
        return save_for_later(draft)
    if page == "check":
        sent = send(questions, draft)
        return sent if isinstance(sent, Response) else make_response(show(questions, find_draft(), page, sent), 422)
    answered(questions, page)
    wrong = Form()
    take_asked_files(questions, draft, page, wrong)
    form = questions.form()
    form.errors.update(wrong.errors)
    questions.read_page(page, form)
    draft.answers = questions.typed
    do = request.form.get("do")
    stays = bool(form.errors) or do == "add" or (do == "later" and page not in draft.passed)
    draft.passed = [each for each in draft.passed if each != page] + ([] if stays else [page])
    drafts.save(parts().keyring, draft)
    if do == "later":
        return save_for_later(draft)
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
        case "who":
            return ("acting", "anonymous", "together")
        case "you":
            return ("name", "email", "phone", "way", "tongue")
        case "address":
            return address_fields("address")
        case "helper":
            return ("helper-name", "helper-email", "helper-phone", *address_fields("helper-address"))
        case "others":
            return tuple(field for n in range(1, MOST_OTHERS + 1) for field in fields_of_other(n))
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
    if form.value("do") == "later" and not form.errors:
        return save_for_later(draft)
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
        said = f"{name}: {texts.no(refused)}"
        form.errors[field] = f"{form.errors[field]} {said}" if field in form.errors else said


def show(questions: Questions, draft: Draft | None, page: str, form: Form) -> str:
    """A page of the form."""
    pages = questions.pages()
    details: dict[str, Any] = {}
    if page in FACT_PAGES:
        details.update(facts=questions.facts(page), options_of=options_of, endings=allowed_endings())
    if page == "who":
        details["parts_of"] = parts_of()
    if page == "you":
        details["named_tongues"] = [(code, texts.by_its_own_name(code)) for code in questions.tongues()]
    if page in ("files", "check") and draft is not None:
        details["files"] = staged(draft)
    if page == "files":
        details.update(most_files=MOST_FILES_AT_ONCE, most_bytes=MOST_BYTES, endings=allowed_endings())
    if page == "others":
        details["others"] = range(1, min(len(questions.others_named(form)) + 1, MOST_OTHERS) + 1)
    if page == "check":
        details["rows"] = summary(questions, [(file.name, file.size) for file in details.get("files", ())])
    return render_template(
        f"portal/{page}.html",
        form=form,
        questions=questions,
        policy=questions.policy,
        field_of=field_of,
        step=pages.index(page) + 1,
        of=len(pages),
        previous=pages[pages.index(page) - 1] if pages.index(page) else None,
        saved_until=draft.row.expires_at if draft and draft.later else None,
        **details,
    )


def options_of(fact: Fact) -> list[tuple[str, str]]:
    """The answers of a question of the policy, and what people call them."""
    return [(value, texts.say(label)) for value, label in fact.options.items()]
