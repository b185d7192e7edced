"""Several letters printed in one go: each on a sheet of its own, with letterhead and the address where a window is."""

from __future__ import annotations

from uuid import UUID

from flask import g, render_template, request

from weerklank.cases.post import PAGE, to_post
from weerklank.cases.posted import MessageView
from weerklank.cases.view import CaseView
from weerklank.kernel.database import db
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.case import code_paragraph, read_uuid, saw
from weerklank.web.desk.here import whole
from weerklank.web.desk.worklist import me

Sheet = tuple[CaseView, MessageView, str]


@blueprint.get("/letters/print")
@access(Access.STAFF)
def print_letters() -> str:
    """The letters that were ticked, of those that wait and that this reader may see; without a tick, the first ones."""
    reader, _policy = me()
    waiting = to_post(db.session(), g.tenant.id, reader)[:PAGE]
    ticked = {read_uuid(typed) for typed in request.args.getlist("letter")[:PAGE]}
    chosen = [each for each in waiting if not ticked or each.id in ticked]
    sheets = (sheet_of(each.case_id, each.id) for each in chosen)
    return render_template("desk/sheets.html", found=[each for each in sheets if each])


def sheet_of(case_id: UUID, message_id: UUID) -> Sheet | None:
    """A letter with what stands around it; None while it has not been written out."""
    view = whole(case_id)
    message = next((each for each in view.messages if each.id == message_id and each.paragraphs), None)
    if message is None:
        return None
    saw(case_id, str(message_id))
    return view, message, code_paragraph(view, message_id)
