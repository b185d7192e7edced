"""How steps, moments, terms and messages follow from each other: what can never happen and what never ends.

One graph whose nodes are moments and steps; an arrow says that the first can bring about the second. Conditions are
left out of account: what is unreachable here is unreachable whatever the case. The walk through all cases is not here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from weerklank.policy.checks.walk import keys
from weerklank.policy.findings import Path, Problem, Severity
from weerklank.policy.model import Asked, Does, Outcome, Phase, Policy, Step, Term
from weerklank.policy.moments import unknown_moment
from weerklank.policy.words import said

Graph = Mapping[str, set[str]]

# What people can do at any time, whatever the policy's steps.
BEGINNINGS = frozenset(
    {"received", "registered", "involved", "asked", "completed", "withdrawn", "measure_planned", "measures_verified"}
)
RAISES = {Does.ASSIGN: "assigned", Does.DECIDE: "decided", Does.CLOSE: "closed"}
AFTER = (Phase.CLOSED, Phase.ARCHIVED)


def closing(policy: Policy) -> Iterator[Problem]:
    if not any(endings(policy)):
        yield Problem(("steps",), said("no step does close: a complaint would stay open for ever"))


def unreachable(policy: Policy) -> Iterator[Problem]:
    """Steps that nothing opens."""
    reached = reachable(policy)
    for name in policy.steps:
        if node(name) not in reached:
            yield Problem(
                ("steps", name), said("this step never opens: no `on` that can happen, and no `then` leads to it")
            )


def dead_ends(policy: Policy) -> Iterator[Problem]:
    """Steps of the main line, and their outcomes, after which the case can never be closed."""
    if not any(endings(policy)):
        return
    graph = graph_of(policy)
    ending = can_close(policy, graph)
    for name, step in policy.steps.items():
        path: Path = ("steps", name)
        if step.phase is None or step.phase in AFTER or step.survives:
            continue
        if node(name) not in ending and opened_alone(graph, name, ending):
            yield Problem(
                path, said("a case that comes here can never be closed: nothing leads on to a step that does close")
            )
        if node(name) not in ending:
            continue
        for outcome in step.outcomes:
            if f"done.{name}.{outcome}" not in ending:
                message = said("with outcome {outcome!r} nothing follows that leads to closing", outcome=outcome)
                yield Problem((*path, "outcomes", outcome), message, Severity.WARNING)


def opened_alone(graph: Graph, name: str, ending: set[str]) -> bool:
    """Whether something opens this step and nothing beside it that leads to closing."""
    openers = [cause for cause, effects in graph.items() if node(name) in effects]
    return any(cause not in ending for cause in openers)


def impossible_moments(policy: Policy) -> Iterator[Problem]:
    """Moments that exist by name and that nothing brings about. A term that can never start or be met is an error."""
    reached = reachable(policy)
    for path, declared, value in keys(policy):
        if declared.metadata.get("refers") != "moment" or path[-1] == "back_from":
            continue
        names = (value,) if isinstance(value, str) else value
        impossible = [name for name in names if name not in reached and unknown_moment(policy, name) is None]
        if impossible:
            fatal = path[0] == "terms" and path[-1] in ("from", "until") and len(impossible) == len(names)
            severity = Severity.ERROR if fatal else Severity.WARNING
            yield Problem(
                path,
                said("nothing in this policy makes {names} happen", names=" or ".join(map(repr, impossible))),
                severity,
            )


def unsent(policy: Policy) -> Iterator[Problem]:
    reached = reachable(policy)
    for name in policy.messages:
        if f"sent.{name}" not in reached:
            message = said("this message is never sent: no step, outcome, extension or moment sends it")
            yield Problem(("messages", name), message, Severity.WARNING)


def reachable(policy: Policy) -> set[str]:
    """All moments and steps that some case could come by."""
    asked = {f"fact.{name}" for name, fact in policy.facts.items() if fact.at_intake is not Asked.NO}
    return follow(graph_of(policy), BEGINNINGS | asked)


def can_close(policy: Policy, graph: Graph) -> set[str]:
    """All moments and steps from which a step that does close can be reached."""
    back: dict[str, set[str]] = defaultdict(set)
    for cause, effects in graph.items():
        for effect in effects:
            back[effect].add(cause)
    return follow(back, endings(policy))


def endings(policy: Policy) -> Iterator[str]:
    """The steps that do close, and the outcomes that close by themselves."""
    for name, step in policy.steps.items():
        if step.does is Does.CLOSE:
            yield node(name)
        yield from (f"done.{name}.{called}" for called, outcome in step.outcomes.items() if outcome.closes)


def follow(graph: Graph, start: Iterable[str]) -> set[str]:
    """Everything the arrows lead to from `start`."""
    waiting = list(start)
    seen = set(waiting)
    while waiting:
        fresh = graph.get(waiting.pop(), set()) - seen
        seen |= fresh
        waiting.extend(fresh)
    return seen


def graph_of(policy: Policy) -> Graph:
    """Node -> nodes it can bring about."""
    graph: dict[str, set[str]] = defaultdict(set)
    for name, step in policy.steps.items():
        add_step(graph, name, step)
    for name, term in policy.terms.items():
        add_term(graph, name, term)
    for name, message in policy.messages.items():
        for moment in message.on:
            graph[moment].add(f"sent.{name}")
    graph["withdrawn"].update({"closed", *(effects(policy.withdraw) if policy.withdraw else ())})
    graph["measure_planned"].update({f"fact.{fact}" for fact in policy.measures.overrun_asks})
    graph["measure_planned"].update(sent([policy.measures.overrun_message]))
    graph["received"].update(beside_the_steps(policy))
    graph["closed"].add("archived")
    return graph


def beside_the_steps(policy: Policy) -> Iterator[str]:
    """What can happen in any case whatever its steps: what is filled in by itself, combining, restrictions."""
    yield from (f"fact.{name}" for name, fact in policy.facts.items() if fact.preset)
    yield from sent(one.message for one in policy.restrictions.values())
    if policy.combining:
        yield from sent(one.message for one in policy.combining.links.values())
        yield from sent(one.message for one in (policy.combining.merge, policy.combining.split) if one)


def add_term(graph: dict[str, set[str]], name: str, term: Term) -> None:
    """The arrows from where a term starts and from its being missed."""
    for start in term.from_:
        graph[start].add(f"missed.{name}")
        graph[start].update({"extended", *sent([term.extend.message])} if term.extend else ())
    graph[f"missed.{name}"].update(node(step) for step in (term.missed.opens if term.missed else ()))
    if term.missed and term.missed.takes:
        graph[f"missed.{name}"].add(f"done.{term.missed.takes}")


def add_step(graph: dict[str, set[str]], name: str, step: Step) -> None:
    """The arrows to and from one step and each of its outcomes."""
    here = node(name)
    for moment in step.on:
        graph[moment].add(here)
    graph[here].update({f"opened.{name}", *(f"fact.{fact}" for fact in (*step.asks, *step.offers))})
    outcomes = step.outcomes or {"done": Outcome(then=step.then)}
    for called, outcome in outcomes.items():
        ending = f"done.{name}.{called}"
        graph[here].add(ending)
        graph[ending].update({f"done.{name}", *effects(outcome), *sent([step.message])})
        raised = f"assigned.{step.of}" if step.of else RAISES.get(step.does)
        graph[ending].update({raised} if raised else ())
        graph[ending].update({"fact.judgement"} if step.does is Does.DECIDE else ())


def effects(outcome: Outcome) -> set[str]:
    """What one way of ending brings about."""
    facts = {f"fact.{fact}" for fact in outcome.asks}
    events = {f"event.{outcome.event}"} if outcome.event else set()
    events |= {"closed"} if outcome.closes else set()
    return {*(node(step) for step in outcome.then), *sent(outcome.sends), *facts, *events}


def node(step: str) -> str:
    return f"step {step}"


def sent(messages: Iterable[str | None]) -> set[str]:
    return {f"sent.{message}" for message in messages if message}
