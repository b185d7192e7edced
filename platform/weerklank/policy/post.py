"""Who gets a message, and what is still missing from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from weerklank.policy.case import Case, apply
from weerklank.policy.clocks import clock_of
from weerklank.policy.conditions import holds
from weerklank.policy.events import PLATFORM, Actor, Event, Kind
from weerklank.policy.model import Message, Role, RoleKind
from weerklank.policy.parties import EMAIL, LODGERS, PAGE, POST, PUBLISHED, way_to
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import is_walled, on_purpose, present
from weerklank.policy.words import Text
from weerklank.policy.world import World


@dataclass(frozen=True)
class Recipient:
    """Somebody a message goes to: a person, the complainant, or an outside body by role.

    `number` tells several complainants apart: 0 is the one who speaks for all.
    """

    role: str
    person: UUID | None = None
    copy: bool = False
    number: int = 0


def recipients(world: World, case: Case, message: Message) -> tuple[Recipient, ...]:
    """Whom the message reaches, each once; the walled are left out unless the policy names their own part."""
    found: dict[tuple[UUID | None, str, int], Recipient] = {}
    for role, copy in [*((role, False) for role in message.to), *((role, True) for role in message.cc)]:
        for one in _in_role(world, case, role, copy):
            found.setdefault((one.person, "" if one.person else one.role, one.number), one)
    return tuple(found.values())


def way_of(case: Case, message: Message | None, role: Role, number: int = 0) -> str:
    """How the message reaches this role: email, post or page, as who complains prefers unless it must be a letter.

    What is for everybody is `published`.
    """
    if role.kind is RoleKind.PUBLIC:
        return PUBLISHED
    if role.kind in LODGERS and way_to(case, role, number) == PAGE:
        return PAGE
    if role.kind is RoleKind.OUTSIDE or (message is not None and message.via and "email" not in message.via):
        return POST
    return way_to(case, role, number) if role.kind in LODGERS else EMAIL


def _in_role(world: World, case: Case, name: str, copy: bool) -> tuple[Recipient, ...]:
    role = world.policy.roles[name]
    if role.kind is RoleKind.REPRESENTATIVE and case.represented is None:
        name, role = next(each for each in world.policy.roles.items() if each[1].kind is RoleKind.COMPLAINANT)
    if role.kind is RoleKind.COMPLAINANT:
        return tuple(Recipient(name, None, copy, number) for number in range(len(case.others) + 1))
    if role.kind in (RoleKind.REPRESENTATIVE, RoleKind.OUTSIDE, RoleKind.PUBLIC):
        return (Recipient(name, None, copy),)
    meant = on_purpose(world, case, name)
    allowed = [one for one in present(world, case, name) if one in meant or not is_walled(case, one)]
    return tuple(Recipient(name, person, copy) for person in allowed)


# The pieces that can be missing and are no element of the policy.
PIECES = {
    "text": Text.of({"nl": "wat u schrijft", "en": "what you write"}),
    "handler": Text.of({"nl": "de behandelaar", "en": "the handler"}),
}


def missing_piece(world: World, case: Case, name: str, text: str) -> Refusal | None:
    """The first piece the message must contain and does not have.

    A fact that is not asked in this case is no part of it; a term that starts with the message itself is.
    """
    message = world.policy.messages[name]
    sent = Event(Kind.SENT, case.received_at, PLATFORM, {"message": name}) if case.received_at else None
    after = apply(case, sent) if sent else case
    for piece in message.contains:
        if not _is_there(world, after, piece, text):
            rule, said = f"messages.{name}.contains", {"piece": _label(world, piece)}
            return Refusal("missing_piece", rule, message.source, said, lacks=(piece.removeprefix("fact."),))
    return None


def _is_there(world: World, case: Case, piece: str, text: str) -> bool:
    kind, _, name = piece.partition(".")
    if kind == "fact":
        return case.is_known(name) or not holds(world, case, world.policy.facts[name].when)
    if kind == "due":
        return clock_of(world, case, name) is not None
    if kind == "redress":
        return name in world.policy.bodies
    if kind == "handler":
        return bool(case.handlers)
    return kind != "text" or bool(text.strip())


def _label(world: World, piece: str) -> Text:
    kind, _, name = piece.partition(".")
    element = {"fact": world.policy.facts, "due": world.policy.terms, "redress": world.policy.bodies}.get(kind, {}).get(
        name
    )
    label: Text | None = getattr(element, "label", None)
    return label or PIECES.get(piece) or Text.of(piece)


def send(
    world: World, case: Case, name: str, actor: Actor, now: datetime, text: str = "", *, at: datetime | None = None,
    other: UUID | None = None,
) -> Event | None:
    """The event of sending this message, with its recipients; None when nobody is there to get it."""
    people = recipients(world, case, world.policy.messages[name])
    if not people:
        return None
    to = [
        {"role": one.role, "person": str(one.person) if one.person else None, "copy": one.copy, "number": one.number}
        for one in people
    ]
    data = {"message": name, "to": to, **({"at": at.isoformat()} if at else {})}
    data |= {"other": str(other)} if other else {}
    return Event(Kind.SENT, now, actor, data, {"text": text} if text else None)


def unsent(name: str, actor: Actor, now: datetime) -> Event:
    """The event that a message reached nobody, since its roles find nobody: it is not sent, and that is shown."""
    return Event(Kind.UNSENT, now, actor, {"message": name})


def sent_by_itself(world: World, case: Case, moments: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the messages the platform sends at these moments."""
    due = (name for name, message in world.policy.messages.items() if set(message.on) & set(moments))
    return tuple(name for name in due if holds(world, case, world.policy.messages[name].when))
