"""Restrictions on contact: which hold on a day, and what they close. They end by themselves: nothing has to happen."""

from __future__ import annotations

from datetime import date

from weerklank.policy.case import Case
from weerklank.policy.model import ChannelKind
from weerklank.policy.world import World

PAGES = (ChannelKind.PORTAL, ChannelKind.WEB_FORM)


def holding(case: Case, day: date) -> tuple[str, ...]:
    """The restrictions that hold on this legal day, by name."""
    return tuple(name for name, until in case.restrictions.items() if day <= until)


def closes_page(world: World, case: Case, day: date) -> str | None:
    """The restriction that keeps this complainant from adding to his complaint by the page, unless we asked for it."""
    channels = world.policy.channels
    if len(case.asked_on) > len(case.completed_on):
        return None
    return next(
        (
            name
            for name in holding(case, day)
            if any(channels[each].kind in PAGES for each in world.policy.restrictions[name].closes)
        ),
        None,
    )
