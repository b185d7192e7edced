"""What can be known, and who can be found, by the time a rule asks: facts, handlers, parts nobody can play."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from weerklank.policy.checks.flow import BEGINNINGS, Graph, follow, graph_of, node
from weerklank.policy.checks.walk import concepts
from weerklank.policy.findings import Path, Problem, Severity
from weerklank.policy.model import Asked, Condition, Does, FactType, Policy, RoleKind
from weerklank.policy.words import said

RECEIPT = frozenset({"received", "registered"})


def holders(policy: Policy) -> Iterator[Problem]:
    """Roles that nobody can ever hold."""
    for name in policy.roles:
        if why := nobody(policy, name, frozenset()):
            yield Problem(("roles", name), said("nobody can ever hold this role: {why}", why=why), Severity.ERROR)


def nobody(policy: Policy, name: str, seen: frozenset[str]) -> str:
    """Why nobody can hold a role, or nothing when somebody can."""
    role = policy.roles.get(name)
    if role is None or name in seen:
        return ""
    match role.kind:
        case RoleKind.RELATION if role.of is not None and role.of in policy.roles:
            of = policy.roles[role.of]
            if of.kind in (RoleKind.COMPLAINANT, RoleKind.OUTSIDE, RoleKind.PUBLIC, RoleKind.REPRESENTATIVE):
                return said("{of!r} is nobody of the organisation, so has no manager or colleagues there", of=role.of)
            inner = nobody(policy, role.of, seen | {name})
            return said("it is found from {of!r}, and {why}", of=role.of, why=inner) if inner else ""
        case RoleKind.FACT if role.fact is not None and role.fact in policy.facts and not is_asked(policy, role.fact):
            return said("nothing asks for fact {fact!r}, which would name the person", fact=role.fact)
    return ""


def assigns(policy: Policy, of: str | None) -> tuple[str, ...]:
    """The steps that find the handler, or (`of`) the people of an appointed role."""
    return tuple(name for name, step in policy.steps.items() if step.does is Does.ASSIGN and step.of == of)


def is_asked(policy: Policy, fact: str) -> bool:
    return policy.facts[fact].at_intake is not Asked.NO or bool(policy.facts[fact].preset) or bool(askers(policy, fact))


def askers(policy: Policy, fact: str) -> tuple[str, ...]:
    """The steps in which a fact can be filled in."""
    judged = fact == "judgement"
    return tuple(
        name
        for name, step in policy.steps.items()
        if fact in (*step.asks, *step.offers, *(each for one in step.outcomes.values() for each in one.asks))
        or f"fact.{fact}" in sent_pieces(policy, name)
        or (judged and step.does is Does.DECIDE)
    )


def sent_pieces(policy: Policy, name: str) -> tuple[str, ...]:
    """What the messages of a step must contain: whoever sends them is asked for those facts too."""
    step = policy.steps[name]
    sent = [step.message, *(each for one in step.outcomes.values() for each in one.sends)]
    return tuple(
        piece for one in sent if one is not None and one in policy.messages for piece in policy.messages[one].contains
    )


def facts_too_early(policy: Policy) -> Iterator[Problem]:
    """A rule that looks at a fact which nobody can have given by then; filled in afterwards it comes too late."""
    graph = graph_of(policy)
    for path, condition in conditions_at(policy):
        here = path[1] if path[0] == "steps" else ""
        fact = condition.fact if condition.fact in policy.facts and condition.known is not False else None
        if fact and is_asked(policy, fact) and not known_by(policy, graph, fact, path, str(here)):
            message = said("fact {fact!r} cannot be known yet when this is looked at", fact=fact)
            yield Problem((*path, "fact"), message, Severity.WARNING)


def conditions_at(policy: Policy) -> Iterator[tuple[Path, Condition]]:
    """Every condition that is looked at once, when something happens, with its path."""
    for path, concept, _ in concepts(policy):
        if isinstance(concept, Condition) and path[0] in ("steps", "assignment", "messages"):
            yield path, concept


def known_by(policy: Policy, graph: Graph, fact: str, path: Path, step: str) -> bool:
    """Whether a fact can have been filled in when the condition at this path is judged."""
    if policy.facts[fact].at_intake is not Asked.NO or policy.facts[fact].preset:
        return True
    asked = {node(name) for name in askers(policy, fact)}
    if path[0] == "assignment":
        return any(asked & (before(graph, name) | {node(name)}) for name in assigns(policy, None))
    if path[0] == "messages":
        moments = policy.messages[str(path[1])].on
        return not moments or bool(asked & leading_to(graph, moments))
    on = policy.steps[step].on
    if path[2] != "when":
        return bool(asked & (before(graph, step) | {node(step)}))
    return bool(asked & (leading_to(graph, on) if set(on) <= RECEIPT else before(graph, step)))


def before(graph: Graph, step: str) -> set[str]:
    """Everything that can happen without this step having been done."""
    without = {cause: effects for cause, effects in graph.items() if cause != node(step)}
    return follow(without, BEGINNINGS)


def leading_to(graph: Graph, moments: Iterable[str]) -> set[str]:
    """Everything that can happen before the first of these moments does."""
    stop = set(moments)
    seen: set[str] = set()
    waiting = [one for one in BEGINNINGS if one not in stop]
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            waiting += [effect for effect in graph.get(here, ()) if effect not in stop]
    return seen - ({node_ for node_ in seen if node_.startswith("step ")} if stop <= RECEIPT else set())


def reached(policy: Policy) -> Iterator[Problem]:
    """Messages that can reach nobody: every role they go to is one that nobody holds, or holds by then."""
    graph = graph_of(policy)
    for name, message in policy.messages.items():
        roles = [role for role in message.to if role in policy.roles]
        if roles and all(not_there(policy, graph, role, name) for role in roles):
            text = said(
                "this message reaches nobody: when it is sent there is nobody in {roles}", roles=", ".join(roles)
            )
            yield Problem(("messages", name, "to"), text, Severity.ERROR)


def not_there(policy: Policy, graph: Graph, role: str, message: str) -> bool:
    """Whether nobody can hold this role when the message is sent by itself."""
    if nobody(policy, role, frozenset()):
        return True
    kind, moments = policy.roles[role].kind, policy.messages[message].on
    if kind not in (RoleKind.HANDLER, RoleKind.APPOINTED) or not moments:
        return False
    finders = {node(name) for name in assigns(policy, None if kind is RoleKind.HANDLER else role)}
    return all(not finders & leading_to(graph, [moment]) and moment not in after(graph, finders) for moment in moments)


def after(graph: Graph, steps: Iterable[str]) -> set[str]:
    return follow(graph, steps)


def shown(policy: Policy) -> Iterator[Problem]:
    """A fact that only some roles may see, in a message that goes to others as well."""
    for name, message in policy.messages.items():
        held = {piece.removeprefix("fact.") for piece in message.contains if piece.startswith("fact.")}
        held |= {place for text in (message.subject, message.body) for place in placed(text)}
        for fact in sorted(held & policy.facts.keys()):
            allowed = policy.facts[fact].visible
            others = [role for role in (*message.to, *message.cc) if allowed and not may_see(policy, role, fact)]
            if others:
                text = said(
                    "fact {fact!r} is for {allowed} only, but this message shows it to {others}",
                    fact=fact, allowed=", ".join(allowed), others=", ".join(others),
                )  # fmt: skip
                yield Problem(("messages", name), text, Severity.WARNING)


def placed(text: object) -> Iterator[str]:
    """The facts that stand in a text as `{fact.name}`."""
    for _, words in getattr(text, "by_language", ()):
        for part in words.split("{fact.")[1:]:
            yield part.partition("}")[0]


def may_see(policy: Policy, role: str, fact: str) -> bool:
    """Whether this role is among those who may see the fact; the complainant sees what he gave himself."""
    known = policy.facts[fact]
    kind = policy.roles[role].kind if role in policy.roles else None
    own = kind in (RoleKind.COMPLAINANT, RoleKind.REPRESENTATIVE) and known.at_intake is not Asked.NO
    return role in known.visible or own or known.type is FactType.PERSON and kind is RoleKind.FACT
