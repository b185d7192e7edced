"""The procedure: its versions, and a new one checked, tried out and published from a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from weerklank.audit.office import Change
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.policy.reader import Reading, read_policy
from weerklank.policy.tree import MOST_BYTES
from weerklank.rehearsal.asked import KINDS, ask, latest, rehearsal
from weerklank.rehearsal.run import stories_of
from weerklank.tenancy.model import PolicyVersion
from weerklank.tenancy.policies import in_force, newest, publish, versions
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.forms import Form, day_fields
from weerklank.web.limits import FORM, limiter
from weerklank.web.office import blueprint
from weerklank.web.office.here import organisation, today
from weerklank.web.office.trail import note
from weerklank.web.parts import now, parts
from weerklank.web.uploads import takes_files

NAME = "policy.yaml"


@dataclass(frozen=True)
class Checked:
    """A text as the reader sees it: its lines, what is wrong with which, and what is still to be answered."""

    reading: Reading
    lines: list[str]

    def line(self, number: int) -> str:
        """The text of a line, counted from 1."""
        return self.lines[number - 1].strip() if 0 < number <= len(self.lines) else ""


@blueprint.get("/procedure")
@access(Access.ADMIN)
def procedure() -> str:
    """The versions there are, and the form for a new one."""
    day = today()
    found = versions(db.session(), g.tenant.id)
    current = in_force(db.session(), g.tenant.id, day) if found else None
    runs = latest(db.session(), g.tenant.id, now())
    return render_template("office/procedure.html", versions=found, current=current, form=Form(), runs=runs)


@blueprint.get("/procedure/<int:number>")
@access(Access.ADMIN)
def download(number: int) -> Response:
    """The text of a version, to keep or to change."""
    query = select(PolicyVersion).where(PolicyVersion.tenant_id == g.tenant.id, PolicyVersion.number == number)
    version = db.session().scalar(query)
    if version is None:
        abort(404)
    response = Response(version.text, mimetype="application/yaml")
    response.headers.set("Content-Disposition", "attachment", filename=f"{g.tenant.slug}-{version.number}.yaml")
    return response


@blueprint.get("/procedure/new")
@access(Access.ADMIN)
def write() -> str:
    """The newest version, to be changed here."""
    version = newest(db.session(), g.tenant.id)
    return show(version.text if version else "", Form(day_fields("from", today())))


@blueprint.post("/procedure/new")
@takes_files
@limiter.limit(FORM)
@access(Access.ADMIN)
def take() -> AnyResponse | str:
    """A text, typed or as a file: checked, tried out by the workers, or published."""
    form = Form(request.form)
    text = given(form)
    if not text.strip():
        form.fail("text", _("Choose a file, or type the procedure."))
    match form.value("do"):
        case "publish" if not form.errors:
            return put_in_force(text, form)
        case kind if kind in KINDS and not form.errors and read_policy(text, name=NAME).policy is not None:
            return rehearse(kind, text)
    return make_response(show(text, with_day(form)), 422 if form.errors else 200)


def given(form: Form) -> str:
    """What was sent: the file if there is one, else what was typed. What is not UTF-8 shows as such, and is refused."""
    upload = request.files.get("file")
    raw = upload.read(MOST_BYTES + 1) if upload and upload.filename else form.value("text").encode()
    return raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")


def with_day(form: Form) -> Form:
    """The form with today as the day, when none was chosen yet."""
    if any(form.value(f"from-{part}") for part in ("day", "month", "year")):
        return form
    fresh = Form(day_fields("from", today()))
    fresh.errors = form.errors
    return fresh


def rehearse(kind: str, text: str) -> AnyResponse:
    """Ask the workers to try the text, and go to the page that tells how far they are."""
    row = ask(db.session(), g.tenant.id, kind, text, folder_here(), g.person.id, now())
    rehearsal_id = row.id
    db.session.commit()
    return redirect(url_for("office.tried", rehearsal_id=rehearsal_id))


@blueprint.get("/procedure/tried/<uuid:rehearsal_id>")
@access(Access.ADMIN)
def tried(rehearsal_id: UUID) -> str:
    """How far a rehearsal is and what it found; to be left and found again."""
    row = rehearsal(db.session(), g.tenant.id, rehearsal_id)
    return render_template("office/tried.html", row=row, say_kept=say_kept)


@blueprint.post("/procedure/tried/<uuid:rehearsal_id>")
@limiter.limit(FORM)
@access(Access.ADMIN)
def go_on(rehearsal_id: UUID) -> str:
    """Back to the text that was tried, to change or to publish it."""
    row = rehearsal(db.session(), g.tenant.id, rehearsal_id)
    return show(row.text, Form(day_fields("from", today())))


def say_kept(kept: dict[str, Any]) -> str:
    """A sentence that a rehearsal kept, in the reader's language."""
    if "template" not in kept:
        return str(kept["text"])
    values = {name: say_kept(one) if isinstance(one, dict) else one for name, one in kept["values"].items()}
    return str(texts.catalogue().ugettext(kept["template"])).format(**values)


def show(text: str, form: Form) -> str:
    reading = read_policy(text, name=NAME) if text else None
    checked = Checked(reading, text.split("\n")) if reading else None
    return render_template(
        "office/write.html",
        form=form,
        text=text,
        checked=checked,
        action=url_for("office.take"),
        with_stories=bool(stories_of(folder_here())),
        trial=organisation().state in ("trial", "pending"),
    )


def put_in_force(text: str, form: Form) -> AnyResponse:
    """Publish from the day that was chosen; what stands in the way is said, and nothing is lost."""
    day: date | None = form.day("from", required=_("Choose the day from which it counts."))
    if day is not None and not form.errors:
        try:
            version = publish(db.session(), organisation(), text, day, today=today(), now=now(), actor=g.person.id)
            number = version.number
            note(Change.PUBLISHED, number=number, day=day)
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            field = "from" if refused.code == "policy_in_past" else "text"
            form.fail(field, texts.refused(refused.code, refused.values))
    if form.errors:
        return make_response(show(text, form), 422)
    flash(_("Version %(number)s is published and counts from %(day)s.", number=number, day=texts.day(day)))
    return redirect(url_for("office.procedure"))


def folder_here() -> Path:
    """Where the organisation's stories lie, if it has any."""
    return parts().settings.tenants / str(g.tenant.slug)
