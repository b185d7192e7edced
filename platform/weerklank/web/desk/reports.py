"""Reports: read, written, released, decided on, presented and evaluated, each by whom the procedure names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from flask import Response, abort, g, make_response, render_template, request, url_for
from flask_babel import gettext as _

from weerklank.cases.labels import label_of
from weerklank.identity.people import names
from weerklank.kernel.database import db
from weerklank.kernel.errors import NotFound
from weerklank.learning import reports as rules
from weerklank.learning.export import as_csv, report_rows, shown
from weerklank.learning.improvements import Plan
from weerklank.learning.labels import code_title
from weerklank.learning.periods import Period
from weerklank.learning.place import Place
from weerklank.learning.show import LATEST, ReportView, Sight, report_view
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.answers import read_day
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import Trouble, colleagues, today
from weerklank.web.desk.learning import LONGEST_LINE, LONGEST_TEXT, finish, here, titles
from weerklank.web.downloads import attachment
from weerklank.web.forms import Form, day_fields
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import parts

MEASURES_AT_ONCE = 3
LINES_SHOWN = 200  # of a list; the spreadsheet has all
STEPS = "any(write,decide,present,evaluate)"


def view_of(place: Place, report_id: UUID) -> ReportView:
    """The report as whoever is logged in may read it; 404 if he may not know of it."""
    try:
        return report_view(place, report_id, g.person.id)
    except NotFound:
        abort(404)


@blueprint.get("/reports/<uuid:report_id>")
@access(Access.STAFF)
def report(report_id: UUID) -> str:
    """The report, or what was presented of it."""
    return show(here(), report_id)


def show(place: Place, report_id: UUID, trouble: Trouble | None = None) -> str:
    view = view_of(place, report_id)
    policy, language = place.world.policy, texts.language()
    people = {deed.by for deed in view.deeds if deed.by} | {one.owner for one in view.improvements}
    return render_template(
        "desk/report.html",
        view=view,
        whole=view.sight is Sight.WHOLE,
        todo={task.what for task in view.tasks},
        names=names(db.session(), parts().keyring, g.tenant.id, people | set(view.report.participants)),
        code=lambda table, code: code_title(policy, table, code, language),
        shown=lambda number: shown(number, language),
        on=date.fromisoformat,
        most=LINES_SHOWN,
        latest=LATEST,
        trouble=trouble,
        today=today(),
        **titles(place),
    )


@blueprint.get("/reports/<uuid:report_id>/figures.csv")
@access(Access.STAFF)
def report_figures(report_id: UUID) -> Response:
    """The numbers of a report for a spreadsheet."""
    place = here()
    view = view_of(place, report_id)
    if view.sight is not Sight.WHOLE:
        abort(404)
    name = f"{view.report.name}-{view.report.first_day.isoformat()}.csv"
    return attachment(name, "text/csv", as_csv(report_rows(place, view, texts.language())))


@blueprint.get("/reports/begin/<key>")
@access(Access.STAFF)
def begin_report(key: str) -> str:
    """Begin a report of which nobody has said how often it comes."""
    return show_begin(here(), key, Form())


def show_begin(place: Place, key: str, form: Form, trouble: Trouble | None = None) -> str:
    found = place.world.policy.reports.get(key)
    if found is None or found.every or g.person.id not in place.holders(found.by):
        abort(404)
    name = label_of(place.world.policy.reports, key, texts.language())
    return render_template("desk/report_begin.html", key=key, name=name, form=form, trouble=trouble)


@blueprint.post("/reports/begin/<key>")
@limiter.limit(FORM)
@access(Access.STAFF)
def open_report(key: str) -> Response:
    """It begins, over the days that were filled in."""
    place, form = here(), Form(request.form)
    first = read_day(form, "first", required=_("Fill in the first day."))
    last = read_day(form, "last", required=_("Fill in the last day."))
    if form.errors or first is None or last is None:
        return make_response(show_begin(place, key, form), 422)
    period = Period(first, last)
    return finish(
        lambda: rules.open_by_hand(place, g.person.id, key, period),
        _("The report has begun."),
        url_for("desk.learning"),
        lambda trouble: show_begin(here(), key, form, trouble),
    )


@blueprint.get(f"/reports/<uuid:report_id>/<{STEPS}:step>")
@access(Access.STAFF)
def report_step(report_id: UUID, step: str) -> str:
    """The form of one step of the cycle."""
    place = here()
    view = view_of(place, report_id)
    typed = {f"section-{section.name}": text for section, text in view.sections}
    return show_step(place, view, step, Form(typed | day_fields("day", today())))


def show_step(place: Place, view: ReportView, step: str, form: Form, trouble: Trouble | None = None) -> str:
    if step not in {task.what for task in view.tasks}:
        abort(404)
    kinds = place.world.policy.measures.kinds
    return render_template(
        "desk/report_step.html",
        view=view,
        step=step,
        form=form,
        trouble=trouble,
        people=colleagues(),
        kinds=[(name, text.in_(texts.language())) for name, text in kinds.items()],
        numbers=range(1, MEASURES_AT_ONCE + 1),
        most=LONGEST_TEXT,
        **titles(place),
    )


@blueprint.post(f"/reports/<uuid:report_id>/<{STEPS}:step>")
@limiter.limit(FORM)
@access(Access.STAFF)
def take_report_step(report_id: UUID, step: str) -> Response:
    """One step of the cycle is taken."""
    place, form = here(), Form(request.form)
    view = view_of(place, report_id)
    do = READ[step](place, view, form)
    if form.errors:
        return make_response(show_step(place, view, step, form), 422)
    return finish(
        do,
        _("It is noted."),
        url_for("desk.report", report_id=report_id),
        lambda trouble: show_step(here(), view_of(here(), report_id), step, form, trouble),
    )


def read_sections(place: Place, view: ReportView, form: Form) -> Callable[[], object]:
    """The texts; those that did not change are left alone."""
    before = {section.name: text for section, text in view.sections}
    given = {name: form.text(f"section-{name}", most=LONGEST_TEXT, lines=True) for name in before}

    def do() -> None:
        for name, text in given.items():
            if text != before[name]:
                rules.write(place, g.person.id, view.report.id, name, text)

    return do


def read_decision(place: Place, view: ReportView, form: Form) -> Callable[[], object]:
    plans = read_plans(place, form)
    return lambda: rules.decide(place, g.person.id, view.report.id, plans)


def read_presentation(place: Place, view: ReportView, form: Form) -> Callable[[], object]:
    day = read_day(form, "day", required=_("Fill in on which day."))
    return lambda: rules.present(place, g.person.id, view.report.id, day or today())


def read_talk(place: Place, view: ReportView, form: Form) -> Callable[[], object]:
    day = read_day(form, "day", required=_("Fill in on which day."))
    people = [str(person) for person, _name in colleagues()]
    there = [UUID(one) for one in form.choices("with", people)]
    remarks = form.text("text", most=LONGEST_TEXT, lines=True, required=_("Write what was said."))
    plans = read_plans(place, form)
    return lambda: rules.evaluate(place, g.person.id, view.report.id, day or today(), there, remarks, plans)


def read_plans(place: Place, form: Form) -> list[Plan]:
    """The measures that were filled in; an empty row is none."""
    people, kinds = [person for person, _name in colleagues()], place.world.policy.measures.kinds
    found = []
    for number in range(1, MEASURES_AT_ONCE + 1):
        text = form.text(f"measure{number}", most=LONGEST_TEXT, lines=True)
        if text:
            references = form.text(f"cases{number}", most=LONGEST_LINE).replace(",", " ").split()
            found.append(
                Plan(
                    text,
                    form.id(f"owner{number}", people, required=_("Choose who carries it out.")),
                    read_day(form, f"by{number}", required=_("Fill in by which day.")),
                    form.choice(f"kind{number}", tuple(kinds)) or "",
                    form.text(f"who{number}", most=LONGEST_LINE),
                    tuple(references),
                )
            )
    return found


READ: dict[str, Callable[[Place, ReportView, Form], Callable[[], object]]] = {
    "write": read_sections,
    "decide": read_decision,
    "present": read_presentation,
    "evaluate": read_talk,
}


@blueprint.post("/reports/<uuid:report_id>/<any(release,count):step>")
@limiter.limit(FORM)
@access(Access.STAFF)
def release_report(report_id: UUID, step: str) -> Response:
    """Release it, or count its numbers anew."""
    place = here()
    view_of(place, report_id)
    act = rules.release if step == "release" else rules.count_again
    return finish(
        lambda: act(place, g.person.id, report_id),
        _("The report is released.") if step == "release" else _("Everything is being counted anew."),
        url_for("desk.report", report_id=report_id),
        lambda trouble: show(here(), report_id, trouble),
    )
