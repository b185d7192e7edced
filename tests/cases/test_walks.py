"""Random walks through every procedure here and the small one: whatever people do, the rules of the house hold."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cases.walking import LONGER, POLICIES, WORLDS, Walk, holds, nothing_reached_the_walled
from weerklank.policy.case import replay
from weerklank.policy.consequences import consequences


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.parent.name)
@settings(max_examples=40 * LONGER, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**9))
def test_it_keeps_the_rules_of_the_house_whatever_people_do(path: Path, seed: int) -> None:
    walk = Walk(WORLDS[path], random.Random(seed))
    walk.receive()
    for _ in range(25):
        holds(walk)
        walk.step()
    holds(walk)
    nothing_reached_the_walled(walk)


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.parent.name)
def test_it_counts_the_same_days_whenever_it_is_asked(path: Path) -> None:
    walk = Walk(WORLDS[path], random.Random(7))
    walk.receive()
    for _ in range(15):
        walk.step()
    again = consequences(WORLDS[path], replay(walk.case.id, walk.events), ())
    assert walk.index is not None
    assert [(c.term, c.due.due, c.state) for c in again.clocks] == [
        (c.term, c.due.due, c.state) for c in walk.index.clocks
    ]
    assert isinstance(again.next_due, date | None)
