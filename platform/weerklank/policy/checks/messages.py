"""Messages: they reach somebody, and what they are to hold exists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from weerklank.policy.findings import Path, Problem, suggestion
from weerklank.policy.model import Policy
from weerklank.policy.words import Text, said

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
PLACEHOLDERS = ("reference", "organisation", "complainant", "text", "handler", "status_url", "other")
PIECES = ("text", "complaint", "measures", "handler")


def recipients(policy: Policy) -> Iterator[Problem]:
    for name, message in policy.messages.items():
        if not message.to:
            yield Problem(("messages", name, "to"), said("a message needs somebody to go to"))


def placeholders(policy: Policy) -> Iterator[Problem]:
    """`{...}` in subject and body, in every language, is something the platform can fill in."""
    made: dict[str, Mapping[str, Any]] = {"fact": policy.facts, "due": policy.terms}
    for name, message in policy.messages.items():
        for key in ("subject", "body"):
            for place in written(getattr(message, key)):
                if wrong := unknown(place, PLACEHOLDERS, made):
                    yield Problem(
                        ("messages", name, key),
                        said("{{{place}}} is not a placeholder: {wrong}", place=place, wrong=wrong),
                    )


def written(text: Text | None) -> list[str]:
    """The placeholders of a text, each once."""
    found = [place for _, words in (text.by_language if text else ()) for place in PLACEHOLDER.findall(words)]
    return list(dict.fromkeys(found))


def unknown(place: str, plain: tuple[str, ...], made: Mapping[str, Mapping[str, Any]]) -> str:
    """What is wrong with a name such as `reference` or `due.decision`; empty when nothing is."""
    if place in plain:
        return ""
    kind, _, name = place.partition(".")
    if kind not in made:
        known = (*plain, *(f"{kind}.<name>" for kind in made))
        return said("choose from {names}{hint}", names=", ".join(known), hint=suggestion(place, known))
    if name in made[kind]:
        return ""
    what = {"due": "term", "redress": "body"}.get(kind, kind)
    return said("there is no {what} {name!r}{hint}", what=what, name=name, hint=suggestion(name, made[kind]))


def pieces(policy: Policy) -> Iterator[Problem]:
    """`contains` names pieces the platform can look for."""
    made: dict[str, Mapping[str, Any]] = {"fact": policy.facts, "due": policy.terms, "redress": policy.bodies}
    for name, message in policy.messages.items():
        for index, piece in enumerate(message.contains):
            if wrong := unknown(piece, PIECES, made):
                yield Problem(
                    ("messages", name, "contains", index),
                    said("{piece!r} cannot be in a message: {wrong}", piece=piece, wrong=wrong),
                )


def forbidden(policy: Policy) -> Iterator[Problem]:
    """What may never be in a message is not put there by the policy itself."""
    for name, message in policy.messages.items():
        path: Path = ("messages", name, "never")
        held = {*message.contains, *written(message.subject), *written(message.body)}
        for index, fact in enumerate(message.never):
            if f"fact.{fact}" in held:
                yield Problem(
                    (*path, index), said("fact {fact!r} may never be in this message, which holds it", fact=fact)
                )
