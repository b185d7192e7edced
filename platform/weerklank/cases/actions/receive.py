"""Receive: a complaint arrives, by whatever channel, and the case begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import Any
from uuid import UUID

from weerklank.policy.case import Case, Value, apply
from weerklank.policy.conditions import holds
from weerklank.policy.events import Actor, ActorKind, Event, Kind
from weerklank.policy.facts import labels, take_in
from weerklank.policy.model import Asked, Channel, ChannelState
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import present
from weerklank.policy.world import World


@dataclass(frozen=True)
class Receive:
    """What arrived. `received_at` is the instant it really arrived (aware), which may lie in the past.

    `contact`, `story` and `representative` are words and are sealed; `received_by` is the employee who first had it.
    """

    channel: str
    received_at: datetime
    contact: Mapping[str, str]
    story: str = ""
    received_by: UUID | None = None
    language: str = "nl"
    way: str = "email"
    facts: Mapping[str, Value] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    representative: Mapping[str, str] | None = None

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The first events of a case. A complainant must give what is required; for an employee it may come later."""
        channel = world.policy.channels.get(self.channel)
        facts = take_in(world, self.facts, self.texts, actor, now)
        if isinstance(facts, Refusal):
            return facts
        refusal = self._may_arrive(channel, now)
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

    def _is_complete(self, world: World, case: Case, actor: Actor) -> Refusal | None:
        if actor.kind is not ActorKind.COMPLAINANT:
            return None
        contact = world.policy.contact
        wanted = [name for name in ("name", "email", "phone", "address") if getattr(contact, name) is Asked.REQUIRED]
        wanted += ["address"] if self.way == "post" else []
        lacking = [name for name in wanted if not self.contact.get(name, "").strip()]
        lacking += [] if self.story.strip() else ["story"]
        lacking += [
            name
            for name, fact in world.policy.facts.items()
            if fact.at_intake is Asked.REQUIRED and not (fact.unknown or self._gives(name))
            if holds(world, case, fact.when)
        ]
        return (
            Refusal("missing_fact", "contact", contact.source, {"facts": labels(world, lacking)}) if lacking else None
        )

    def _gives(self, name: str) -> bool:
        return self.facts.get(name) not in (None, "", ()) or bool(self.texts.get(name, "").strip())

    def _received(self, world: World, case: Case, channel: Channel, actor: Actor, now: datetime) -> Event:
        receivers = present(world, case, channel.to) if channel.to else ()
        receiver = self.received_by or actor.id or next(iter(receivers), None)
        data: dict[str, Any] = {
            "channel": self.channel,
            "form": channel.form.value,
            "language": self.language,
            "way": self.way,
            "at": self.received_at.isoformat(),
            "received_by": str(receiver) if receiver else None,
        }
        words = {"contact": dict(self.contact), "story": self.story, "representative": self.representative}
        return Event(Kind.RECEIVED, now, actor, data, {name: value for name, value in words.items() if value})
