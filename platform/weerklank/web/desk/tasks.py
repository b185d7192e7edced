"""My tasks: everything that is asked of one, in cases and outside, in one list by its day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import g, render_template, url_for
from flask_babel import gettext as _

from weerklank.cases.agenda import Line, complainants_of, my_tasks
from weerklank.kernel.database import db
from weerklank.learning.place import place_of
from weerklank.learning.tasks import may_have_tasks, tasks_of
from weerklank.policy.model import Does, Policy
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import today
from weerklank.web.desk.learning import address, called
from weerklank.web.desk.worklist import label, me
from weerklank.web.parts import now, parts

SOON = 7  # days


@dataclass(frozen=True)
class Asked:
    """Something that is asked: what, about what and whom, of which sort if not a step, where, by which legal day."""

    what: str
    about: str
    who: str
    sort: str
    address: str
    due_on: date | None


@blueprint.get("/tasks")
@access(Access.STAFF)
def tasks() -> str:
    """What is late, what is for today, soon and later."""
    mine, policy = me()
    lines = my_tasks(db.session(), g.tenant.id, g.person.id)
    who = complainants_of(db.session(), parts().engine, g.tenant.id, mine, {each.case_id for each in lines})
    every = [*(in_case(policy, each, who.get(each.case_id, "")) for each in lines), *outside(policy)]
    every.sort(key=lambda each: each.due_on or date.max)
    return render_template("desk/tasks.html", groups=grouped(every), today=today())


def in_case(policy: Policy, line: Line, who: str) -> Asked:
    step = policy.steps.get(line.what)
    signs = step is not None and step.does is Does.SIGN
    what = _("Carry out a measure") if line.measure else label(policy.steps, line.what)
    sort = _("measure") if line.measure else _("signature") if signs else ""
    return Asked(what, line.reference, who, sort, url_for("desk.case", case_id=line.case_id), line.day)


def outside(policy: Policy) -> list[Asked]:
    """What is asked beside single complaints: reports, measures, recommendations, duties, publication."""
    if not may_have_tasks(db.session(), g.tenant.id, policy, g.manages):
        return []
    place = place_of(db.session(), parts().engine, g.tenant.id, now())
    found = tasks_of(place, g.person.id, g.manages)
    return [Asked(*called(place, task), "", _("beside complaints"), address(task), task.due_on) for task in found]


def grouped(every: list[Asked]) -> list[tuple[str, str, list[Asked]]]:
    """By how near they are: a title, how it is coloured, and what stands below it."""
    day = today()
    groups: dict[str, list[Asked]] = {"late": [], "today": [], "soon": [], "later": [], "none": []}
    for each in every:
        groups[how_near(each.due_on, day)].append(each)
    titles = [
        ("late", _("Too late"), "bad"),
        ("today", _("Today"), "warn"),
        ("soon", _("In the next 7 days"), ""),
        ("later", _("Later"), ""),
        ("none", _("Without a day"), ""),
    ]
    return [(title, kind, groups[name]) for name, title, kind in titles if groups[name]]


def how_near(due_on: date | None, day: date) -> str:
    if due_on is None:
        return "none"
    ahead = (due_on - day).days
    return "late" if ahead < 0 else "today" if ahead == 0 else "soon" if ahead <= SOON else "later"
