"""Doing a step of the procedure: what it asks is read, the rules judge it, and what they say is shown at the form."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.sign import Sign
from weerklank.cases.actions.verb import Action
from weerklank.cases.doors import UploadedFile
from weerklank.cases.labels import AskedFact
from weerklank.cases.offering import OfferView
from weerklank.cases.view import CaseView, GlimpseView
from weerklank.policy.model import Does, FactType
from weerklank.policy.refusals import Refusal
from weerklank.web.access import Access, access
from weerklank.web.answers import fields_of, read_day, read_facts
from weerklank.web.desk import blueprint
from weerklank.web.desk.check import save_checked, to_change
from weerklank.web.desk.here import Trouble, colleagues, look, seen
from weerklank.web.desk.merge import merged, sides
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.uploads import takes_files

LONGEST_TEXT = 20_000
LONGEST_REASON = 2_000

View = CaseView | GlimpseView


@blueprint.get("/cases/<uuid:case_id>/steps/<step>")
@access(Access.STAFF)
def step(case_id: UUID, step: str) -> AnyResponse | str:
    """The form of one step, beside what the case says."""
    view = look(case_id)
    offer = offer_of(view, step)
    if offer is None:
        flash(_("This step is not open to you now."), "warn")
        return redirect(url_for("desk.case", case_id=case_id))
    return show(view, offer, Form())


@blueprint.post("/cases/<uuid:case_id>/steps/<step>")
@takes_files
@limiter.limit(FORM)
@access(Access.STAFF)
def do_step(case_id: UUID, step: str) -> Response:
    """A step is done."""
    view, form = look(case_id), merged(Form(request.form))
    offer = offer_of(view, step)
    if offer is None:
        return make_response(overtaken(view, form, step), 409)
    if to_change(form):
        return make_response(show(view, offer, form))
    action, files = read_action(form, offer)
    if form.errors:
        return make_response(show(view, offer, form), 422)
    return save_checked(
        case_id, action, seen(form), files, form, _("Done: %(step)s.", step=offer.label),
        lambda trouble: show_again(case_id, step, form, trouble), offer.label,
    )  # fmt: skip


def offer_of(view: View, step: str) -> OfferView | None:
    return next((offer for offer in view.offers if offer.step == step), None)


def needs_people(offers: tuple[OfferView, ...]) -> list[tuple[UUID, str]]:
    """The people these forms let one choose from; nobody is looked up when none asks for a person."""
    asked = any(fact.type is FactType.PERSON for offer in offers for fact in offer.facts)
    return colleagues() if asked else []


def read_action(form: Form, offer: OfferView) -> tuple[Action, list[UploadedFile]]:
    """What was filled in, as the engine takes it, and files that were asked for. Fields are led by the step's name."""
    name = offer.step
    outcomes = [way.outcome for way in offer.ways]
    outcome = outcomes[0]
    if len(outcomes) > 1:
        outcome = form.choice(f"{name}-outcome", outcomes, required=_("Choose an outcome.")) or ""
    if offer.does is Does.SIGN and outcome == outcomes[0]:
        return Sign(name), []
    fields = fields_of(name, offer.facts_of(outcome))
    given = read_facts(form, fields, [person for person, called in needs_people((offer,))])
    action = Complete(
        step=name,
        outcome=outcome,
        facts=given.facts,
        texts=given.texts,
        text=form.text(f"{name}-text", most=LONGEST_TEXT, lines=True),
        on=read_day(form, f"{name}-on"),
        persons=read_chosen(form, offer),
        reason=form.text(f"{name}-reason", most=LONGEST_REASON, lines=True),
    )
    return action, given.files


def read_chosen(form: Form, offer: OfferView) -> tuple[UUID, ...]:
    """Who was chosen to handle, or to be appointed: one of a list, or several where boxes are ticked."""
    given = form.choices(f"{offer.step}-person", ["", *(str(one.person_id) for one in offer.choice)])
    return tuple(UUID(each) for each in given if each)


def show(view: View, offer: OfferView, form: Form, trouble: Trouble | None = None) -> str:
    """The page of one step."""
    if trouble and trouble.refusal:
        tell_at_fields(form, offer, trouble.refusal)
    return render_template(
        "desk/step.html", view=view, offer=offer, form=form, trouble=trouble, people=needs_people((offer,)),
        since=since(view, form), full=isinstance(view, CaseView),
        sides=sides(view, form, asked_in(offer)) if trouble and not trouble.refusal else [],
    )  # fmt: skip


def tell_at_fields(form: Form, offer: OfferView, refusal: Refusal) -> None:
    """What a rule wants to have first is said at its field too, and the summary leads there."""
    asked = {each.name: field for field, each in asked_in(offer).items()}
    for name in refusal.lacks:
        if name == "text" and offer.writes:
            form.fail(f"{offer.step}-text", _("Write what the message has to say."))
        elif name in asked:
            form.fail(asked[name], _("Fill in first: %(what)s", what=asked_in(offer)[asked[name]].label))


def asked_in(offer: OfferView) -> dict[str, AskedFact]:
    """Everything this step can ask, by field, whichever way it ends."""
    return fields_of(offer.step, (*offer.asks, *offer.offers, *(each for way in offer.ways for each in way.asks)))


def show_again(case_id: UUID, step: str, form: Form, trouble: Trouble) -> str:
    """The form with what was typed, beside the case as it is now."""
    view = look(case_id)
    offer = offer_of(view, step)
    return show(view, offer, form, trouble) if offer else overtaken(view, form, step)


def since(view: View, form: Form) -> list[object]:
    """What happened after the page was opened that the form was filled in on."""
    if not form.value("seq") or not isinstance(view, CaseView):
        return []
    return [entry for entry in view.timeline if entry.seq > seen(form)]


def overtaken(view: View, form: Form, step: str) -> str:
    """The step is no longer open to this person: what happened, and the words he wrote, so that none is lost."""
    typed = [value for name, value in form.typed.items(multi=True) if name.startswith(f"{step}-") and len(value) > 20]
    return render_template("desk/overtaken.html", view=view, typed=typed, since=since(view, form))
