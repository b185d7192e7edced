"""The worklist: what somebody has to do, all he may see, and what is past its day; and finding by reference."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases import worklist as lists
from weerklank.cases.labels import label_of
from weerklank.cases.walls import Reader
from weerklank.cases.walls import reader as reader_of
from weerklank.cases.worklist import COUNT_TO, Counts, Row, View
from weerklank.identity.people import names
from weerklank.kernel.database import db
from weerklank.policy.model import Element, Policy
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import policy_today, today
from weerklank.web.parts import parts

LONGEST_PLACE = 200
LONGEST_REFERENCE = 40


@blueprint.get("/")
@access(Access.STAFF)
def worklist() -> str:
    """One page of a view, by nearest day."""
    policy = policy_today()
    day, view = today(), view_asked()
    mine = me(day)
    after = request.args.get("after", "")[:LONGEST_PLACE]
    page = lists.worklist(db.session(), parts().engine, g.tenant.id, mine, view, day, after or None)
    called = names(db.session(), parts().keyring, g.tenant.id, {one for row in page.rows for one in row.handlers})
    return render_template(
        "desk/worklist.html",
        view=view.value,
        tabs=tabs(lists.counts(db.session(), g.tenant.id, mine, day)),
        page=page,
        first=not after,
        names=called,
        todo=lambda row: todo(policy, row),
        today=day,
        channel=lambda row: label(policy.channels, row.channel),
    )


def me(day: date) -> Reader:
    return reader_of(db.session(), g.tenant.id, g.person.id, day)


def view_asked() -> View:
    asked = request.args.get("view", View.MINE.value)
    return View(asked) if asked in list(View) else View.MINE


def tabs(counts: Counts) -> list[tuple[str, str, str]]:
    """The views, each with how much it holds."""
    return [
        (View.MINE.value, _("Mine to do"), number(counts.mine)),
        (View.OVERDUE.value, _("Past its day"), number(counts.overdue)),
        (View.ALL.value, _("All open cases"), number(counts.all)),
        (View.CLOSED.value, _("Closed"), ""),
    ]


def number(count: int) -> str:
    return f"{COUNT_TO}+" if count >= COUNT_TO else str(count)


def todo(policy: Policy, row: Row) -> str:
    """What is to be done on this line."""
    if row.measure:
        return str(_("Carry out a measure"))
    return label(policy.steps, row.step) if row.step else ""


def label(elements: Mapping[str, Element], name: str) -> str:
    """What people call an element of the policy in force; a case may go by an older one, which had other names."""
    return label_of(elements, name, texts.language())


@blueprint.get("/find")
@access(Access.STAFF)
def find() -> AnyResponse:
    """To the case with this reference."""
    policy_today()
    typed = request.args.get("reference", "")[:LONGEST_REFERENCE]
    readable = typed.isprintable()
    case_id = lists.by_reference(db.session(), g.tenant.id, me(today()), typed) if readable and typed.strip() else None
    if case_id is None:
        flash(_("There is no case with this reference that you can see."), "warn")
        return redirect(url_for("desk.worklist"))
    return redirect(url_for("desk.case", case_id=case_id))
