"""Searching by words. What is looked for may be a name, so that it is posted and never part of an address."""

from __future__ import annotations

from uuid import UUID

from flask import g, render_template, request
from flask_babel import gettext as _

from weerklank.cases.narrowing import Narrowed
from weerklank.cases.search.find import Found, find
from weerklank.cases.search.words import question_of
from weerklank.identity.people import chart
from weerklank.kernel.database import db
from weerklank.policy.model import Phase, Policy
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.archive import place
from weerklank.web.desk.here import phase_name, today
from weerklank.web.desk.worklist import label, me
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts

LONGEST_QUESTION = 200


@blueprint.get("/search")
@access(Access.STAFF)
def search() -> str:
    """The page on which words are asked for."""
    _mine, policy = me()
    return shown(Form(), policy)


@blueprint.post("/search")
@limiter.limit(FORM)
@access(Access.STAFF)
def look_up() -> str | tuple[str, int]:
    """What is found, ten at a time; the next ten are asked for by the same form."""
    mine, policy = me()
    form = Form(request.form)
    question = question_of(form.text("words", most=LONGEST_QUESTION, required=_("Type what you look for.")))
    if not form.errors and not question.things:
        form.fail("words", _("These words are too short, or stand in nearly every text. Use others, or a name."))
    narrowed = narrowed_by(form, policy)
    if form.errors:
        return shown(form, policy), 422
    after = place(form.value("after"))
    return shown(form, policy, find(db.session(), parts().engine, g.tenant.id, mine, question, narrowed, now(), after))


def narrowed_by(form: Form, policy: Policy) -> Narrowed:
    """What of the form is not words."""
    state = form.choice("state", ("open", "closed"))
    handler = form.id("handler", colleagues())
    return Narrowed(
        handlers=(handler,) if handler else (),
        phase=form.choice("phase", list(Phase)) or "",
        channel=form.choice("channel", policy.channels) or "",
        received_from=form.day("from", latest=today()),
        received_to=form.day("to"),
        open=None if state is None else state == "open",
    )


def shown(form: Form, policy: Policy, found: Found | None = None) -> str:
    """The form, and below it what was found."""
    return render_template(
        "desk/search.html",
        form=form,
        found=found,
        narrowed=any(value for name, value in form.typed.items() if name not in ("csrf_token", "after", "words")),
        phases=[(phase.value, phase_name(phase.value)) for phase in Phase],
        channels=[(name, label(policy.channels, name)) for name in policy.channels],
        handlers=sorted(((str(one), name) for one, name in colleagues().items()), key=lambda each: each[1]),
        phase_name=phase_name,
    )


def colleagues() -> dict[UUID, str]:
    """Who works here today, by name."""
    found = chart(db.session(), g.tenant.id, today())
    return found.names(parts().keyring, g.tenant.id, found.people.persons)
