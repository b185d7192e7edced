"""Whose the mail is that comes in by itself: the procedure's own words about its channels, never the whole office's."""

from __future__ import annotations

from uuid import UUID

import pytest

from weerklank.correspondence.inbound.inbox import channels_of, receivers
from weerklank.kernel.settings import ROOT
from weerklank.policy.model import RoleKind
from weerklank.policy.people import People, Person
from weerklank.policy.reader import load_version
from weerklank.policy.world import World


def staffed(slug: str) -> tuple[World, dict[str, UUID]]:
    """An organisation of `tenants/` with one person in every post, and an employee ("") in none."""
    policy = load_version((ROOT / "tenants" / slug / "policy.yaml").read_text("utf-8"))
    posts = [name for name, role in policy.roles.items() if role.kind is RoleKind.POST]
    ids = {name: UUID(int=number) for number, name in enumerate(["", *posts], 1)}
    people = People({each: Person(each) for each in ids.values()}, {name: (ids[name],) for name in posts})
    return World.of(policy, people), ids


@pytest.mark.parametrize(
    ("slug", "channel", "role"),
    [
        ("team-keizer", "email", "officer"),
        ("team-keizer", "external_site", "officer"),
        ("nationale-ombudsman", "complaints_email", "adviser"),
        ("nationale-ombudsman", "email", "service_centre"),
    ],
)
def test_it_gives_mail_to_the_role_of_its_channel_past_everybody_else(slug: str, channel: str, role: str) -> None:
    world, ids = staffed(slug)
    assert receivers(world, channel) == (ids[role],)
    assert channel not in channels_of(world, ids[""])


@pytest.mark.parametrize("slug", ["gelukwerkt", "mep", "staatvandienst"])
def test_it_gives_mail_of_a_channel_without_a_role_to_those_who_see_all_cases(slug: str) -> None:
    world, ids = staffed(slug)
    seeing = [ids[name] for name, role in world.policy.roles.items() if role.sees_all and name in ids]
    assert set(receivers(world, "email")) == set(seeing)
    assert channels_of(world, ids[""]) == ()
