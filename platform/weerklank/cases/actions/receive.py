"""Receive: a complaint arrives, by whatever channel, and the case begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import Any
from uuid import UUID

from weerklank.cases.actions.parties import represented_refused, several_refused, way_by
from weerklank.policy.case import Case, Value, apply
from weerklank.policy.conditions import holds
from weerklank.policy.events import Actor, ActorKind, Event, Kind
from weerklank.policy.facts import labels, take_in
from weerklank.policy.model import Asked, Channel, ChannelState, Contact, Form, Particulars
from weerklank.policy.parties import PAGE, POST
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import present
from weerklank.policy.world import World

CONTACT = ("name", "email", "phone", "address")


@dataclass(frozen=True)
class Receive:
    """What arrived. `received_at` is the instant it really arrived (aware), which may lie in the past.

    `contact`, `story` and `representative` are words and are sealed; `received_by` is the employee who first had it.
    `language` is that of our letters, `wrote_in` the one he wrote in, if another.
    The representative acts for the complainant, or only helps (`helps`); `others` complain together with him.
    """

    channel: str
    received_at: datetime
    contact: Mapping[str, str]
    story: str = ""
    received_by: UUID | None = None
    language: str = "nl"
    wrote_in: str = ""
    way: str = "email"
    facts: Mapping[str, Value] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    representative: Mapping[str, str] | None = None
    helps: bool = False
    anonymous: bool = False
    others: Sequence[Mapping[str, str]] = ()

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The first events of a case. A complainant must give what is required; for an employee it may come later."""
        channel = world.policy.channels.get(self.channel)
        facts = take_in(world, self.facts, self.texts, actor, now)
        if isinstance(facts, Refusal):
            return facts
        refusal = self._may_arrive(channel, now) or self._may_complain(world)
        if refusal or channel is None:
            return refusal or Refusal("unknown_channel", "channels")
        events = [self._received(world, case, channel, actor, now), *([facts] if facts else [])]
        return self._is_complete(world, reduce(apply, events, case), actor) or events

    def _may_arrive(self, channel: Channel | None, now: datetime) -> Refusal | None:
        if channel is None:
            return Refusal("unknown_channel", "channels")
        if channel.state is not ChannelState.OPEN:
            return Refusal("channel_shut", f"channels.{self.channel}.state", channel.source, said=channel.notice)
        return Refusal("received_in_future", "platform.receive") if self.received_at > now else None

    def _may_complain(self, world: World) -> Refusal | None:
        contact = world.policy.contact
        if self.anonymous and not contact.anonymous:
            return Refusal("not_anonymous", "contact.anonymous", contact.source)
        return several_refused(world, self.others) or represented_refused(world, self.representative or {}, self.helps)

    def _is_complete(self, world: World, case: Case, actor: Actor) -> Refusal | None:
        """A complainant gives all that is required; of whoever tells it, what the policy asks then."""
        by_himself, oral = actor.kind is ActorKind.COMPLAINANT, world.policy.contact.oral
        asked = oral if oral and case.form is Form.ORAL else world.policy.contact
        lacking = self._lacking_contact(asked) if by_himself or asked is oral else []
        if by_himself:
            lacking += [] if self.story.strip() else ["story"]
            lacking += self._lacking_facts(world, case)
        if not lacking:
            return None
        rule = "contact.oral" if asked is oral else "contact"
        return Refusal("missing_fact", rule, asked.source, {"facts": labels(world, lacking)})

    def _lacking_contact(self, asked: Particulars) -> list[str]:
        if self.anonymous:
            return []
        wanted = [name for name in CONTACT if getattr(asked, name) is Asked.REQUIRED]
        wanted += ["address"] if self.way == POST else []
        lacking = [name for name in wanted if not self.contact.get(name, "").strip()]
        reached = not asked.one_of or any(self.contact.get(name, "").strip() for name in asked.one_of)
        return list(dict.fromkeys([*lacking, *(() if reached or isinstance(asked, Contact) else asked.one_of)]))

    def _lacking_facts(self, world: World, case: Case) -> list[str]:
        return [
            name
            for name, fact in world.policy.facts.items()
            if fact.at_intake is Asked.REQUIRED and not (fact.unknown or self._gives(name))
            if holds(world, case, fact.when)
        ]

    def _gives(self, name: str) -> bool:
        return self.facts.get(name) not in (None, "", ()) or bool(self.texts.get(name, "").strip())

    def _received(self, world: World, case: Case, channel: Channel, actor: Actor, now: datetime) -> Event:
        receivers = present(world, case, channel.to) if channel.to else ()
        receiver = self.received_by or actor.id or next(iter(receivers), None)
        data: dict[str, Any] = {
            "channel": self.channel,
            "form": channel.form.value,
            "language": self.language,
            "way": PAGE if self.anonymous else self.way,
            "at": self.received_at.isoformat(),
            "received_by": str(receiver) if receiver else None,
        }
        acting = self.representative if self.representative and not self.helps else None
        data |= {"wrote_in": self.wrote_in} if self.wrote_in not in ("", self.language) else {}
        data |= {"anonymous": True} if self.anonymous else {}
        data |= {"represented": way_by(acting)} if acting else {}
        data |= {"others": [way_by(who) for who in self.others]} if self.others else {}
        words = {
            "contact": {} if self.anonymous else dict(self.contact),
            "story": self.story,
            "representative": self.representative,
            "others": [dict(who) for who in self.others],
        }
        return Event(Kind.RECEIVED, now, actor, data, {name: value for name, value in words.items() if value})
