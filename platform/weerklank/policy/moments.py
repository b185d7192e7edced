"""Moments: the names of what has happened, which terms, steps, messages and conditions refer to.

A few the platform itself knows (`received`); the others are made from the policy's own names (`done.assess`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from weerklank.policy.findings import suggestion
from weerklank.policy.model import Policy, RoleKind
from weerklank.policy.words import said

PLAIN: Mapping[str, str] = MappingProxyType(
    {
        "received": "The complaint arrived (was lodged): the day it really came in, by whatever channel.",
        "registered": "It was entered in the platform.",
        "assigned": "Somebody was given the case.",
        "involved": "Somebody was marked as complained about or otherwise involved.",
        "extended": "A term was extended.",
        "asked": "The complainant was asked for what is missing.",
        "completed": "What was missing came in.",
        "decided": "A decision was sent.",
        "closed": "The case was closed.",
        "withdrawn": "The complainant withdrew.",
        "archived": "The file was put in the archive.",
        "destroyed": "The file was destroyed; what is counted in reports is left.",
        "measure_planned": "A measure was planned.",
        "measures_verified": "Every measure was checked.",
    }
)

MADE: Mapping[str, str] = MappingProxyType(
    {
        "opened": "`opened.<step>`: the step opened.",
        "done": "`done.<step>` or `done.<step>.<outcome>`: the step was done, with that outcome.",
        "sent": "`sent.<message>`: the message was sent.",
        "fact": "`fact.<fact>`: the fact was filled in; a term that starts here at a day fact starts on that day.",
        "assigned": "`assigned.<role>`: somebody was appointed in this role.",
        "missed": "`missed.<term>`: the last day of the term passed without its being met.",
        "event": "`event.<name>`: the policy's own event, named by an outcome's `event`.",
    }
)


@dataclass(frozen=True)
class Moment:
    """A moment taken apart: `kind` (a plain moment, or what `name` is), `name` and, for `done`, `outcome`."""

    kind: str
    name: str = ""
    outcome: str = ""

    @classmethod
    def parse(cls, text: str) -> Moment:
        """`done.assess.complaint` -> its parts; raises ValueError when it is not shaped as a moment."""
        if text in PLAIN:
            return cls(text)
        kind, *rest = text.split(".")
        most = 2 if kind == "done" else 1
        if kind not in MADE or not 1 <= len(rest) <= most or not all(rest):
            raise ValueError(
                said(
                    "{text!r} is not a moment{hint}",
                    text=text,
                    hint=suggestion(text, [*PLAIN, *(f"{made}." for made in MADE)]),
                )
            )
        return cls(kind, *rest)

    def __str__(self) -> str:
        return ".".join(part for part in (self.kind, self.name, self.outcome) if part)


def own_events(policy: Policy) -> frozenset[str]:
    """The names of events that the policy's outcomes raise."""
    outcomes = [outcome for step in policy.steps.values() for outcome in step.outcomes.values()]
    return frozenset(one.event for one in (*outcomes, policy.withdraw) if one is not None and one.event)


def outcomes_of(policy: Policy, step: str) -> tuple[str, ...]:
    """The outcomes a step can be done with; a step without outcomes has one, `done`."""
    return tuple(policy.steps[step].outcomes) or ("done",)


def unknown_moment(policy: Policy, text: str) -> str | None:
    """Why `text` names nothing in this policy, or None when it does."""
    try:
        moment = Moment.parse(text)
    except ValueError as error:
        return str(error)
    if not moment.name:
        return None
    names: Mapping[str, object] = {
        "opened": policy.steps,
        "done": policy.steps,
        "sent": policy.messages,
        "fact": policy.facts,
        "missed": policy.terms,
        "assigned": {name: role for name, role in policy.roles.items() if role.kind is RoleKind.APPOINTED},
        "event": dict.fromkeys(own_events(policy)),
    }[moment.kind]
    if moment.name not in names:
        what = {"opened": "step", "done": "step", "sent": "message", "missed": "term"}.get(moment.kind, moment.kind)
        return said(
            "there is no {what} {name!r}{hint}", what=what, name=moment.name, hint=suggestion(moment.name, names)
        )
    if moment.outcome and moment.outcome not in outcomes_of(policy, moment.name):
        known = outcomes_of(policy, moment.name)
        return said(
            "step {name!r} has no outcome {outcome!r}{hint}",
            name=moment.name,
            outcome=moment.outcome,
            hint=suggestion(moment.outcome, known),
        )
    return None
