"""The export of the whole organisation: one asks, another agrees, both with a passphrase; who is told can stop it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import Response, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from weerklank.assembly import Platform
from weerklank.backup.asking import Asking, agree, ask, asking, may_agree, newest, save, stop
from weerklank.backup.box import LEAST
from weerklank.documents.model import ExportState
from weerklank.identity.model import Credential
from weerklank.identity.passwords import matches
from weerklank.identity.people import names
from weerklank.identity.second_factor import check_code, has_second_factor
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import policy_today, today
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, GUESSES, limiter
from weerklank.web.parts import now, parts

MOST_TYPED = 500
Step = Callable[[Session, Platform, UUID, Asking, str, datetime], None]


def me() -> Asking:
    """What whoever is logged in may do here; the page does not exist for anybody else."""
    policy_today()
    return asking(db.session(), g.tenant.id, g.person.id, manages=g.manages, today=today())


@blueprint.get("/export")
@access(Access.STAFF)
def export() -> str:
    """How it stands, and what this reader may do."""
    return show(Form(), me())


def show(form: Form, who: Asking) -> str:
    row = newest(db.session(), g.tenant.id)
    people = [each for each in (row.asked_by, row.agreed_by) if each] if row else []
    return render_template(
        "desk/export.html",
        form=form,
        who=who,
        row=row,
        called=names(db.session(), parts().keyring, g.tenant.id, people),
        agrees=bool(row and row.state == ExportState.ASKED and may_agree(who, row)),
        saves=bool(row and who.person_id in people),
        secured=has_second_factor(credential()),
        least=LEAST,
    )


def credential() -> Credential:
    return db.session().scalars(select(Credential).where(Credential.person_id == g.person.id)).one()


@blueprint.post("/export/ask")
@limiter.limit(GUESSES)
@access(Access.STAFF)
def ask_for_export() -> AnyResponse | str:
    """An administrator asks for it."""
    return step(ask, _("Asked. It is made when somebody who may see all complaints agrees; they were told by mail."))


@blueprint.post("/export/agree")
@limiter.limit(GUESSES)
@access(Access.STAFF)
def agree_to_export() -> AnyResponse | str:
    """Somebody else agrees."""
    return step(agree, _("Agreed. It is being made. You can leave this page."))


def step(way: Step, said: str) -> AnyResponse | str:
    """Do it for who proves anew who he is and gives his own passphrase."""
    form, who = Form(request.form), me()
    prove(form)
    passphrase = form.value("passphrase")[:MOST_TYPED]
    if passphrase != form.value("again")[:MOST_TYPED]:
        form.fail("again", _("This is not the same passphrase."))
    if not form.errors:
        try:
            way(db.session(), parts(), g.tenant.id, who, passphrase, now())
        except Refused as refused:
            field = "passphrase" if refused.code == "passphrase_short" else ""
            form.fail(field, texts.refused(refused.code, refused.values))
    if form.errors:
        db.session.rollback()
        return make_response(show(form, who), 422)
    db.session.commit()
    flash(said, "good")
    return redirect(url_for("desk.export"))


def prove(form: Form) -> None:
    """The password, and a code where one is asked for at logging in as well."""
    mine = credential()
    if not matches(mine.password_hash, form.value("password")[:MOST_TYPED]):
        form.fail("password", texts.refused("password_wrong", {}))
    elif has_second_factor(mine) and not check_code(db.session(), parts().keyring, mine, form.value("totp"), now()):
        form.fail("totp", texts.refused("code_wrong", {}))


@blueprint.post("/export/stop")
@limiter.limit(FORM)
@access(Access.STAFF)
def stop_export() -> AnyResponse:
    """Whoever is told of it stops it."""
    stop(db.session(), parts(), g.tenant.id, me(), now())
    db.session.commit()
    flash(_("Stopped. There is no export."), "good")
    return redirect(url_for("desk.export"))


@blueprint.post("/export/file")
@limiter.limit(FORM)
@access(Access.STAFF)
def save_export() -> Response:
    """The sealed file, for the two who gave a passphrase; the trail says so."""
    pieces = save(db.session(), parts(), g.tenant.id, me(), now())
    db.session.commit()
    answer = Response(pieces, mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{g.tenant.slug}.export")
    answer.headers["Cache-Control"] = "no-store"
    return answer
