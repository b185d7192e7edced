"""Whether a condition of the policy holds for a case. Pure, total: what is not known does not hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from weerklank.deadlines import older_than
from weerklank.policy.amounts import in_units, reaches
from weerklank.policy.case import Case, Value
from weerklank.policy.model import Condition, Scalar
from weerklank.policy.parties import SORTS
from weerklank.policy.roles import found
from weerklank.policy.world import World


def holds(world: World, case: Case, condition: Condition | None) -> bool:
    """Whether the condition holds now; no condition always holds."""
    if condition is None:
        return True
    test = next((test for key, test in TESTS.items() if getattr(condition, key) is not None), None)
    return test is not None and test(world, case, condition)


def _all(world: World, case: Case, condition: Condition) -> bool:
    return all(holds(world, case, each) for each in condition.all or ())


def _any(world: World, case: Case, condition: Condition) -> bool:
    return any(holds(world, case, each) for each in condition.any or ())


def _not(world: World, case: Case, condition: Condition) -> bool:
    return not holds(world, case, condition.not_)


def _fact(world: World, case: Case, condition: Condition) -> bool:
    assert condition.fact is not None
    if condition.known is not None:
        return case.is_known(condition.fact) is condition.known
    value = case.facts.get(condition.fact)
    return value is not None and all(test(world, case, condition, value) for test in FACT_TESTS)


def _is(world: World, case: Case, condition: Condition, value: Value) -> bool:
    return condition.is_ is None or _matches(world, condition, value, condition.is_)


def _in(world: World, case: Case, condition: Condition, value: Value) -> bool:
    return condition.in_ is None or any(_matches(world, condition, value, wanted) for wanted in condition.in_)


def _matches(world: World, condition: Condition, value: Value, wanted: Scalar) -> bool:
    return wanted in value if isinstance(value, tuple) else value == _held(world, condition, wanted)


def _held(world: World, condition: Condition, wanted: Scalar | None) -> Scalar | None:
    return in_units(world.policy.facts[condition.fact or ""], wanted)


def _bounds(world: World, case: Case, condition: Condition, value: Value) -> bool:
    low, high = (_held(world, condition, bound) for bound in (condition.at_least, condition.at_most))
    return (low is None or reaches(value, low)) and (high is None or reaches(high, value))


def _older(world: World, case: Case, condition: Condition, value: Value) -> bool:
    if condition.older_than is None:
        return True
    until = case.first(condition.before or "received")
    return isinstance(value, date) and until is not None and older_than(condition.older_than, value, until, world.zone)


FACT_TESTS: tuple[Callable[[World, Case, Condition, Value], bool], ...] = (_is, _in, _bounds, _older)


def _involved(world: World, case: Case, condition: Condition) -> bool:
    assert condition.involved is not None
    return any(person in case.involved for person in found(world, case, condition.involved))


def _received_by(world: World, case: Case, condition: Condition) -> bool:
    assert condition.received_by is not None
    return case.received_by in found(world, case, condition.received_by)


def _step(world: World, case: Case, condition: Condition) -> bool:
    assert condition.step is not None
    outcome = case.outcome_of(condition.step)
    return outcome is not None and (condition.outcome is None or outcome in condition.outcome)


def _measures(world: World, case: Case, condition: Condition) -> bool:
    from weerklank.policy.measures import state_of_measures  # measures ask clocks, and clocks ask conditions

    return condition.measures in state_of_measures(world, case)


TESTS: dict[str, Callable[[World, Case, Condition], bool]] = {
    "all": _all,
    "any": _any,
    "not_": _not,
    "fact": _fact,
    "involved": _involved,
    "channel": lambda world, case, condition: case.channel in (condition.channel or ()),
    "form": lambda world, case, condition: case.form == condition.form,
    "complainant": lambda world, case, condition: any(SORTS[sort](case) for sort in condition.complainant or ()),
    "received_by": _received_by,
    "step": _step,
    "ground": lambda world, case, condition: any(
        holds(world, case, world.policy.grounds[name].when) for name in condition.ground or ()
    ),
    "happened": lambda world, case, condition: condition.happened in case.moments,
    "linked": lambda world, case, condition: any(
        link.name in (condition.linked or ()) and not link.back for link in case.links.values()
    ),
    "measures": _measures,
}


def facts_in(world: World, condition: Condition | None) -> frozenset[str]:
    """The facts that a condition looks at, by its grounds too."""
    if condition is None:
        return frozenset()
    inner = [*(condition.all or ()), *(condition.any or ()), condition.not_]
    inner += [world.policy.grounds[name].when for name in condition.ground or ()]
    own = {condition.fact} if condition.fact else set()
    return frozenset(own).union(*(facts_in(world, each) for each in inner))
