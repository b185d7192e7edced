"""A case that goes on by a newer version of the procedure: first what changes, then why, never by itself."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, g, render_template, request
from flask_babel import gettext as _

from weerklank.cases.act import Acted, open_case
from weerklank.cases.labels import label_of
from weerklank.cases.moving import move
from weerklank.cases.view import CaseView
from weerklank.kernel.database import db
from weerklank.policy.model import Policy
from weerklank.rehearsal.simulation.changes import Change
from weerklank.rehearsal.simulation.run import of_move
from weerklank.tenancy.policies import policy_of
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.act import reason
from weerklank.web.desk.here import Trouble, actor, carry_out, seen, whole
from weerklank.web.desk.steps import since
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts


@blueprint.get("/cases/<uuid:case_id>/version")
@access(Access.STAFF)
def version(case_id: UUID) -> str:
    """What would change if this case went on by the version in force."""
    return show(with_newer(case_id), Form())


@blueprint.post("/cases/<uuid:case_id>/version")
@limiter.limit(FORM)
@access(Access.STAFF)
def move_to_version(case_id: UUID) -> Response:
    """Let it go on by that version, with the reason."""
    view, form = with_newer(case_id), Form(request.form)
    why, number = reason(form), view.newer or 0

    def do() -> Acted | None:
        return move(db.session(), parts().engine, g.tenant.id, case_id, number, why, actor(), now(), seen(form))

    def again(trouble: Trouble) -> str:
        return show(whole(case_id), form, trouble)

    if form.errors:
        return Response(show(view, form), 422)
    return carry_out(case_id, do, _("This case goes on by version %(number)s.", number=number), again, form)


def with_newer(case_id: UUID) -> CaseView:
    """The case in full, if there is a newer version for it; else 404."""
    view = whole(case_id)
    return view if view.newer else abort(404)


def show(view: CaseView, form: Form, trouble: Trouble | None = None) -> str:
    opened = open_case(db.session(), g.tenant.id, view.case_id, now())
    policy = policy_of(opened.in_force)
    names = dict(zip(opened.case.handlers, view.handlers, strict=False))
    found = [
        sentence(one, policy, opened.world.policy) for one in of_move(opened, policy, lambda one: names.get(one, ""))
    ]
    return render_template(
        "desk/version.html", view=view, form=form, trouble=trouble, since=since(view, form) if trouble else (),
        changes=found, was=opened.version.number,
    )  # fmt: skip


def sentence(one: Change, new: Policy, old: Policy) -> str:
    """A change in the reader's language, with the names people use."""
    holders = {"due": "terms", "step": "steps", "message": "messages", "admissibility": "grounds"}
    if one.kind in holders:
        holder = holders[one.kind]
        known = new if one.name in getattr(new, holder) else old
        one = Change(one.kind, f"‘{label_of(getattr(known, holder), one.name, texts.language())}’", one.old, one.new)
    return texts.in_reader_words(one.sentence())
