"""The worklist: what somebody has to do, all he may see, and what is past its day; and finding by reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases import worklist as lists
from weerklank.cases.labels import label_of
from weerklank.cases.saved import Page as SavedPage
from weerklank.cases.saved import Saved, saved_views
from weerklank.cases.walls import Reader, reader_and_policy
from weerklank.cases.worklist import COUNT_TO, Counts, Row, Task, View
from weerklank.identity.people import names
from weerklank.kernel.database import db
from weerklank.learning.place import place_of
from weerklank.learning.tasks import may_have_tasks, tasks_of
from weerklank.policy.model import Element, Policy
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.asking import asked_in, chips
from weerklank.web.desk.here import today
from weerklank.web.desk.learning import address, called
from weerklank.web.parts import now, parts
from weerklank.web.texts import HOME_ZONE

LONGEST_PLACE = 200
LONGEST_REFERENCE = 40
QUIET = 7  # days in which nobody did anything, from which on the list tells it


@blueprint.get("/")
@access(Access.STAFF)
def worklist() -> str:
    """One page of what is asked for, or of the view that this person wants to see first."""
    mine, policy = me()
    day, views = today(), saved_views(db.session(), parts().keyring, g.tenant.id, g.person.id, SavedPage.WORKLIST)
    shown = view_shown(views)
    asked = asked_in(shown.filters if shown else request.args, policy)
    after = request.args.get("after", "")[:LONGEST_PLACE]
    page = lists.worklist(
        db.session(), parts().engine, g.tenant.id, mine, asked.view, day, after or None, asked.narrowed, asked.sort
    )
    counted = lists.counts(db.session(), g.tenant.id, mine, day)
    called = names(db.session(), parts().keyring, g.tenant.id, {one for row in page.rows for one in row.handlers})
    return render_template(
        "desk/worklist.html",
        asked=asked,
        view=asked.view.value,
        shown=shown,
        views=views,
        chips=chips(policy, asked),
        glance=glance(counted),
        tabs=tabs(counted),
        letters=number(counted.letters) if counted.letters else "",
        walled=counted.walled,
        lines=[line(policy, row, called, day) for row in page.rows],
        after=page.after,
        first=not after,
        outside=outside(policy) if asked.view is View.MINE and not after and not asked.filters else [],
        today=day,
    )


def view_shown(views: Sequence[Saved]) -> Saved | None:
    """The saved view that is asked for (404 if it is not one of his), or the standard one if nothing is asked."""
    if "saved" in request.args:
        chosen = request.args["saved"]
        return next((view for view in views if str(view.id) == chosen), None) or abort(404)
    return None if request.args else next((view for view in views if view.standard), None)


def outside(policy: Policy) -> list[tuple[str, str, str]]:
    """What there is to do beside cases: what, with what, and where."""
    if not may_have_tasks(db.session(), g.tenant.id, policy, g.manages):
        return []
    place = place_of(db.session(), parts().engine, g.tenant.id, now())
    return [(*called(place, task), address(task)) for task in tasks_of(place, g.person.id, g.manages)]


@dataclass(frozen=True)
class Line:
    """A row as it is shown: in words, so that the page has only to put them in their places.

    `still` is for how many days nobody did anything in the case; none while that is less than a week.
    """

    row: Row
    todo: tuple[tuple[str, date | None], ...]
    channel: str
    handlers: str
    still: int


def line(policy: Policy, row: Row, called: Mapping[UUID, str], day: date) -> Line:
    still = (day - row.moved_at.astimezone(g.zone).date()).days
    return Line(
        row=row,
        todo=tuple((todo(policy, task), task.due_on) for task in row.tasks),
        channel=label(policy.channels, row.channel),
        handlers=", ".join(called[one] for one in row.handlers if one in called),
        still=still if still >= QUIET else 0,
    )


def me() -> tuple[Reader, Policy]:
    """Who looks, and the policy in force; also sets the zone in which this page tells days. 404 while there is none."""
    home_day = now().astimezone(ZoneInfo(HOME_ZONE)).date()
    found = reader_and_policy(db.session(), g.tenant.id, g.person.id, home_day)
    if found is None:
        abort(404)
    g.zone = ZoneInfo(found[1].calendar.timezone)
    return found


def glance(counts: Counts) -> list[tuple[str, str, str, str]]:
    """What somebody who worries looks at first: view, name, how many, and how it is coloured."""
    return [
        (View.OVERDUE.value, _("Too late"), number(counts.overdue), "bad" if counts.overdue else "none"),
        (View.TODAY.value, _("Due today"), number(counts.today), "warn" if counts.today else "none"),
        (View.WEEK.value, _("In the next 7 days"), number(counts.week), ""),
        (View.WAITING.value, _("Waiting for others"), number(counts.waiting), ""),
    ]


def tabs(counts: Counts) -> list[tuple[str, str, str]]:
    """The other views, each with how much it holds."""
    return [
        (View.MINE.value, _("Mine to do"), number(counts.mine)),
        (View.ALL.value, _("All open cases"), number(counts.all)),
        (View.CLOSED.value, _("Closed"), ""),
    ]


def number(count: int) -> str:
    """How many, in words where nobody counts on."""
    most = format_decimal(COUNT_TO, locale=texts.language())
    return _("more than %(count)s", count=most) if count > COUNT_TO else str(count)


def todo(policy: Policy, task: Task) -> str:
    """What is to be done, as people call it."""
    return str(_("Carry out a measure")) if task.measure else label(policy.steps, task.what)


def label(elements: Mapping[str, Element], name: str) -> str:
    """What people call an element of the policy in force; a case may go by an older one, which had other names."""
    return label_of(elements, name, texts.language())


@blueprint.get("/find")
@access(Access.STAFF)
def find() -> AnyResponse:
    """To the case with this reference; of one of this year its number is enough."""
    mine, policy = me()
    typed = request.args.get("reference", "")[:LONGEST_REFERENCE].strip()
    if typed.isascii() and typed.isdigit():
        typed = f"{policy.procedure.prefix}-{today().year}-{int(typed):04}"
    readable = typed.isprintable()
    case_id = lists.by_reference(db.session(), g.tenant.id, mine, typed) if readable and typed else None
    if case_id is None:
        flash(_("There is no case with this reference that you can see."), "warn")
        return redirect(url_for("desk.worklist"))
    return redirect(url_for("desk.case", case_id=case_id))
