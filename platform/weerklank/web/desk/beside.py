"""A file of a case beside what one writes: the letter on one side, the story and a form on the other."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, g, make_response, render_template, request

from weerklank.cases.given import FileView
from weerklank.cases.view import CaseView
from weerklank.kernel.database import db
from weerklank.web.access import CONTENT_POLICY, Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.case import saw
from weerklank.web.desk.here import whole
from weerklank.web.desk.steps import needs_people, offer_of
from weerklank.web.downloads import can_be_shown, shown
from weerklank.web.forms import Form
from weerklank.web.parts import parts

# Only this page may frame something, and only what we serve ourselves.
FRAMING = f"{CONTENT_POLICY}; frame-src 'self'"


@blueprint.get("/cases/<uuid:case_id>/beside/<uuid:file_id>")
@access(Access.STAFF)
def beside(case_id: UUID, file_id: UUID) -> Response:
    """The file with the story, and a note to write or the step that the address names."""
    view = whole(case_id)
    file = file_of(view, file_id)
    offer = offer_of(view, request.args.get("step", "")[:100])
    page = render_template(
        "desk/beside.html",
        view=view,
        file=file,
        can_be_shown=shows(file),
        others=[each for each in view.files if each.id != file_id and shows(each)],
        offer=offer,
        form=Form(),
        people=needs_people((offer,)) if offer else [],
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = FRAMING
    return answer


@blueprint.get("/cases/<uuid:case_id>/file/<uuid:file_id>/shown")
@access(Access.STAFF)
def show_file(case_id: UUID, file_id: UUID) -> Response:
    """The file itself, for the frame. 404 for every file that was not looked at and found clean."""
    if not shows(file_of(whole(case_id), file_id)):
        abort(404)
    found = parts().files.read(db.session(), parts().keyring, g.tenant.id, case_id, file_id)
    saw(case_id, str(file_id))
    return shown(found.name, found.media_type, found.data)


def file_of(view: CaseView, file_id: UUID) -> FileView:
    return next((each for each in view.files if each.id == file_id), None) or abort(404)


def shows(file: FileView) -> bool:
    """Whether a browser can show it, and a scanner found nothing in it."""
    return file.scan == "clean" and can_be_shown(file.name)


@blueprint.app_template_filter()
def is_shown(file: FileView) -> bool:
    """For the page that links to it."""
    return shows(file)
