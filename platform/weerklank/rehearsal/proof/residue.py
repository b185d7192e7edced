"""What is still undecided of a condition: its parts that are settled are worked in, the others stay as they are.

Two cases of which the same conditions leave the same residue cannot be told apart by anything that comes after. A
fact that was given stays as it is here: a case in which it is corrected is the case in which it was given so at once.
"""

from __future__ import annotations

from collections.abc import Callable

from weerklank.policy.case import Case
from weerklank.policy.conditions import holds
from weerklank.policy.model import Condition
from weerklank.policy.world import World
from weerklank.rehearsal.proof.cells import parts

Residue = bool | tuple[object, ...]


def residue(world: World, case: Case, one: Condition, again: Callable[[str], bool]) -> Residue:
    """True, False, or what is left; `again` tells whether a step can still be done."""
    if one.not_ is not None:
        inner = residue(world, case, one.not_, again)
        return not inner if isinstance(inner, bool) else ("not", inner)
    if one.all is not None:
        return _joined("all", [residue(world, case, each, again) for each in one.all], settles=False)
    made = parts(world.policy, one)
    if made:
        return _joined("any", [residue(world, case, each, again) for each in made], settles=True)
    if is_settled(case, one, again):
        return holds(world, case, one)
    now = holds(world, case, one) if one.step is not None or one.involved is not None else None
    return ("?", id(one), now)


def _joined(word: str, inner: list[Residue], *, settles: bool) -> Residue:
    if any(each is settles for each in inner):
        return settles
    left = [each for each in inner if not isinstance(each, bool)]
    return (word, *left) if left else not settles


def is_settled(case: Case, leaf: Condition, again: Callable[[str], bool]) -> bool:
    """Whether nothing that comes can change what this says."""
    if leaf.fact is not None:
        return case.is_known(leaf.fact)
    if leaf.step is not None:
        return not again(leaf.step)
    if leaf.happened is not None:
        return leaf.happened in case.moments
    return leaf.involved is None and leaf.measures is None
