"""The organisations of this platform: their state, and the moves an operator can make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from flask import abort, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases.labels import label_of
from weerklank.identity.model import Operator
from weerklank.identity.people import directory, vacancies
from weerklank.kernel.database import db, open_session, tenant_scope
from weerklank.kernel.errors import Refused
from weerklank.kernel.metrics import group_of
from weerklank.policy.reader import read_policy
from weerklank.policy.world import calendar_of
from weerklank.tenancy import organisations as rules
from weerklank.tenancy.hosts import asking, drop_host, hosts_of, record_of, verify_host
from weerklank.tenancy.model import State, Tenant
from weerklank.tenancy.policies import newest, policy_of
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.console import blueprint
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now

MOST_REASON = 500
PAGE = 100


@dataclass(frozen=True)
class Move:
    """Something an operator can do with an organisation, what it changes, from which states, and why.

    `for_good`: it cannot be undone, so that the organisation's short name is typed once more.
    """

    label: LazyString
    told: LazyString
    done: LazyString
    states: tuple[State, ...]
    carry_out: Callable[[Tenant, str], None]
    reason: LazyString | None = None
    for_good: bool = False


MOVES = {
    "approve": Move(
        lazy_gettext("Approve"),
        lazy_gettext("The trial begins: its people can log in and complaints can come in."),
        lazy_gettext("Approved: the trial begins."),
        (State.PENDING,),
        lambda tenant, _reason: rules.approve(db.session(), tenant, g.operator.id, now()),
    ),
    "activate": Move(
        lazy_gettext("Make live"),
        lazy_gettext("The trial is over and the procedure counts. Not while a question is open or a post is vacant."),
        lazy_gettext("The organisation is live."),
        (State.TRIAL,),
        lambda tenant, _reason: rules.activate(db.session(), tenant, g.operator.id, now(), **in_the_way(tenant)),
    ),
    "suspend": Move(
        lazy_gettext("Suspend"),
        lazy_gettext("No complaint can be made any more. Open cases, their terms and status pages go on."),
        lazy_gettext("Suspended. Terms and status pages go on."),
        (State.TRIAL, State.ACTIVE),
        lambda tenant, reason: rules.suspend(db.session(), tenant, g.operator.id, reason, now()),
        reason=lazy_gettext("Reason to suspend"),
    ),
    "resume": Move(
        lazy_gettext("Resume"),
        lazy_gettext("Complaints can be made again."),
        lazy_gettext("Resumed."),
        (State.SUSPENDED,),
        lambda tenant, _reason: rules.resume(db.session(), tenant, g.operator.id, now()),
    ),
    "end": Move(
        lazy_gettext("End"),
        lazy_gettext("There is no way back: nobody can log in any more and no complaint can be made."),
        lazy_gettext("Ended. Status pages can still be read."),
        (State.PENDING, State.TRIAL, State.ACTIVE, State.SUSPENDED),
        lambda tenant, reason: rules.end(db.session(), tenant, g.operator.id, reason, now()),
        reason=lazy_gettext("Reason to end"),
        for_good=True,
    ),
}


class InTheWay(TypedDict):
    """What keeps an organisation from going live."""

    questions: int
    vacant: list[str]


def in_the_way(tenant: Tenant) -> InTheWay:
    """How many questions the newest policy leaves open, and its posts that nobody holds today.

    The policy is read in the organisation's own scope; it is public.
    """
    with open_session(db.engine) as session, tenant_scope(session, tenant.id):
        version = newest(session, tenant.id)
        if version is None:
            return {"questions": 1, "vacant": []}
        policy = policy_of(version)
        people = directory(session, tenant.id, calendar_of(policy.calendar).day_of(now()))
        vacant = [label_of(policy.roles, name, texts.language()) for name in vacancies(policy, people)]
        return {"questions": len(read_policy(version.text, name="policy.yaml").open), "vacant": vacant}


@blueprint.get("/")
@access(Access.OPERATOR)
def organisations() -> str:
    """Every organisation with its state, or those in one state."""
    state = request.args.get("state", "")
    if state and state not in tuple(State):
        abort(404)
    return listed(state, Form())


@blueprint.post("/")
@limiter.limit(FORM)
@access(Access.OPERATOR)
def find_organisation() -> str:
    """Those in whose name these words stand; sent, because an organisation may bear a person's name."""
    return listed("", Form(request.form))


def listed(state: str, form: Form) -> str:
    """A page of the list: first what waits for an operator, then by name."""
    everybody, asks = rules.all_organisations(db.session()), asking(db.session())
    words = form.value("name").strip().casefold()
    found = [one for one in everybody if state in ("", one.state) and words in f"{one.name} {one.slug}".casefold()]
    found.sort(key=lambda one: one.state != State.PENDING and one.id not in asks)
    page = request.args.get("page", 1, type=int)
    if not 1 <= page <= max(1, -(-len(found) // PAGE)):
        abort(404)
    return render_template(
        "console/organisations.html",
        form=form,
        organisations=found[(page - 1) * PAGE : page * PAGE],
        total=len(found),
        page=page,
        most=PAGE,
        counts=Counter(one.state for one in everybody),
        everybody=len(everybody),
        state=state,
        asking=asks,
    )


@blueprint.get("/organisations/<slug>")
@access(Access.OPERATOR)
def organisation(slug: str) -> str:
    """One organisation: what it gave when it signed up, what happened to it, what can be done."""
    return show(rules.find_by_slug(db.session(), slug), Form())


def show(tenant: Tenant, form: Form) -> str:
    operators = {one.id: one.username for one in db.session().scalars(select(Operator))}
    return render_template(
        "console/organisation.html",
        tenant=tenant,
        form=form,
        history=rules.history(db.session(), tenant),
        hosts=[(host, *record_of(host)) for host in hosts_of(db.session(), tenant.id)],
        operators=operators,
        group=group_of(tenant.id),
        moves={name: move for name, move in MOVES.items() if tenant.state in move.states},
    )


@blueprint.post(f"/organisations/<slug>/<any({', '.join(MOVES)}):name>")
@limiter.limit(FORM)
@access(Access.OPERATOR)
def move(slug: str, name: str) -> AnyResponse | str:
    """Make a move; what stands in the way is said."""
    chosen, form = MOVES[name], Form(request.form)
    tenant = rules.find_by_slug(db.session(), slug)
    field = f"reason-{name}"
    reason = form.text(field, most=MOST_REASON, required=_("Give a reason.")) if chosen.reason else ""
    if chosen.for_good and form.value(f"sure-{name}") != slug:
        form.fail(f"sure-{name}", _("Type %(slug)s to confirm: there is no way back.", slug=slug))
    if not form.errors:
        try:
            chosen.carry_out(tenant, reason)
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            beside = field if chosen.reason and tenant.state in chosen.states else ""
            form.fail(beside, texts.refused(refused.code, refused.values))
    if form.errors:
        return make_response(show(tenant, form), 422)
    flash(str(chosen.done))
    return redirect(url_for("console.organisation", slug=slug))


@blueprint.post("/organisations/<slug>/hosts/<any(verify, drop):name>")
@limiter.limit(FORM)
@access(Access.OPERATOR)
def host(slug: str, name: str) -> AnyResponse | str:
    """A host name of the organisation: the operator saw its record, or takes the name away."""
    tenant, form = rules.find_by_slug(db.session(), slug), Form(request.form)
    try:
        if name == "verify":
            verify_host(db.session(), tenant, form.value("host"), now())
        else:
            drop_host(db.session(), tenant, form.value("host"))
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        form.fail("", texts.refused(refused.code, refused.values))
        return make_response(show(tenant, form), 422)
    flash(_("The name leads there now.") if name == "verify" else _("The name leads there no more."))
    return redirect(url_for("console.organisation", slug=slug))
