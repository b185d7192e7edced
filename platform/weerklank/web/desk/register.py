"""Registering a complaint that came by letter, mail, telephone or at the counter, with the day it really arrived."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from flask import Response, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases.act import Refused as RefusedByPolicy
from weerklank.cases.act import open_case
from weerklank.cases.alike import Alike, alike
from weerklank.cases.doors import Intake, Received, receive_complaint, received_before
from weerklank.cases.labels import AskedFact, asked_fact, label_of
from weerklank.cases.view import CaseView
from weerklank.cases.walls import reader
from weerklank.documents.sorts import MOST_BYTES, MOST_FILES_AT_ONCE, allowed_endings
from weerklank.kernel.database import db
from weerklank.kernel.errors import Conflict, NotFound, Refused
from weerklank.kernel.ids import new_id
from weerklank.policy.facts import EARLIEST
from weerklank.policy.model import Asked, ChannelKind, ChannelState, Does, FactType, Policy
from weerklank.policy.people import People
from weerklank.policy.roles import is_walled
from weerklank.policy.world import World
from weerklank.tenancy.model import Tenant
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.answers import LONGEST_ADDRESS, fields_of, read_facts, read_party, read_person
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import Trouble, actor, colleagues, look, policy_today, today
from weerklank.web.desk.inbox import filled_in, goes_with, too_late
from weerklank.web.forms import Form, day_fields
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts
from weerklank.web.texts import LANGUAGES
from weerklank.web.uploads import takes_files, uploads

# What comes by the other sorts registers itself.
SORTS: dict[ChannelKind, LazyString] = {
    ChannelKind.POST: lazy_gettext("Letter"),
    ChannelKind.EMAIL: lazy_gettext("E-mail"),
    ChannelKind.PHONE: lazy_gettext("Telephone"),
    ChannelKind.DESK: lazy_gettext("In person"),
    ChannelKind.EXTERNAL_SITE: lazy_gettext("Another site"),
}
LONGEST_STORY = 20_000
WAYS = ("email", "post")
KEPT = "registered"  # in the form's cookie: the id of the form that was sent last from this browser, and by whom


@blueprint.get("/register")
@access(Access.STAFF)
def register() -> str:
    """The form."""
    policy = policy_today()
    blank = {"form-id": str(new_id()), **day_fields("received", today()), "tongue": tongues(policy)[0]}
    blank |= {"channel": usual_channel(policy)}
    blank |= filled_in(policy, request.args.get("mail", "")[:40])
    return show(policy, Form(blank))


def usual_channel(policy: Policy) -> str:
    """Letters are what is registered by hand most; where none comes in so, whoever registers chooses."""
    letters = (name for name, sort, label in channels(policy) if policy.channels[name].kind is ChannelKind.POST)
    return next(letters, "")


def show(policy: Policy, form: Form, trouble: Trouble | None = None, checked: Checked | None = None) -> str:
    asked = asked_facts(policy)
    first = [each for each in asked if comes_first(policy, each)]
    return render_template(
        "desk/register.html",
        form=form,
        trouble=trouble,
        channels=channels(policy),
        checked=checked,
        asked=first,
        more=[each for each in asked if each not in first],
        contact=policy.contact,
        people=colleagues(),
        tongues=[(code, LANGUAGES[code]) for code in tongues(policy)],
        most=LONGEST_STORY,
        most_files=MOST_FILES_AT_ONCE,
        most_bytes=MOST_BYTES,
        endings=allowed_endings(),
    )


def channels(policy: Policy) -> list[tuple[str, str, str]]:
    """The channels by which something can come in that somebody has to register: name, sort, what tells it apart.

    The policy's own words are meant for complainants; they stand here only where two channels are of one sort.
    """
    found = {
        name: channel.kind
        for name, channel in policy.channels.items()
        if channel.state is ChannelState.OPEN and channel.kind in SORTS
    }
    several = {kind for kind in found.values() if list(found.values()).count(kind) > 1}
    own = {name: label_of(policy.channels, name, texts.language()) for name, kind in found.items() if kind in several}
    return [(name, str(SORTS[kind]), own.get(name, "")) for name, kind in found.items()]


def asked_facts(policy: Policy) -> list[AskedFact]:
    """The facts the procedure wants to know at intake; whoever registers fills in what the letter says."""
    world = World.of(policy, People({}))
    names = (name for name, fact in policy.facts.items() if fact.at_intake is not Asked.NO)
    return [asked_fact(world, name, texts.language()) for name in names]


def comes_first(policy: Policy, asked: AskedFact) -> bool:
    """Whether a question stands open on the form: who is involved, since that puts up walls, and what is required."""
    return asked.type is FactType.PERSON or policy.facts[asked.name].at_intake is Asked.REQUIRED


def tongues(policy: Policy) -> list[str]:
    """The languages we can write to the complainant in."""
    return [code for code in policy.procedure.languages if code in LANGUAGES] or ["nl"]


@blueprint.post("/register")
@takes_files
@limiter.limit(FORM)
@access(Access.STAFF)
def take_in() -> Response:
    """A complaint is registered; the same form sent twice is one complaint."""
    policy, form = policy_today(), Form(request.form)
    intake = read(policy, form)
    if form.errors:
        return make_response(show(policy, form), 422)
    if form.value("do") == "check":
        return make_response(show(policy, form, checked=check(policy, intake)))
    tenant = db.session().get_one(Tenant, g.tenant.id)
    try:
        received = receive_complaint(db.session(), parts().engine, tenant, intake, actor(), now())
        goes_with(form, received.case_id)
    except RefusedByPolicy as refused:
        db.session.rollback()
        return make_response(show(policy, form, Trouble(refused.refusal)), 422)
    except Refused as refused:
        db.session.rollback()
        form.fail("", texts.refused(refused.code, refused.values))
        return make_response(show(policy, form), 422)
    except Conflict:
        return too_late()
    db.session.commit()
    session[KEPT] = [str(intake.dedupe), str(g.person.id)]
    return make_response(redirect(url_for("desk.registered")))


@dataclass(frozen=True)
class Checked:
    """What whoever registers is told beforehand: which cases it may be, and how many files are to be chosen again."""

    alike: tuple[Alike, ...]
    files: int


def check(policy: Policy, intake: Intake) -> Checked:
    """Nothing is wrong with the form; nothing is kept either."""
    return Checked(cases_like(policy, intake.contact, intake.story), len(intake.files))


def cases_like(policy: Policy, contact: Mapping[str, str], story: str, but: UUID | None = None) -> tuple[Alike, ...]:
    """The cases that it may be, as far as whoever is logged in may know of them."""
    mine, prefix = reader(db.session(), g.tenant.id, g.person.id, today()), g.tenant.prefix
    return alike(db.session(), parts().engine, g.tenant.id, mine, prefix, contact, story, now(), but)


def read(policy: Policy, form: Form) -> Intake:
    """What was filled in."""
    people = [person for person, called in colleagues()]
    named = [name for name, sort, label in channels(policy)]
    arrived = read_arrival(form)
    given = read_facts(form, fields_of("register", asked_facts(policy)), people)
    contact = read_contact(form)
    files = [*uploads(), *given.files]
    if len(files) > MOST_FILES_AT_ONCE:
        form.fail("file", texts.refused("too_many_files", {"most": str(MOST_FILES_AT_ONCE)}))
    return Intake(
        channel=form.choice("channel", named, required=_("Choose how the complaint came in.")) or "",
        **arrived,
        language=form.choice("tongue", tongues(policy)) or tongues(policy)[0],
        way=form.choice("way", WAYS) or ("email" if contact.get("email") else "post"),
        contact=contact,
        story=form.text("story", most=LONGEST_STORY, lines=True, required=_("Write what the complaint is about.")),
        facts=given.facts,
        texts=given.texts,
        representative=read_party(form, "helper") or None,
        helps=form.ticked("helps"),
        anonymous=form.ticked("anonymous") and policy.contact.anonymous,
        files=files,
        dedupe=form_id(form),
        received_by=read_person(form, "receiver", people),
    )


def read_arrival(form: Form) -> dict[str, Any]:
    """When it really arrived: an instant where the time is known, else a legal day."""
    needed = _("Fill in on which day the complaint arrived.")
    day = form.day("received", required=needed, earliest=EARLIEST, latest=today())
    typed = form.text("time", most=5)
    found = re.fullmatch(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])", typed)
    if typed and found is None:
        form.fail("time", _("Fill in a time such as 14:30, or leave it open."))
    if day is None or found is None:
        return {"received_on": day}
    return {"received_at": instant_of(day, found[1], found[2])}


def instant_of(day: date, hour: str, minute: str) -> datetime:
    return datetime.combine(day, time(int(hour), int(minute)), texts.zone())


def read_contact(form: Form) -> dict[str, str]:
    """How the complainant can be reached, as far as it is known."""
    needed = _("Fill in a name; write “unknown” if there is none.")
    given = {
        "name": form.text("name", required=None if form.ticked("anonymous") else needed),
        "email": form.email("email"),
        "phone": form.phone("phone"),
        "address": form.text("address", most=LONGEST_ADDRESS, lines=True),
    }
    return {name: value for name, value in given.items() if value}


def form_id(form: Form) -> UUID:
    """The form's own id; a form without a readable one counts as a new one."""
    try:
        return UUID(form.value("form-id"))
    except ValueError:
        return new_id()


@blueprint.get("/registered")
@access(Access.STAFF)
def registered() -> AnyResponse | str:
    """The reference and the code for the complainant, for whoever has just registered it.

    The code opens the complainant's own page: nobody else at this browser gets it, nor whom the complaint is about.
    """
    received = last_registered()
    if received is None:
        return redirect(url_for("desk.register"))
    policy, view = policy_today(), seen_now(received.case_id)
    return render_template(
        "desk/registered.html",
        received=received,
        view=view,
        alike=cases_like(policy, view.contact, view.story, received.case_id) if view else (),
        letters=[each for each in view.messages if each.complainant and each.state == "printed"] if view else [],
        sends=[each for each in view.offers if each.does is Does.SEND and not each.blocked] if view else [],
    )


def seen_now(case_id: UUID) -> CaseView | None:
    """The case, for who sees it in full: somebody who registers for another may have no part in it."""
    try:
        view = look(case_id)
    except NotFound:
        return None
    return view if isinstance(view, CaseView) else None


def last_registered() -> Received | None:
    try:
        kept, by = session.get(KEPT, ())
        received = received_before(db.session(), parts().engine, g.tenant.id, UUID(kept))
    except (ValueError, TypeError, AttributeError):
        return None
    mine = received is not None and by == str(g.person.id) and not is_kept_out(received.case_id)
    return received if mine else None


def is_kept_out(case_id: UUID) -> bool:
    """Whether whoever is logged in is involved in what the complaint is about."""
    return is_walled(open_case(db.session(), g.tenant.id, case_id, now()).case, g.person.id)
