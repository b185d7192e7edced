"""Who works here, in which post and under whom, and who is away; and one's own absence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask import Response, abort, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from weerklank.cases.labels import role_label
from weerklank.cases.refresh import ask_for_refresh
from weerklank.identity import people as rules
from weerklank.identity.deputies import absences_of, end_deputy, name_deputy
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.policy.model import Policy
from weerklank.policy.world import World
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.answers import read_day, read_person
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import colleagues, policy_today, today
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import parts


@dataclass(frozen=True)
class Colleague:
    """Somebody who works here today."""

    id: UUID
    name: str
    posts: tuple[str, ...]
    manager: str
    team: str
    external: bool
    away: bool
    deputy: str


@blueprint.get("/people")
@access(Access.STAFF)
def people() -> str:
    """Everybody, by name."""
    policy = policy_today()
    everybody = sorted(staff(policy), key=lambda one: one.name.casefold())
    return render_template("desk/people.html", everybody=everybody)


def staff(policy: Policy) -> Iterator[Colleague]:
    chart = rules.chart(db.session(), g.tenant.id, today())
    world = World.of(policy, chart.people)
    named = chart.names(parts().keyring, g.tenant.id, chart.sealed_names)
    for person in chart.people.persons.values():
        posts = (post for post, holders in chart.people.posts.items() if person.id in holders and post in policy.roles)
        yield Colleague(
            id=person.id,
            name=named.get(person.id, ""),
            posts=tuple(role_label(world, post, texts.language()) for post in posts),
            manager=named.get(person.manager, "") if person.manager else "",
            team=person.team or "",
            external=person.external,
            away=person.id in chart.people.absent,
            deputy=named.get(deputy, "") if (deputy := chart.people.deputies.get(person.id)) else "",
        )


@blueprint.get("/absence")
@access(Access.STAFF)
def absence() -> str:
    """When one is away oneself."""
    policy_today()
    return show(Form())


def show(form: Form) -> str:
    periods = absences_of(db.session(), g.tenant.id, g.person.id, today())
    called = dict(colleagues())
    return render_template(
        "desk/absence.html",
        form=form,
        mine=[one for one in periods if one.person_id == g.person.id],
        acting=[one for one in periods if one.deputy_id == g.person.id],
        called=called,
        people=[(person, name) for person, name in called.items() if person != g.person.id],
        today=today(),
    )


@blueprint.post("/absence")
@limiter.limit(FORM)
@access(Access.STAFF)
def be_away() -> Response:
    """One will be away; what is one's own to do goes to the substitute whom the procedure names, or to one's deputy."""
    policy_today()
    form = Form(request.form)
    first = read_day(form, "first", required=_("Fill in the first day."))
    last = read_day(form, "last")
    deputy = read_person(form, "deputy", [person for person, name in colleagues()])
    if first and not form.errors:
        register_absence(form, first, last, deputy)
    if form.errors:
        db.session.rollback()
        return make_response(show(form), 422)
    db.session.commit()
    flash(_("Your absence is registered."), "good")
    return make_response(redirect(url_for("desk.absence")))


def register_absence(form: Form, first: date, last: date | None, deputy: UUID | None) -> None:
    """Do it, or say at the form why not."""
    try:
        absence = rules.record_absence(db.session(), rules.find_person(db.session(), g.person.id), first, last)
    except Refused as refused:
        form.fail("last", texts.refused(refused.code, refused.values))
        return
    try:
        if deputy is not None:
            name_deputy(db.session(), absence, deputy)
    except Refused as refused:
        form.fail("deputy", texts.refused(refused.code, refused.values))
        return
    ask_for_refresh(db.session())


@blueprint.post("/absence/<uuid:absence_id>/end")
@limiter.limit(FORM)
@access(Access.STAFF)
def be_back(absence_id: UUID) -> Response:
    """One is back today, or will not be away after all."""
    policy_today()
    periods = absences_of(db.session(), g.tenant.id, g.person.id, today())
    if absence_id not in {one.id for one in periods if one.person_id == g.person.id}:
        abort(404)
    rules.end_absence(db.session(), absence_id, today() - timedelta(days=1))
    ask_for_refresh(db.session())
    db.session.commit()
    flash(_("You are back."), "good")
    return make_response(redirect(url_for("desk.absence")))


@blueprint.post("/absence/<uuid:absence_id>/decline")
@limiter.limit(FORM)
@access(Access.STAFF)
def stop_acting(absence_id: UUID) -> Response:
    """One acts for a colleague no longer; what was his waits for him."""
    policy_today()
    periods = absences_of(db.session(), g.tenant.id, g.person.id, today())
    if absence_id not in {one.id for one in periods if one.deputy_id == g.person.id}:
        abort(404)
    end_deputy(db.session(), absence_id)
    ask_for_refresh(db.session())
    db.session.commit()
    flash(_("You no longer act for this colleague."), "good")
    return make_response(redirect(url_for("desk.absence")))
