"""Checks that know more than syntax: each a small function that looks at a whole policy and yields problems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from weerklank.policy.findings import Problem
from weerklank.policy.model import Policy


def check(policy: Policy, data: Any, *, graph: bool) -> Iterator[Problem]:
    yield from ()
