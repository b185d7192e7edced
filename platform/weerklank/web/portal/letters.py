"""What a complainant reads and saves of his own case: our messages, the files he sent, and where else he can go."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, g, render_template
from flask_babel import gettext as _

from weerklank.cases.messages import note_read
from weerklank.cases.status import StatusView, ToldMessage
from weerklank.documents.dossier.paper import Paper, Section, as_pdf
from weerklank.kernel.database import db
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.downloads import attachment
from weerklank.web.parts import now, parts
from weerklank.web.portal import blueprint
from weerklank.web.portal.status import view_now

PDF = "application/pdf"


@blueprint.get("/status/messages/<uuid:message_id>")
@access(Access.COMPLAINANT)
def letter(message_id: UUID) -> str:
    """One of our messages to him; from now on it is no new one."""
    view = view_now()
    message = message_of(view, message_id)
    if message.new:
        note_read(db.session(), g.tenant.id, g.case_id, message_id, now())
        db.session.commit()
    return render_template("portal/letter.html", view=view, message=message)


def message_of(view: StatusView, message_id: UUID) -> ToldMessage:
    """404: no such message to him."""
    return next((each for each in view.messages if each.id == message_id), None) or abort(404)


@blueprint.get("/status/messages/<uuid:message_id>/pdf")
@access(Access.COMPLAINANT)
def save_letter(message_id: UUID) -> Response:
    """The same message, to keep."""
    view = view_now()
    message = message_of(view, message_id)
    paper = Paper(
        language=texts.language(),
        title=message.subject,
        organisation=g.tenant.name,
        particulars=((_("Number of your complaint"), view.reference), (_("Sent on"), texts.day(message.day))),
        sections=(Section(_("Our message"), message.paragraphs),),
        contents="",
        page=_("page"),
    )
    return attachment(f"{view.reference}-{message.day.isoformat()}.pdf", PDF, as_pdf(paper))


@blueprint.get("/status/files/<uuid:file_id>")
@access(Access.COMPLAINANT)
def save_own_file(file_id: UUID) -> Response:
    """A file he sent himself or was given. 404 for any other; refused while it waits for the virus scanner."""
    view = view_now()
    if file_id not in {each.id for each in (*view.files, *view.given)}:
        abort(404)
    found = parts().files.read(db.session(), parts().keyring, g.tenant.id, g.case_id, file_id)
    return attachment(found.name, found.media_type, found.data)


@blueprint.get("/status/disagree")
@access(Access.COMPLAINANT)
def disagree() -> str:
    """What he can do who does not agree: with us, and with the outside bodies of the policy."""
    return render_template("portal/disagree.html", view=view_now())
