"""A case in five seconds: what it is about, the phases it passes, and what this reader can do, the nearest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from weerklank.policy.case import Case
from weerklank.policy.model import Phase, Policy

if TYPE_CHECKING:
    from weerklank.cases.offering import OfferView
    from weerklank.cases.view import CaseView

LONGEST = 90
ENDS = (". ", "! ", "? ", "\n")


@dataclass(frozen=True)
class PhaseView:
    """A phase of the case's own procedure, and whether it is `done`, `now` or `next`."""

    phase: Phase
    state: str


def phase_line(policy: Policy, case: Case) -> tuple[PhaseView, ...]:
    """The phases this procedure has, in order; the archive only once the case lies there."""
    has = {Phase.RECEIVED, Phase.CLOSED, case.phase} | {step.phase for step in policy.steps.values() if step.phase}
    if case.phase is not Phase.ARCHIVED:
        has.discard(Phase.ARCHIVED)
    order = [phase for phase in Phase if phase in has]
    here = order.index(case.phase)
    return tuple(
        PhaseView(phase, "done" if place < here else "now" if place == here else "next")
        for place, phase in enumerate(order)
    )


def first_words(story: str) -> str:
    """What a complaint says first, in at most 90 signs: its first sentence, else as many whole words as fit."""
    start = story.strip()[: LONGEST + 1]
    ends = [start.find(end) + 1 for end in ENDS if end in start]
    if ends:
        return start[: min(ends)].strip()
    if len(start) <= LONGEST:
        return start
    return start[:LONGEST].rsplit(" ", 1)[0].rstrip(" ,;:-") + " …"


def ranked(view: CaseView) -> tuple[tuple[OfferView, date | None], ...]:
    """The steps this reader may do now with their legal day: what is possible first, by nearest day."""
    days = {task.step: task.due_on for task in view.tasks}
    every = ((offer, days.get(offer.step)) for offer in view.offers)
    return tuple(sorted(every, key=lambda pair: (pair[0].blocked, pair[1] or date.max)))
