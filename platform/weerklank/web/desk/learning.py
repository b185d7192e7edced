"""What one has to do outside single cases: an overview, duties, recommendations, and measures of reports."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from uuid import UUID

from flask import Response, abort, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from weerklank.cases.act import Refused as RefusedByPolicy
from weerklank.cases.labels import label_of
from weerklank.identity.people import names
from weerklank.kernel.database import db
from weerklank.kernel.errors import Conflict, NotFound
from weerklank.learning import improvements, log, recommendations
from weerklank.learning.labels import outcome_title, table_title, word
from weerklank.learning.overview import may_oversee
from weerklank.learning.place import Place, place_of
from weerklank.learning.show import advice_for, improvements_for, reports_for
from weerklank.learning.tasks import Task, tasks_of
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.answers import read_day
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import Trouble, not_done, today
from weerklank.web.forms import Form, day_fields
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts

LONGEST_TEXT = 20_000
LONGEST_LINE = 1_000
TASKS: dict[str, LazyString] = {
    "write": lazy_gettext("Write and release the report"),
    "decide": lazy_gettext("Decide on the report"),
    "present": lazy_gettext("Present measures and analysis"),
    "evaluate": lazy_gettext("Evaluate the report together"),
    "carry_out": lazy_gettext("Carry out a measure"),
    "verify": lazy_gettext("Check a measure"),
    "consult": lazy_gettext("Consult somebody about a recommendation"),
    "answer": lazy_gettext("Answer a recommendation"),
    "duty": lazy_gettext("Do this, and note it"),
    "check": lazy_gettext("Look whether the procedure stands there"),
    "tell": lazy_gettext("Tell who does not know of the procedure yet"),
}


def here() -> Place:
    """The organisation as it is now; 404 while it has no policy. Days are told in its zone."""
    return place_in(db.session())


def here_to_read() -> Place:
    """The same for what reads all cases and keeps nothing: in a copy of the database, where there is one."""
    if parts().reports is None:
        return here()
    g.reading = ExitStack()
    return place_in(g.reading.enter_context(parts().reading(g.tenant.id)))


@blueprint.teardown_request
def end_reading(_error: BaseException | None) -> None:
    g.pop("reading", ExitStack()).close()


def place_in(session: Session) -> Place:
    try:
        place = place_of(session, parts().engine, g.tenant.id, now())
    except NotFound:
        abort(404)
    g.zone = place.world.zone
    return place


def finish(do: Callable[[], object], done: str, to: str, again: Callable[[Trouble], str]) -> Response:
    """Do it and go on to `to`; else show the form again and say why it was not done."""
    try:
        do()
    except NotFound:
        db.session.rollback()
        abort(404)
    except RefusedByPolicy as refused:
        return not_done(Trouble(refused.refusal), again)
    except Conflict:
        return not_done(Trouble(), again)
    db.session.commit()
    flash(done, "good")
    return make_response(redirect(to))


@blueprint.app_template_global()
def word_of(name: str) -> str:
    """A word of reports and register in the reader's language."""
    return word(name, texts.language())


def named(place: Place, people: set[UUID]) -> dict[UUID, str]:
    return dict(names(db.session(), parts().keyring, g.tenant.id, people))


def titles(place: Place) -> dict[str, object]:
    """What templates ask to put codes into words."""
    policy, language = place.world.policy, texts.language()
    return {
        "role": lambda name: label_of(policy.roles, name, language),
        "duty": lambda name: label_of(policy.duties, name, language),
        "title": lambda name: table_title(policy, name, language),
        "outcome": lambda code: outcome_title(policy, code, language),
        "report_name": lambda name: label_of(policy.reports, name, language),
        "kind": lambda name: policy.measures.kinds[name].in_(language) if name in policy.measures.kinds else name,
    }


@blueprint.get("/learning")
@access(Access.STAFF)
def learning() -> str:
    """What is to be done outside cases, the reports one may read, and what the procedure asks beside them."""
    place = here()
    policy, me = place.world.policy, g.person.id
    begins = [
        name for name, rules in policy.reports.items() if rules.every is None and me in place.holders(rules.by)
    ]
    duties = [name for name, one in policy.duties.items() if me in place.among([one.by, *one.also_by])]
    return render_template(
        "desk/learning.html",
        tasks=[(task, called(place, task), address(task)) for task in tasks_of(place, me, g.manages)],
        reports=reports_for(place, me),
        begins=begins,
        duties=[(name, policy.duties[name]) for name in duties],
        today=today(),
        oversees=may_oversee(place, me),
        **titles(place),
    )


def called(place: Place, task: Task) -> tuple[str, str]:
    """What is to be done, and with what."""
    holder, _dot, name = task.element.partition(".")
    elements = getattr(place.world.policy, holder)
    about = label_of(elements, name, texts.language()) if name else word(holder, texts.language())
    return str(TASKS[task.what]), about


def address(task: Task) -> str:
    """Where it is done."""
    holder, _dot, name = task.element.partition(".")
    if holder == "reports":
        return url_for("desk.report", report_id=task.id)
    if holder == "duties" and task.what == "duty":
        return url_for("desk.duty", key=name)
    return url_for({"measures": "desk.measures", "duties": "desk.advice"}.get(holder, "desk.publication"))


@blueprint.get("/duties/<key>")
@access(Access.STAFF)
def duty(key: str) -> str:
    """A duty, what was noted of it, and the form to note it."""
    return show_duty(here(), key, Form(day_fields("day", today())))


def show_duty(place: Place, key: str, form: Form, trouble: Trouble | None = None) -> str:
    rules = place.world.policy.duties.get(key)
    if rules is None or g.person.id not in place.among([rules.by, *rules.also_by]):
        abort(404)
    return render_template(
        "desk/duty.html",
        key=key,
        rules=rules,
        entries=log.entries(place, f"duties.{key}"),
        sorts=[(name, text.in_(texts.language())) for name, text in rules.kinds.items()],
        roles=[(name, label_of(place.world.policy.roles, name, texts.language()))
               for name in recommendations.addressees(place, rules)],
        may_strike=g.person.id in place.holders(place.world.policy.keeping.struck_by),
        form=form,
        trouble=trouble,
        **titles(place),
    )  # fmt: skip


@blueprint.post("/duties/<key>")
@limiter.limit(FORM)
@access(Access.STAFF)
def do_duty(key: str) -> Response:
    """Note that it was done, register something, or recommend something: as the policy says of this duty."""
    place, form = here(), Form(request.form)
    rules = place.world.policy.duties.get(key) or abort(404)
    text = form.text("text", most=LONGEST_TEXT, lines=True, required=_("Write what it is."))
    day = read_day(form, "day", required=_("Fill in on which day.")) if rules.does != "recommend" else today()
    sort = form.choice("kind", tuple(rules.kinds), required=_("Choose a sort.")) if rules.does == "register" else ""
    to = form.choice("to", tuple(recommendations.addressees(place, rules)), required=_("Choose for whom it is.")) if (
        rules.does == "recommend"
    ) else ""  # fmt: skip
    who = form.text("who", most=LONGEST_LINE)
    if form.errors:
        return make_response(show_duty(place, key, form), 422)

    def do() -> object:
        if rules.does == "recommend":
            return recommendations.make(place, g.person.id, key, to or "", text)
        if rules.does == "register":
            return log.register(place, g.person.id, key, sort or "", day or today(), text)
        return log.do_duty(place, g.person.id, key, day or today(), text, who)

    back = url_for("desk.advice") if rules.does == "recommend" else url_for("desk.duty", key=key)
    return finish(do, _("It is noted."), back, lambda trouble: show_duty(here(), key, form, trouble))


@blueprint.get("/recommendations")
@access(Access.STAFF)
def advice() -> str:
    """The recommendations one makes or answers."""
    return show_advice(here(), Form())


def show_advice(place: Place, form: Form, trouble: Trouble | None = None) -> str:
    found = advice_for(place, g.person.id)
    policy = place.world.policy
    makes = {name for name, one in policy.duties.items() if g.person.id in place.among([one.by, *one.also_by])}
    answers = {name for name in policy.roles if g.person.id in place.holders(name)}
    return render_template(
        "desk/advice.html",
        found=found,
        makes=makes,
        answers=answers,
        names=named(place, {one.made_by for one in found}),
        form=form,
        trouble=trouble,
        **titles(place),
    )


@blueprint.post("/recommendations/<uuid:advice_id>/<any(consult,accept,reject,done):step>")
@limiter.limit(FORM)
@access(Access.STAFF)
def answer_advice(advice_id: UUID, step: str) -> Response:
    """One step of a recommendation."""
    place, form = here(), Form(request.form)
    said = form.text("text", most=LONGEST_TEXT, lines=True)
    steps: dict[str, Callable[[], object]] = {
        "consult": lambda: recommendations.consult(place, g.person.id, advice_id, said),
        "accept": lambda: recommendations.accept(place, g.person.id, advice_id),
        "reject": lambda: recommendations.reject(place, g.person.id, advice_id, said),
        "done": lambda: recommendations.carry_out(place, g.person.id, advice_id),
    }
    if form.errors:
        return make_response(show_advice(place, form), 422)
    done = _("It is noted.")
    return finish(steps[step], done, url_for("desk.advice"), lambda trouble: show_advice(here(), form, trouble))


@blueprint.get("/measures")
@access(Access.STAFF)
def measures() -> str:
    """The measures of reports that one carries out or checks."""
    return show_improvements(here(), Form())


def show_improvements(place: Place, form: Form, trouble: Trouble | None = None) -> str:
    found = improvements_for(place, g.person.id)
    return render_template(
        "desk/improvements.html",
        found=found,
        mine=g.person.id,
        checks=g.person.id in place.holders(place.world.policy.measures.verified_by),
        names=named(place, {one.owner for one in found}),
        form=form,
        trouble=trouble,
        today=today(),
        **titles(place),
    )


@blueprint.post("/measures/<uuid:improvement_id>/<any(done,check):step>")
@limiter.limit(FORM)
@access(Access.STAFF)
def improve(improvement_id: UUID, step: str) -> Response:
    """A measure of a report is reported done, or checked."""
    place, form = here(), Form(request.form)
    proof = form.text("text", most=LONGEST_TEXT, lines=True)
    if form.errors:
        return make_response(show_improvements(place, form), 422)

    def do() -> None:
        if step == "check":
            improvements.verify(place, g.person.id, improvement_id)
        else:
            improvements.carry_out(place, g.person.id, improvement_id, proof)

    back = url_for("desk.measures")
    return finish(do, _("It is noted."), back, lambda trouble: show_improvements(here(), form, trouble))
