"""What holds of any element: names that exist, a source, words in every language, a label for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from weerklank.policy.checks.walk import concepts, keys
from weerklank.policy.findings import Path, Problem, Severity, suggestion
from weerklank.policy.model import (
    Channel,
    Fact,
    Message,
    Outcome,
    Policy,
    Role,
    Step,
    Term,
)
from weerklank.policy.moments import Moment, unknown_moment
from weerklank.policy.words import Text, said

# What a key can refer to -> the mapping of the policy that holds the names.
HOLDERS = {
    "role": "roles",
    "channel": "channels",
    "fact": "facts",
    "term": "terms",
    "step": "steps",
    "message": "messages",
    "body": "bodies",
    "ground": "grounds",
}
OF_MOMENTS = {
    "opened": "steps",
    "done": "steps",
    "sent": "messages",
    "fact": "facts",
    "missed": "terms",
    "assigned": "roles",
    "event": "steps",
}
READ_BY_PEOPLE = (Role, Channel, Fact, Term, Step, Outcome, Message)


def references(policy: Policy, data: Mapping[str, Any]) -> Iterator[Problem]:
    """Names that nothing has. A name whose element could not be read (it is only in `data`) counts as known."""
    names = {holder: {**getattr(policy, holder), **in_file(data, holder)} for holder in HOLDERS.values()}
    for path, declared, value in keys(policy):
        refers = declared.metadata.get("refers")
        if refers is None:
            continue
        for at, name in named(path, value):
            if refers == "moment":
                yield from moment(policy, at, name, names)
            elif refers == "ending":
                yield from ending(policy, at, name, names)
            elif name not in names[HOLDERS[refers]]:
                yield Problem(
                    at,
                    said(
                        "there is no {refers} {name!r}{hint}",
                        refers=refers,
                        name=name,
                        hint=suggestion(name, names[HOLDERS[refers]]),
                    ),
                )


def named(path: Path, value: str | tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    else:
        yield from (((*path, index), name) for index, name in enumerate(value))


def moment(policy: Policy, path: Path, name: str, names: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """A moment that cannot be. `back_from` may also name a fact by itself."""
    if path[-1] == "back_from" and name in names["facts"]:
        return
    message = unknown_moment(policy, name)
    if message and not is_unread(policy, name, names):
        hint = said(", did you mean {name!r}?", name=f"fact.{name}") if name in names["facts"] else ""
        yield Problem(path, said("{message}{hint}", message=message, hint=hint))


def ending(policy: Policy, path: Path, name: str, names: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """A way for a step to end, `step.outcome`, that is not there."""
    if name.partition(".")[0] in set(names["steps"]) - set(policy.steps):
        return
    message = unknown_moment(policy, f"done.{name}")
    if message or "." not in name:
        yield Problem(path, message or said("{name!r} names a step; write `step.outcome`", name=name))


def is_unread(policy: Policy, name: str, names: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the moment is of an element that is in the file but could not be read."""
    try:
        holder = OF_MOMENTS.get((parsed := Moment.parse(name)).kind, "")
    except ValueError:
        return False
    unread = set(names.get(holder, ())) - set(getattr(policy, holder, ()))
    return bool(unread) if parsed.kind == "event" else parsed.name in unread


def in_file(data: Mapping[str, Any], holder: str) -> Mapping[str, Any]:
    written = data.get(holder)
    return written if isinstance(written, dict) else {}


def sources(policy: Policy) -> Iterator[Problem]:
    """Whatever can carry a source has one, or stands inside something that has; said once, of the outermost."""
    told: set[Path] = set()
    for path, concept, source in concepts(policy):
        if not hasattr(concept, "source") or source or is_default(path, concept):
            continue
        if not any(path[:length] in told for length in range(len(path))):
            yield Problem(path, said("there is no `source`: name the clause this carries out, or `platform`"))
        told.add(path)


def is_default(path: Path, section: Any) -> bool:
    """Whether a section was left out and stands there with its defaults."""
    return len(path) == 1 and path[0] in ("calendar", "contact", "measures", "keeping") and section == type(section)()


def languages(policy: Policy) -> Iterator[Problem]:
    """Texts that lack a language the procedure is offered in: an error for the first, a warning for the others."""
    wanted = policy.procedure.languages
    for path, text in texts(policy):
        missing = [language for language in wanted if text.languages and language not in text.languages]
        if missing:
            severity = Severity.ERROR if wanted[0] in missing else Severity.WARNING
            yield Problem(
                path,
                said("this text is not there in {names}", names=" and ".join(repr(one) for one in missing)),
                severity,
            )


def texts(policy: Policy) -> Iterator[tuple[Path, Text]]:
    for path, _, value in keys(policy):
        if isinstance(value, Text):
            yield path, value
        elif isinstance(value, Mapping):
            yield from (((*path, name), item) for name, item in value.items() if isinstance(item, Text))


def labels(policy: Policy) -> Iterator[Problem]:
    """Elements that people read about and that have only a name for the machine."""
    for path, concept, _ in concepts(policy):
        called = getattr(concept, "label", None) or getattr(concept, "subject", None)
        if isinstance(concept, READ_BY_PEOPLE) and called is None and path != ("withdraw",):
            told = said("there is no `label`: people would read {name!r}", name=path[-1])
            yield Problem(path, told, Severity.WARNING)
