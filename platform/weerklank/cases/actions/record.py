"""Record: facts are filled in or put right outside a step, and notes and files are added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from weerklank.cases.actions.verb import doers, has_part, may_act_as
from weerklank.policy.case import Case, Value
from weerklank.policy.events import Actor, ActorKind, Event, Kind
from weerklank.policy.facts import take_in
from weerklank.policy.refusals import Refusal
from weerklank.policy.restrictions import closes_page
from weerklank.policy.world import World


@dataclass(frozen=True)
class Record:
    """Filling in facts: coded values, and words or typed names."""

    facts: Mapping[str, Value] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """Anybody with a part in the case records; the earlier value stays in the trail."""
        refusal = has_part(world, case, actor, "platform.record")
        if refusal:
            return refusal
        event = take_in(world, self.facts, self.texts, actor, now)
        if event is None:
            return Refusal("missing_fact", "platform.record", (), {"facts": "-"})
        return event if isinstance(event, Refusal) else [event]


@dataclass(frozen=True)
class Note:
    """A note for those who handle; the complainant never sees it. `step`: an open step that it belongs to."""

    text: str
    step: str = ""

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The note, sealed."""
        if not self.text.strip():
            return Refusal("missing_text", "platform.note")
        if self.step and self.step not in case.open:
            return Refusal("not_open", f"steps.{self.step}")
        doing = doers(world.policy.steps[self.step]) if self.step else ()
        refusal = may_act_as(world, case, actor, doing, f"steps.{self.step}") if doing else None
        refusal = refusal or (None if doing else has_part(world, case, actor, "platform.note"))
        return refusal or [Event(Kind.NOTED, now, actor, within(self.step), {"text": self.text.strip()})]


def within(step: str) -> dict[str, str]:
    """What an event says of the step it belongs to: whoever may see that may see this."""
    return {"step": step} if step else {}


@dataclass(frozen=True)
class JoinMail:
    """Somebody says that a mail which came in is about this case: its words, with from whom and about what."""

    text: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """Anybody with a part in the case; an address that seems to be the complainant's proves nothing."""
        refusal = has_part(world, case, actor, "platform.mail")
        return refusal or [Event(Kind.MAIL_JOINED, now, actor, {}, {"text": self.text.strip()})]


def restricted(world: World, case: Case, now: datetime) -> Refusal | None:
    """Why the complainant cannot add anything by his page today."""
    name = closes_page(world, case, world.day_of(now))
    source = world.policy.restrictions[name].source if name else ()
    return Refusal("restricted", f"restrictions.{name}", source) if name else None


@dataclass(frozen=True)
class AddFile:
    """A file was stored and joins the case; its name is sealed.

    `fact` is the question it answers, `step` the step it comes along with: whoever does that may add it.
    """

    file: UUID
    name: str
    fact: str = ""
    step: str = ""

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The complainant may add files while the case is open, people with a part always."""
        data = {"file": str(self.file), **({"fact": self.fact} if self.fact else {}), **within(self.step)}
        return self._refused(world, case, actor, now) or [Event(Kind.FILE_ADDED, now, actor, data, {"name": self.name})]

    def _refused(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | None:
        if self.step in case.open:
            return may_act_as(world, case, actor, doers(world.policy.steps[self.step]), f"steps.{self.step}")
        if actor.kind is ActorKind.COMPLAINANT:
            closed = Refusal("already_closed", "platform.file") if case.is_closed else None
            return closed or restricted(world, case, now)
        return has_part(world, case, actor, "platform.file")


@dataclass(frozen=True)
class AddInformation:
    """The complainant adds something in words, asked or unasked."""

    text: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """What was added; an open request for completion is answered by it."""
        if case.is_closed:
            return Refusal("already_closed", "platform.information")
        if not self.text.strip():
            return Refusal("missing_text", "platform.information")
        refusal = restricted(world, case, now)
        if refusal:
            return refusal
        added = Event(Kind.INFORMATION_ADDED, now, actor, {}, {"text": self.text.strip()})
        waiting = len(case.asked_on) > len(case.completed_on)
        return [added, Event(Kind.COMPLETED, now, actor)] if waiting else [added]
