"""What every page of the office needs: the organisation's row, its policy in force, and the legal day of today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from flask import g

from weerklank.kernel.database import db
from weerklank.policy.model import Policy, RoleKind
from weerklank.tenancy.model import PolicyVersion, Tenant
from weerklank.tenancy.policies import in_force, newest, policy_of
from weerklank.web import texts
from weerklank.web.parts import now
from weerklank.web.texts import HOME_ZONE


def organisation() -> Tenant:
    """The organisation's own row, not the copy that is remembered between requests."""
    return db.session().get_one(Tenant, g.tenant.id)


def today() -> date:
    """The legal day in the zone of the newest policy; also sets the zone in which this page tells moments."""
    return day_by(newest(db.session(), g.tenant.id))


def day_by(version: PolicyVersion | None) -> date:
    """As `today`, for who has the newest version at hand."""
    g.zone = ZoneInfo(policy_of(version).calendar.timezone if version else HOME_ZONE)
    return now().astimezone(g.zone).date()


def policy_now() -> Policy:
    """The policy in force today. NotFound while there is none."""
    return policy_of(in_force(db.session(), g.tenant.id, today()))


def post_labels(policy: Policy) -> Iterator[tuple[str, str]]:
    """The posts of a policy with what people call them."""
    for name, role in policy.roles.items():
        if role.kind is RoleKind.POST:
            yield name, texts.say(role.label) or name
