"""What every page of the desk needs: who acts, the legal day, names of colleagues, and how an action ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, abort, flash, g, make_response, redirect, url_for
from flask_babel import LazyString, lazy_gettext, ngettext
from flask_babel import gettext as _

from weerklank.cases import doors
from weerklank.cases.act import Acted
from weerklank.cases.act import Refused as RefusedByPolicy
from weerklank.cases.actions.verb import Action
from weerklank.cases.doors import UploadedFile
from weerklank.cases.view import CaseView, GlimpseView, case_view
from weerklank.identity import people
from weerklank.kernel.crash import crash_point
from weerklank.kernel.database import db
from weerklank.kernel.errors import Conflict, NotFound, Refused
from weerklank.policy.events import Actor, ActorKind
from weerklank.policy.model import Policy
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import is_walled
from weerklank.tenancy.policies import in_force, policy_of
from weerklank.web import texts
from weerklank.web.desk import blueprint
from weerklank.web.forms import Form
from weerklank.web.parts import now, parts
from weerklank.web.texts import HOME_ZONE

PHASES: dict[str, LazyString] = {
    "received": lazy_gettext("Received"),
    "triage": lazy_gettext("Being assessed"),
    "treatment": lazy_gettext("Being handled"),
    "decided": lazy_gettext("Decided"),
    "measures": lazy_gettext("Measures"),
    "closed": lazy_gettext("Closed"),
    "archived": lazy_gettext("Archived"),
}

T = TypeVar("T")


@dataclass(frozen=True)
class Trouble:
    """Why something was not done: a rule said no, or the case has changed since the form was opened."""

    refusal: Refusal | None = None

    @property
    def status(self) -> int:
        return 422 if self.refusal else 409


@blueprint.app_template_global()
def phase_name(phase: str) -> str:
    """What people call a phase."""
    return phases(texts.language()).get(phase, phase)


@lru_cache
def phases(language: str) -> dict[str, str]:
    """The names of all phases in the language of this request: a list asks one for each line."""
    return {phase: str(name) for phase, name in PHASES.items()}


@blueprint.app_template_global()
def how_far(day: date, today: date) -> str:
    """How far a day is from today, in words."""
    days = (day - today).days
    if days < 0:
        return str(ngettext("%(num)s day too late", "%(num)s days too late", -days))
    if days < 2:
        return str(_("tomorrow") if days else _("today"))
    return str(_("in %(num)s days", num=days))


def actor() -> Actor:
    """Whoever is logged in."""
    return Actor(ActorKind.PERSON, g.person.id)


def policy_today() -> Policy:
    """The policy in force; also sets the zone in which this page tells days. 404 while there is none."""
    try:
        policy = policy_of(in_force(db.session(), g.tenant.id, now().astimezone(ZoneInfo(HOME_ZONE)).date()))
    except NotFound:
        abort(404)
    g.zone = ZoneInfo(policy.calendar.timezone)
    return policy


def today() -> date:
    """The legal day, in the zone this page tells days in."""
    return now().astimezone(texts.zone()).date()


def look(case_id: UUID) -> CaseView | GlimpseView:
    """The case as whoever is logged in may see it; 404 if he may not know of it."""
    view = case_view(db.session(), parts().engine, g.tenant.id, case_id, g.person.id, texts.language(), now())
    if isinstance(view, CaseView):
        g.zone = view.zone
    return view


def whole(case_id: UUID) -> CaseView:
    """The case in full; 404 for who sees less of it."""
    view = look(case_id)
    return view if isinstance(view, CaseView) else abort(404)


def colleagues() -> list[tuple[UUID, str]]:
    """Everybody who works here today, by name: for fields that ask a person."""
    chart = people.chart(db.session(), g.tenant.id, today())
    named = chart.names(parts().keyring, g.tenant.id, chart.people.persons)
    return sorted(named.items(), key=lambda pair: pair[1].casefold())


def seen(form: Form) -> int:
    """How many events the page showed on which the form was filled in; none when that cannot be read."""
    typed = form.value("seq")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0


def perform(
    case_id: UUID, action: Action | Sequence[Action], since: int | None = None, files: Sequence[UploadedFile] = ()
) -> Acted:
    """Do something in a case as whoever is logged in; see `doors.perform`."""
    session, engine = db.session(), parts().engine
    return doors.perform(session, engine, g.tenant.id, case_id, action, actor(), now(), seen=since, files=files)


def carry_out(
    case_id: UUID, do: Callable[[], Acted | None], done: str, again: Callable[[Trouble], str], form: Form,
    *, away: bool = False,
) -> Response:
    """Do it and go back to the case, or to the worklist when one goes `away` from it by this.

    Else show the form `again`, with what was typed, and say why it was not done.
    """
    acted = attempt(do, again, form)
    if isinstance(acted, Response):
        return acted
    crash_point("web.before_commit")
    db.session.commit()
    crash_point("web.after_commit")
    flash(done, "good")
    if away or (acted and is_walled(acted.case, g.person.id)):
        return make_response(redirect(url_for("desk.worklist")))
    return make_response(redirect(url_for("desk.case", case_id=case_id)))


def attempt(do: Callable[[], T], again: Callable[[Trouble], str], form: Form) -> T | Response:
    """What came of it; else the form `again`, with what was typed and why it was not done."""
    try:
        return do()
    except RefusedByPolicy as refused:
        return not_done(Trouble(refused.refusal), again)
    except Refused as refused:
        form.fail("", texts.refused(refused.code, refused.values))
        return not_done(Trouble(Refusal(refused.code, "platform")), again)
    except Conflict:
        return not_done(Trouble(), again)


def not_done(trouble: Trouble, again: Callable[[Trouble], str]) -> Response:
    db.session.rollback()
    return make_response(again(trouble), trouble.status)
