"""One case: what it is about, where it stands, what is due and what one can do; its files, letters and prints."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, g, render_template

from weerklank.cases.seen import WHOLE, note_seen
from weerklank.cases.view import CaseView
from weerklank.kernel.database import db
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import look, today, whole
from weerklank.web.desk.steps import needs_people
from weerklank.web.downloads import attachment
from weerklank.web.forms import Form
from weerklank.web.parts import now, parts


@blueprint.get("/cases/<uuid:case_id>")
@access(Access.STAFF)
def case(case_id: UUID) -> str:
    """The case, or the part of it that the procedure shows to somebody involved."""
    view = look(case_id)
    if not isinstance(view, CaseView):
        return render_template("desk/glimpse.html", view=view, form=Form(), people=needs_people(view.offers))
    page = render_template(
        "desk/case.html",
        view=view,
        form=Form(),
        people=needs_people(view.offers),
        running=[each for each in view.deadlines if each.state in ("running", "suspended")],
        ended=[each for each in view.deadlines if each.state not in ("running", "suspended")],
        today=today(),
    )
    saw(case_id, WHOLE)
    return page


def saw(case_id: UUID, what: str) -> None:
    """Note it for when this reader turns out to be involved."""
    note_seen(db.session(), g.tenant.id, case_id, g.person.id, what, now())
    db.session.commit()


@blueprint.get("/cases/<uuid:case_id>/file/<uuid:file_id>")
@access(Access.STAFF)
def download(case_id: UUID, file_id: UUID) -> Response:
    """A file of a case, to be saved."""
    if file_id not in {each.id for each in whole(case_id).files}:
        abort(404)
    found = parts().files.read(db.session(), parts().keyring, g.tenant.id, case_id, file_id)
    saw(case_id, str(file_id))
    return attachment(found.name, found.media_type, found.data)


@blueprint.get("/cases/<uuid:case_id>/messages/<uuid:message_id>")
@access(Access.STAFF)
def letter(case_id: UUID, message_id: UUID) -> str:
    """A message as it was written out, with letterhead, to be printed."""
    view = whole(case_id)
    message = next((each for each in view.messages if each.id == message_id), None)
    if message is None or not message.paragraphs:
        abort(404)
    saw(case_id, str(message_id))
    return render_template("desk/letter.html", view=view, message=message)
