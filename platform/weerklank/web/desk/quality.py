"""The register with its export, striking a text in it, and where the procedure is made known."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, g, make_response, render_template, request, url_for
from flask_babel import gettext as _

from weerklank.cases.labels import label_of
from weerklank.cases.walls import reader
from weerklank.identity.people import names
from weerklank.kernel.database import db
from weerklank.learning import log
from weerklank.learning import register as rules
from weerklank.learning.export import as_csv, fact_cell, register_rows
from weerklank.learning.gather import walls_of
from weerklank.learning.labels import code_title
from weerklank.learning.place import Place
from weerklank.learning.tasks import checked, is_published
from weerklank.policy.reporting import IN_WORDS
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.answers import read_day
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import Trouble, today
from weerklank.web.desk.learning import LONGEST_LINE, LONGEST_TEXT, finish, here, here_to_read, titles
from weerklank.web.downloads import attachment
from weerklank.web.forms import Form, day_fields
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import parts


@blueprint.get("/quality")
@access(Access.STAFF)
def quality() -> str:
    """The register, as far as this reader may see the complaints in it."""
    place = here()
    looks = reader(db.session(), g.tenant.id, g.person.id, today())
    found, more = rules.page(place, looks, request.args.get("after", "")[:40])
    facts = rules.facts_of(place.world.policy)
    language, keeping = texts.language(), place.world.policy.keeping
    return render_template(
        "desk/quality.html",
        lines=found,
        more=more,
        facts=facts,
        worded=[name for name in facts if place.world.policy.facts[name].type in IN_WORDS],
        cell=lambda line, fact: fact_cell(place, line, fact, language),
        channel=lambda code: code_title(place.world.policy, "channels", code, language),
        may_strike=g.person.id in place.holders(keeping.struck_by),
        says=keeping.register.in_(language) if keeping.register else "",
        **titles(place),
    )


@blueprint.get("/quality/register.csv")
@access(Access.STAFF)
def export_register() -> Response:
    """All lines this reader may see, for a spreadsheet. A copy may lag; what he is kept out of by now never leaves."""
    place, looks = here_to_read(), reader(db.session(), g.tenant.id, g.person.id, today())
    kept_out = walls_of(here(), g.person.id)
    lines, _more = rules.page(place, looks, most=None)
    rows = register_rows(place, [line for line in lines if line.case_id not in kept_out], texts.language())
    return attachment(f"register-{today().isoformat()}.csv", "text/csv", as_csv(rows))


@blueprint.get("/quality/strike")
@access(Access.STAFF)
def strike_text() -> str:
    """The form to take a text out of the register."""
    return show_strike(here(), Form(request.args))


def show_strike(place: Place, form: Form, trouble: Trouble | None = None) -> str:
    return render_template("desk/strike.html", form=form, trouble=trouble, facts=worded(place))


def worded(place: Place) -> list[tuple[str, str]]:
    """The facts in words of the register and the reports."""
    policy = place.world.policy
    used = {*rules.facts_of(policy), *(part for one in policy.reports.values() for name in one.contains
                                      for part in name.split(" per "))}  # fmt: skip
    return [(name, label_of(policy.facts, name, texts.language())) for name, fact in policy.facts.items()
            if name in used and fact.type in IN_WORDS]  # fmt: skip


@blueprint.post("/quality/strike")
@limiter.limit(FORM)
@access(Access.STAFF)
def strike_of_case() -> Response:
    """A text of a complaint leaves the register and the reports; the file keeps it."""
    place, form = here(), Form(request.form)
    reference = form.text("reference", most=40, required=_("Fill in the reference."))
    fact = form.choice("fact", [name for name, _label in worded(place)], required=_("Choose which text."))
    reason = form.text("reason", most=LONGEST_LINE, lines=True, required=_("Give a reason."))
    if form.errors:
        return make_response(show_strike(place, form), 422)
    return finish(
        lambda: log.strike_fact(place, g.person.id, reference, fact or "", reason),
        _("The text was struck."),
        url_for("desk.quality"),
        lambda trouble: show_strike(here(), form, trouble),
    )


@blueprint.post("/quality/entries/<uuid:entry_id>/strike")
@limiter.limit(FORM)
@access(Access.STAFF)
def strike_entry(entry_id: UUID) -> Response:
    """The words of something that was registered leave the register."""
    place, form = here(), Form(request.form)
    reason = form.text("reason", most=LONGEST_LINE, lines=True)
    return finish(
        lambda: log.strike(place, g.person.id, entry_id, reason),
        _("The text was struck."),
        url_for("desk.learning"),
        lambda trouble: show_strike(here(), form, trouble),
    )


@blueprint.get("/publication")
@access(Access.STAFF)
def publication() -> str:
    """Where the procedure is made known, who looked there since the version in force, and who was told."""
    return show_publication(here(), Form(day_fields("day", today())))


def show_publication(place: Place, form: Form, trouble: Trouble | None = None) -> str:
    policy, seen = place.world.policy, checked(place)
    link = url_for("portal.procedure", _external=True)
    moments = {name: log.entries(place, f"publication.{name}") for name in policy.publication if is_mine(place, name)}
    people = {entry.by_id for entry in seen.values() if entry.by_id}
    people |= {entry.by for entries in moments.values() for entry in entries if entry.by}
    return render_template(
        "desk/publication.html",
        places=[(name, one, seen.get(name), is_mine(place, name), snippet(one, link))
                for name, one in policy.publication.items() if one.where in log.PLACES],
        moments=[(name, policy.publication[name], entries) for name, entries in moments.items()
                 if policy.publication[name].where == "moment"],
        published=is_published(place),
        version=place.version,
        label=lambda name: label_of(policy.publication, name, texts.language()),
        names=names(db.session(), parts().keyring, g.tenant.id, people),
        form=form,
        trouble=trouble,
        today=today(),
    )  # fmt: skip


def is_mine(place: Place, name: str) -> bool:
    """Whether it is for whoever is logged in to look there."""
    one = place.world.policy.publication[name]
    return g.person.id in place.holders(one.by) if one.by else bool(g.manages)


def snippet(one: object, link: str) -> str:
    """The words to copy, with the address of the page that always holds the procedure in force."""
    text = getattr(one, "text", None)
    return text.in_(texts.language()).replace("{link}", link) if text else link


@blueprint.post("/publication/<key>/<any(check,announce,tell):step>")
@limiter.limit(FORM)
@access(Access.STAFF)
def make_known(key: str, step: str) -> Response:
    """Somebody looked at a place, is to be told, or was told."""
    place, form = here(), Form(request.form)
    text = form.text("text", most=LONGEST_TEXT, lines=True)
    day = read_day(form, "day") or today()
    waiting = [one.id for one in log.entries(place, f"publication.{key}") if one.kind == log.EXPECTED]
    entry = form.id("entry", waiting)
    if form.errors:
        return make_response(show_publication(place, form), 422)
    steps: dict[str, Callable[[], object]] = {
        "check": lambda: log.check(place, g.person.id, key),
        "announce": lambda: log.expect(place, g.person.id, key, text),
        "tell": lambda: log.tell(place, g.person.id, key, day, text, entry),
    }
    back = url_for("desk.publication")
    return finish(steps[step], _("It is noted."), back, lambda trouble: show_publication(here(), form, trouble))

