"""The archive: closed cases, what is kept, what need not be kept any longer; destroying that in two steps."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from weerklank.cases.keeping import PAGE, Declared, Shelf, declarations, destroy, on_shelf
from weerklank.cases.labels import label_of
from weerklank.cases.view import CaseView
from weerklank.identity.people import names
from weerklank.kernel.database import db
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import Trouble, actor, carry_out, today, whole
from weerklank.web.desk.steps import LONGEST_REASON
from weerklank.web.desk.worklist import me
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts

SHELVES: dict[Shelf, LazyString] = {
    Shelf.CLOSED: lazy_gettext("Closed, to be put away"),
    Shelf.KEPT: lazy_gettext("In the archive"),
    Shelf.DUE: lazy_gettext("May be destroyed"),
    Shelf.GONE: lazy_gettext("Destroyed"),
}


@blueprint.get("/archive")
@access(Access.STAFF)
def archive() -> str:
    """One shelf of the archive, as far as this reader may see the cases on it."""
    reader, policy = me()
    asked = request.args.get("shelf", "")
    shelf = Shelf(asked) if asked in list(Shelf) else Shelf.CLOSED
    keyring = parts().keyring
    gone = declarations(db.session(), keyring, g.tenant.id) if shelf is Shelf.GONE and reader.sees_all else ()
    items = on_shelf(db.session(), keyring, g.tenant.id, reader, shelf, today(), place(request.args.get("after", "")))
    return render_template(
        "desk/archive.html",
        shelf=shelf.value,
        shelves=[(each.value, called) for each, called in SHELVES.items()],
        items=items,
        after=items[-1].case_id if len(items) == PAGE else None,
        declared=told(gone),
        channel=lambda item: label_of(policy.channels, item.channel, texts.language()),
        named=policy.keeping.place.in_(texts.language()) if policy.keeping.place else "",
    )


def place(text: str) -> UUID | None:
    """The case after which the page goes on; None for anything that is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def told(rows: tuple[Declared, ...]) -> list[tuple[Declared, str]]:
    """Each declaration with the name of who destroyed."""
    called = names(db.session(), parts().keyring, g.tenant.id, {row.person_id for row in rows})
    return [(row, called.get(row.person_id, "")) for row in rows]


@blueprint.get("/cases/<uuid:case_id>/destruction")
@access(Access.STAFF)
def destruction(case_id: UUID) -> str:
    """The first step: why."""
    return show(destructible(case_id), Form())


def destructible(case_id: UUID) -> CaseView:
    """The case, when this reader may destroy it now; 404 else."""
    view = whole(case_id)
    return view if view.keeping and view.keeping.can_destroy else abort(404)


def show(view: CaseView, form: Form, trouble: Trouble | None = None, *, sure: bool = False) -> str:
    return render_template("desk/destroy.html", view=view, form=form, trouble=trouble, sure=sure)


@blueprint.post("/cases/<uuid:case_id>/destruction")
@limiter.limit(FORM)
@access(Access.STAFF)
def do_destroy(case_id: UUID) -> Response:
    """The second step shows what goes and asks for the reference; only then it is done."""
    view, form = destructible(case_id), Form(request.form)
    reason = form.text("reason", most=LONGEST_REASON, lines=True, required=_("Give a reason."))
    if form.errors:
        return make_response(show(view, form), 422)
    if "reference" not in form.typed:
        return make_response(show(view, form, sure=True))
    if form.text("reference").upper() != view.reference:
        form.fail("reference", _("Type the reference of this case: %(reference)s.", reference=view.reference))
        return make_response(show(view, form, sure=True), 422)
    answer = carry_out(
        case_id,
        lambda: destroy(db.session(), parts().engine, g.tenant.id, case_id, reason, actor(), now()),
        _("The case is destroyed."),
        lambda trouble: show(whole(case_id), form, trouble, sure=True),
        form,
    )
    if answer.status_code != 302:
        return answer
    return make_response(redirect(url_for("desk.archive", shelf=Shelf.GONE.value)))
