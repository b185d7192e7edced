"""Checks that know more than syntax: each a small function that looks at a whole policy and yields problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from weerklank.policy.checks import (
    apart,
    conditions,
    elements,
    flow,
    knowing,
    learning,
    legal,
    longer,
    messages,
    parts,
    references,
    roles,
    terms,
)
from weerklank.policy.findings import Problem
from weerklank.policy.model import Policy

Check = Callable[[Policy], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    references.sources,
    references.languages,
    references.labels,
    elements.version,
    elements.calendar,
    elements.channels,
    elements.facts,
    elements.bounds,
    elements.restrictions,
    elements.combining,
    elements.assignment,
    elements.measures,
    elements.steps,
    roles.kinds,
    roles.parts,
    roles.cycles,
    parts.appointed,
    parts.bodies,
    parts.steps,
    apart.steps,
    apart.published,
    apart.doers,
    conditions.shapes,
    conditions.values,
    terms.lengths,
    terms.statutory,
    longer.pauses,
    longer.extensions,
    longer.silence,
    learning.reports,
    learning.duties,
    learning.publication,
    learning.register,
    messages.recipients,
    messages.placeholders,
    messages.pieces,
    messages.forbidden,
    knowing.shown,
    legal.too_long,
    legal.redress,
)

GRAPH: tuple[Check, ...] = (
    flow.closing,
    flow.unreachable,
    flow.dead_ends,
    flow.impossible_moments,
    flow.unsent,
    knowing.holders,
    knowing.facts_too_early,
    knowing.reached,
)


def check(policy: Policy, data: Mapping[str, Any], *, graph: bool) -> Iterator[Problem]:
    """Everything the checks find. `data` is the file's data, names that could not be read included.

    The checks of `GRAPH` look at how steps follow each other and make no sense (`graph=False`) while some are unread.
    """
    yield from references.references(policy, data)
    for one in CHECKS + (GRAPH if graph else ()):
        yield from one(policy)
