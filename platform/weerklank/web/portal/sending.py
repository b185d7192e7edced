"""Sending a complaint, once; and the confirmation to be kept: read, printed, saved or mailed."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Response, flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases.codes import how_told, send_confirmation
from weerklank.cases.doors import Intake, Received, UploadedFile, receive_complaint
from weerklank.cases.status import StatusView, status_view
from weerklank.correspondence import drafts
from weerklank.correspondence.drafts import Draft
from weerklank.kernel.crash import crash_point
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.policy.events import COMPLAINANT
from weerklank.web import cookies, texts
from weerklank.web.access import CASE_COOKIE, Access, access
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts
from weerklank.web.portal import blueprint
from weerklank.web.portal.draft import DRAFT_COOKIE, find_draft, staged
from weerklank.web.portal.questions import Questions, field_of
from weerklank.web.portal.sessions import open_session


def send(questions: Questions, draft: Draft) -> Response | Form:
    """Send the complaint of a draft that is locked; the form with what is wrong when a rule refuses it.

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
    return form


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
    view = view_of(draft.case_id)
    by_mail, mailed = how_told(db.session(), g.tenant.id, draft.case_id, now())
    return render_template("portal/sent.html", draft=draft, view=view, by_mail=by_mail, mailed=mailed)


@blueprint.get("/complain/sent/save")
@access(Access.PUBLIC, personal=True)
def save_confirmation() -> AnyResponse:
    """The same as a plain text file, to keep where he likes."""
    draft = find_draft()
    if draft is None or draft.case_id is None:
        return redirect(url_for("portal.status"))
    page = url_for("portal.status", _external=True)
    told = render_template("portal/sent.txt", draft=draft, view=view_of(draft.case_id), page=page)
    response = Response(told, mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="{draft.reference}.txt"'
    return response


@blueprint.post("/complain/sent/mail")
@limiter.limit(FORM)
@access(Access.PUBLIC, personal=True)
def mail_confirmation() -> AnyResponse:
    """He wants it by mail, at the address that is in his complaint."""
    draft = find_draft(lock=True)
    if draft is None or draft.case_id is None:
        return redirect(url_for("portal.status"))
    send_confirmation(db.session(), g.tenant.id, draft.case_id, now())
    db.session.commit()
    flash(_("We are sending it to your e-mail address now."), "good")
    return redirect(url_for("portal.sent"))


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
