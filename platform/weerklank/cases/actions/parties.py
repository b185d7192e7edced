"""Represent and Join: who acts for the complainant changes, and somebody else complains along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from weerklank.cases.actions.verb import has_part
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.facts import labels
from weerklank.policy.parties import EMAIL, POST
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World


@dataclass(frozen=True)
class Represent:
    """Somebody acts for the complainant and gets the letters, or (`helps`) only helps; without a name: nobody does."""

    who: Mapping[str, str]
    helps: bool = False

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The change; what was sent before stays as it was."""
        refusal = has_part(world, case, actor, "platform.represent") or represented_refused(world, self.who, self.helps)
        way = way_by(self.who) if self.who and not self.helps else None
        words = {"representative": dict(self.who)} if self.who else None
        return refusal or [Event(Kind.REPRESENTED, now, actor, {"represented": way}, words)]


@dataclass(frozen=True)
class Join:
    """Somebody else complains along, with a name and an address of his own."""

    who: Mapping[str, str]

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """From now on he gets the letters too; who speaks for all stays the first."""
        if case.is_closed:
            return Refusal("already_closed", "platform.join")
        refusal = has_part(world, case, actor, "platform.join") or several_refused(world, [self.who])
        return refusal or [Event(Kind.JOINED, now, actor, {"way": way_by(self.who)}, {"contact": dict(self.who)})]


def way_by(who: Mapping[str, str]) -> str:
    """How somebody is written to: as he asked, else by e-mail where there is an address for that."""
    return who.get("way") or (EMAIL if who.get("email") else POST)


def represented_refused(world: World, who: Mapping[str, str], helps: bool) -> Refusal | None:
    """None when this person may act or help: he has a name, and who gets the letters an address."""
    contact = world.policy.contact
    if who and contact.representative == "no":
        return Refusal("not_represented", "contact.representative", contact.source)
    if not who or helps or _can_be_reached(who):
        return None if not who or who.get("name") else _nameless(world, "contact.representative")
    return Refusal("no_address", "contact.representative", contact.source)


def several_refused(world: World, others: Sequence[Mapping[str, str]]) -> Refusal | None:
    """None when these people may complain along."""
    contact = world.policy.contact
    if others and not contact.several:
        return Refusal("not_several", "contact.several", contact.source)
    for who in others:
        if not who.get("name"):
            return _nameless(world, "contact.several")
        if not _can_be_reached(who):
            return Refusal("no_address", "contact.several", contact.source)
    return None


def _can_be_reached(who: Mapping[str, str]) -> bool:
    return bool(who.get("email") or who.get("address"))


def _nameless(world: World, rule: str) -> Refusal:
    return Refusal("missing_fact", rule, world.policy.contact.source, {"facts": labels(world, ["name"])})
