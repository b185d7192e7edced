"""What has happened in a case: an event has an open part (coded) and a sealed part (words)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class ActorKind(StrEnum):
    PERSON = "person"
    COMPLAINANT = "complainant"
    PLATFORM = "platform"


@dataclass(frozen=True)
class Actor:
    """Who acts: a person of the organisation, the complainant of this case, or the platform itself."""

    kind: ActorKind
    id: UUID | None = None


PLATFORM = Actor(ActorKind.PLATFORM)
COMPLAINANT = Actor(ActorKind.COMPLAINANT)


class Kind(StrEnum):
    """Every kind of event there is."""

    RECEIVED = "received"
    REPRESENTED = "represented"
    JOINED = "joined"
    LINKED = "linked"
    UNLINKED = "unlinked"
    MERGED = "merged"
    RESTRICTED = "restricted"
    RESTRICTION_LIFTED = "restriction_lifted"
    CODE_REPLACED = "code_replaced"
    FACTS_RECORDED = "facts_recorded"
    PERSON_INVOLVED = "person_involved"
    INVOLVEMENT_ENDED = "involvement_ended"
    STEP_OPENED = "step_opened"
    STEP_DONE = "step_done"
    STEP_LAPSED = "step_lapsed"
    SIGNED = "signed"
    ASSIGNED = "assigned"
    HANDED_OVER = "handed_over"
    UNASSIGNABLE = "unassignable"
    APPOINTED = "appointed"
    UNAPPOINTABLE = "unappointable"
    SENT = "sent"
    UNSENT = "unsent"
    SHARED = "shared"
    COMPLETION_ASKED = "completion_asked"
    COMPLETED = "completed"
    INFORMATION_ADDED = "information_added"
    EXTENDED = "extended"
    AGREED = "agreed"
    LATER_ASKED = "later_asked"
    LATER_REFUSED = "later_refused"
    MEASURE_PLANNED = "measure_planned"
    MEASURE_MOVED = "measure_moved"
    MEASURE_CARRIED_OUT = "measure_carried_out"
    MEASURE_VERIFIED = "measure_verified"
    NOTED = "noted"
    TAKEN_BACK = "taken_back"
    CORRECTED = "corrected"
    FILE_ADDED = "file_added"
    FILE_SHARED = "file_shared"
    FILE_WITHHELD = "file_withheld"
    MAIL_JOINED = "mail_joined"
    DOSSIER_MADE = "dossier_made"
    REMINDED = "reminded"
    TERM_MISSED = "term_missed"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"
    RATED = "rated"
    ARCHIVED = "archived"
    DESTROYED = "destroyed"


@dataclass(frozen=True)
class Event:
    """One thing that happened. `open` never holds free text or names; `sealed` does, and may be gone on replay.

    `open["moments"]` names what this raised beside the event's own; `open["at"]` is the instant it really
    happened when that differs from `at`, the instant it was recorded (both aware).
    """

    kind: Kind
    at: datetime
    actor: Actor
    open: Mapping[str, Any] = field(default_factory=dict)
    sealed: Mapping[str, Any] | None = None

    @property
    def happened_at(self) -> datetime:
        """When it really happened: a letter received on Monday and entered on Friday happened on Monday."""
        given = self.open.get("at")
        return datetime.fromisoformat(given) if given else self.at

    @property
    def moments(self) -> tuple[str, ...]:
        """Names that steps, terms and messages know this by."""
        own = OWN_MOMENTS.get(self.kind)
        return (*(own(self.open) if own else ()), *self.open.get("moments", ()))


OWN_MOMENTS: Mapping[Kind, Callable[[Mapping[str, Any]], tuple[str, ...]]] = {
    Kind.RECEIVED: lambda data: ("received",),
    Kind.FACTS_RECORDED: lambda data: tuple(
        f"fact.{name}" for name in (*data.get("facts", ()), *data.get("filled", ()))
    ),
    Kind.PERSON_INVOLVED: lambda data: ("involved",),
    Kind.STEP_OPENED: lambda data: (f"opened.{data['step']}",),
    Kind.STEP_DONE: lambda data: (f"done.{data['step']}", f"done.{data['step']}.{data['outcome']}"),
    Kind.ASSIGNED: lambda data: ("assigned",),
    Kind.APPOINTED: lambda data: (f"assigned.{data['role']}",),
    Kind.SENT: lambda data: (f"sent.{data['message']}",),
    Kind.COMPLETION_ASKED: lambda data: ("asked",),
    Kind.COMPLETED: lambda data: ("completed",),
    Kind.EXTENDED: lambda data: ("extended",),
    Kind.MEASURE_PLANNED: lambda data: ("measure_planned",),
    Kind.TERM_MISSED: lambda data: (f"missed.{data['term']}",),
    Kind.WITHDRAWN: lambda data: ("withdrawn",),
    Kind.ARCHIVED: lambda data: ("archived",),
    Kind.DESTROYED: lambda data: ("destroyed",),
}
