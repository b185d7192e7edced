"""What somebody can do in a case now, as forms: what each asks, what it sends to whom, and what comes after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from weerklank.cases.actions.complete import not_to_choose
from weerklank.cases.actions.share import may_share
from weerklank.cases.actions.verb import has_part
from weerklank.cases.labels import AskedFact, asked_fact, fact_text, label_of, role_label
from weerklank.policy.apart import Reads, readable, reader_in
from weerklank.policy.assignment import Choosable, choosable
from weerklank.policy.case import Case
from weerklank.policy.conditions import facts_in
from weerklank.policy.events import Actor, ActorKind
from weerklank.policy.handing import may_hand_over
from weerklank.policy.model import Does, Message
from weerklank.policy.offers import Offer, Way, offers
from weerklank.policy.parties import LODGERS, PAGE, POST
from weerklank.policy.post import recipients, way_of
from weerklank.policy.roles import free_to_act
from weerklank.policy.world import World

# The pieces of a message that are no element of the policy.
PIECES: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "text": "wat u schrijft",
        "complaint": "de klacht",
        "measures": "de maatregelen",
        "handler": "de behandelaar",
        "due": "de laatste dag van: {}",
    },
    "en": {
        "text": "what you write",
        "complaint": "the complaint",
        "measures": "the measures",
        "handler": "the handler",
        "due": "the last day of: {}",
    },
}


@dataclass(frozen=True)
class SendView:
    """A message that goes out: to whom, and what is in it beside its fixed words. `post`: it is a letter to print."""

    label: str
    to: tuple[str, ...]
    contains: tuple[str, ...]
    post: bool


@dataclass(frozen=True)
class WayView:
    """One way to end a step: what it asks on top of the step, what it sends, and the steps that follow."""

    outcome: str
    label: str
    asks: tuple[AskedFact, ...]
    sends: tuple[SendView, ...]
    then: tuple[str, ...]
    closes: bool


@dataclass(frozen=True)
class CandidateView:
    """Somebody who may be chosen as handler; with `warning` only with a reason, because of that relation."""

    person_id: UUID
    name: str
    warning: bool


@dataclass(frozen=True)
class OfferView:
    """A step this reader may do now. `unmet` are the guards in the way, in the policy's words.

    `blocked`: nothing that is filled in here can lift them. `known` says per fact what is filled in now, `settled`
    which of those need not be given again. `choice` is who may handle when the step assigns, or be appointed as `role`,
    at least `number`; `must_choose`: the procedure leaves it to a person. `nominated_by` says who puts people forward.
    `visible` are the roles it is kept apart for; none: nobody's.
    """

    step: str
    label: str
    help: str
    does: Does
    asks: tuple[AskedFact, ...]
    offers: tuple[AskedFact, ...]
    ways: tuple[WayView, ...]
    sends: tuple[SendView, ...]
    writes: bool
    unmet: tuple[str, ...]
    blocked: bool
    source: tuple[str, ...]
    known: Mapping[str, str]
    settled: frozenset[str]
    choice: tuple[CandidateView, ...]
    must_choose: bool
    number: int
    role: str
    nominated_by: str
    visible: tuple[str, ...]

    @property
    def facts(self) -> tuple[AskedFact, ...]:
        """Every fact its form can hold, each once."""
        every = (*self.asks, *self.offers, *(asked for way in self.ways for asked in way.asks))
        return tuple({asked.name: asked for asked in every}.values())

    def facts_of(self, outcome: str) -> tuple[AskedFact, ...]:
        """The facts that go with ending it in this way."""
        other = {asked.name for way in self.ways if way.outcome != outcome for asked in way.asks}
        kept = {asked.name for way in self.ways if way.outcome == outcome for asked in way.asks}
        kept |= {asked.name for asked in (*self.asks, *self.offers)}
        return tuple(asked for asked in self.facts if asked.name not in other - kept)


def offer_views(
    world: World, case: Case, person_id: UUID, texts: Mapping[str, str], names: Mapping[UUID, str], language: str
) -> tuple[OfferView, ...]:
    """The steps this person may do now, as forms. `texts` are the facts in words, `names` of everybody concerned."""
    actor, mine = Actor(ActorKind.PERSON, person_id), reader_in(world, case, person_id)
    can = offers(world, case, actor)
    return tuple(_offer_view(world, case, offer, actor, mine, texts, names, language) for offer in can)


def people_offered(world: World, case: Case) -> frozenset[UUID]:
    """Everybody whose name the forms of this case can need."""
    assigns = (step for name in case.open if (step := world.policy.steps[name]).does is Does.ASSIGN)
    return frozenset(person for step in assigns for person in choosable(world, case, step.of).everybody)


def _offer_view(
    world: World, case: Case, offer: Offer, reader: Actor, mine: Reads, texts: Mapping[str, str],
    names: Mapping[UUID, str], language: str,
) -> OfferView:
    step = world.policy.steps[offer.step]
    ways = tuple(_way_view(world, case, offer.step, way, language) for way in offer.ways)
    needed = (*offer.asks, *(ask for way in offer.ways for ask in way.asks))
    asked = dict.fromkeys((*needed, *offer.offers))
    known = {
        name: fact_text(world, case, texts, names, name, language) for name in readable(world, case, asked, mine)
    }
    unmet = [step.guards[number] for number in offer.unmet]
    chooses = offer.does is Does.ASSIGN and not_to_choose(world, case, step, reader) is None
    choice = choosable(world, case, step.of) if chooses else Choosable((), (), False)
    messages = [name for name in (offer.message, *(name for way in offer.ways for name in way.messages)) if name]
    return OfferView(
        step=offer.step,
        label=label_of(world.policy.steps, offer.step, language),
        help=step.help.in_(language) if step.help else "",
        does=offer.does,
        asks=_asked(world, offer.asks, language),
        offers=_asked(world, [name for name in offer.offers if name not in needed], language),
        ways=ways,
        sends=tuple(_send_view(world, case, name, language) for name in (offer.message,) if name),
        writes=any(_takes_words(world.policy.messages[name]) for name in messages),
        unmet=tuple(guard.label.in_(language) if guard.label else "" for guard in unmet),
        blocked=any(asked.keys().isdisjoint(facts_in(world, guard.when)) for guard in unmet),
        source=step.source,
        known={name: value for name, value in known.items() if value},
        settled=frozenset(name for name in asked if _is_settled(case, offer.step, name)),
        choice=tuple(_candidates(choice, names)),
        must_choose=choice.must,
        number=choice.number,
        role=role_label(world, step.of, language),
        nominated_by=_nominates(world, step.of, language),
        visible=tuple(role_label(world, name, language) for name in step.visible),
    )


def _nominates(world: World, of: str | None, language: str) -> str:
    """Who puts people forward: a role by its label, or the policy's own words."""
    said = world.policy.roles[of].nominated_by if of else None
    words = said.in_(language) if said else ""
    return role_label(world, words, language) if words in world.policy.roles else words


def _takes_words(message: Message) -> bool:
    """Whether what the sender writes comes to stand in the message."""
    body = message.body
    return body is None or "text" in message.contains or any("{text}" in words for _, words in body.by_language)


def _is_settled(case: Case, step: str, fact: str) -> bool:
    """Whether a fact is known, and in a later round of a step known since that round began."""
    if not case.is_known(fact) or case.outcome_of(step) is None:
        return case.is_known(fact)
    given = case.moments.get(f"fact.{fact}", ())
    return bool(given) and given[-1] >= case.open[step]


def _way_view(world: World, case: Case, step: str, way: Way, language: str) -> WayView:
    outcomes = world.policy.steps[step].outcomes
    outcome = outcomes.get(way.outcome)
    then = outcome.then if outcome else world.policy.steps[step].then
    return WayView(
        outcome=way.outcome,
        label=label_of(outcomes, way.outcome, language),
        asks=_asked(world, way.asks, language),
        sends=tuple(_send_view(world, case, name, language) for name in way.messages),
        then=tuple(label_of(world.policy.steps, name, language) for name in then),
        closes=bool(outcome and outcome.closes) or world.policy.steps[step].does is Does.CLOSE,
    )


def _asked(world: World, facts: Iterable[str], language: str) -> tuple[AskedFact, ...]:
    return tuple(asked_fact(world, name, language) for name in facts)


def _candidates(choice: Choosable, names: Mapping[UUID, str]) -> Iterable[CandidateView]:
    free = ((names.get(person, ""), person, False) for person in choice.free)
    warned = ((names.get(person, ""), person, True) for person in choice.warned)
    for name, person, warning in sorted((*free, *warned)):
        yield CandidateView(person, name, warning)


def _send_view(world: World, case: Case, name: str, language: str) -> SendView:
    message = world.policy.messages[name]
    people = recipients(world, case, message)
    roles = dict.fromkeys(one.role for one in people)
    his = [(role, one.number) for one in people if (role := world.policy.roles[one.role]).kind in LODGERS]
    return SendView(
        label=label_of(world.policy.messages, name, language),
        to=tuple(role_label(world, role, language) for role in roles),
        contains=tuple(_piece(world, piece, language) for piece in message.contains),
        post=any(way_of(case, message, role, number) == POST for role, number in his),
    )


def _piece(world: World, piece: str, language: str) -> str:
    kind, _, name = piece.partition(".")
    words = PIECES["nl" if language == "nl" else "en"]
    if kind == "fact":
        return f"‘{label_of(world.policy.facts, name, language)}’"
    if kind == "redress":
        return world.policy.bodies[name].name if name in world.policy.bodies else name
    return words.get(kind, piece).format(label_of(world.policy.terms, name, language))


def askable(world: World, case: Case, person_id: UUID, language: str) -> tuple[AskedFact, ...]:
    """The facts this person may read, as a form asks them one by one."""
    mine = readable(world, case, world.policy.facts, reader_in(world, case, person_id))
    return tuple(asked_fact(world, name, language) for name in mine)


def verbs(world: World, case: Case, person_id: UUID) -> frozenset[str]:
    """What this person may do beside the steps: note, file, facts, involve; plan, ask, withdraw while it is open;
    answered while something is asked."""
    reader = Actor(ActorKind.PERSON, person_id)
    if has_part(world, case, reader, "platform.note"):
        return frozenset()
    if case.is_archived:
        return frozenset({"involve"})
    always = frozenset({"note", "file", "facts", "involve"})
    contact = world.policy.contact
    always |= frozenset({"code"} if case.way != PAGE else ())
    always |= frozenset({"represent"} if contact.representative != "no" and not case.is_closed else ())
    combining = world.policy.combining
    may = combining is not None and any(person_id in free_to_act(world, case, role) for role in combining.by)
    if may and combining is not None and not case.is_closed:
        known = {"link": bool(combining.links), "merge": combining.merge, "split": combining.split}
        always |= frozenset(verb for verb, there in known.items() if there)
    always |= frozenset({"hand-over"} if may_hand_over(world, case, reader) is None else ())
    always |= frozenset({"join"} if contact.several and not case.is_closed else ())
    always |= frozenset({"share"} if any(may_share(world, case, file, reader) is None for file in case.files) else ())
    asked = frozenset({"answered"} if len(case.asked_on) > len(case.completed_on) else ())
    return always | asked | (frozenset() if case.is_closed else frozenset({"plan", "ask", "withdraw"}))
