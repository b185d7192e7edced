"""What is done now, what comes and by when, for the one who complained: five organisations in several phases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest

from weerklank.deadlines import Duration
from weerklank.policy.ahead import Ahead, Change, ahead, appointments
from weerklank.policy.case import Case
from weerklank.policy.course import imagined, imagined_world
from weerklank.policy.model import Phase, Policy
from weerklank.policy.parties import LODGERS
from weerklank.policy.reader import read_policy
from weerklank.policy.redress import redress
from weerklank.policy.world import World

TENANTS = Path(__file__).parents[2] / "tenants"
ORGANISATIONS = ("gelukwerkt", "mep", "nationale-ombudsman", "staatvandienst", "team-keizer")
FRIDAY = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 13, 15, 0, tzinfo=UTC)


@cache
def world_of(slug: str) -> World:
    (path,) = TENANTS.glob(f"**/{slug}/policy.yaml")
    policy = read_policy(path, name=slug).policy
    assert policy is not None
    return imagined_world(policy)


def standing_at(world: World, phase: Phase, *steps: str, **more: object) -> Case:
    """A complaint that came in on Friday, in this phase, with these steps open."""
    moments = {"received": (FRIDAY,), "registered": (FRIDAY,)}
    case = replace(imagined(world.policy), received_at=FRIDAY, phase=phase, moments=moments)
    return replace(case, open=dict.fromkeys(steps, FRIDAY), **more)  # type: ignore[arg-type]  # any field of a case


def with_moments(case: Case, **moments: datetime) -> Case:
    return replace(case, moments={**case.moments, **{name.replace("__", "."): (at,) for name, at in moments.items()}})


def names(coming: tuple[Ahead, ...], *, begun: bool) -> list[str]:
    return [one.step or (one.clock.term if one.clock else "") for one in coming if one.begun is begun]


def of(coming: tuple[Ahead, ...], step: str) -> Ahead:
    return next(one for one in coming if one.step == step)


OPEN_AT_RECEIPT = {
    "gelukwerkt": ("register", "acknowledge", "explain", "classify"),
    "mep": ("register", "acknowledge", "explain", "ministry_copy", "classify"),
    "nationale-ombudsman": ("triage",),
    "staatvandienst": ("acknowledge", "register", "complete_data"),
    "team-keizer": ("register", "inform", "identify", "assign"),
}
AT_RECEIPT = {
    "gelukwerkt": (["acknowledge", "explain", "classify"], ["determine", "treat", "propose", "verdict", "close"]),
    "mep": (
        ["acknowledge", "explain", "ministry_copy", "classify"],
        ["determine", "treat", "propose", "verdict", "close"],
    ),
    "nationale-ombudsman": (
        ["triage"],
        ["acknowledge", "call", "choose_route", "informal", "close_informal"],
    ),
    "staatvandienst": (
        ["acknowledge"],
        ["refusal_notice", "assess", "share", "investigate", "decide", "close"],
    ),
    "team-keizer": (["assign"], ["treat", "decide", "satisfaction", "close"]),
}


@pytest.mark.parametrize("slug", ORGANISATIONS)
def test_it_tells_what_is_done_and_what_comes_when_a_complaint_was_just_received(slug: str) -> None:
    world = world_of(slug)
    coming = ahead(world, standing_at(world, Phase.RECEIVED, *OPEN_AT_RECEIPT[slug]))
    assert (names(coming, begun=True), names(coming, begun=False)) == AT_RECEIPT[slug]


@pytest.mark.parametrize("slug", ORGANISATIONS)
def test_it_gives_every_organisation_at_least_one_day_on_the_first_day(slug: str) -> None:
    world = world_of(slug)
    days = [one.by for one in ahead(world, standing_at(world, Phase.RECEIVED, *OPEN_AT_RECEIPT[slug])) if one.by]
    assert days
    assert min(days) > FRIDAY.date()


def test_it_gives_the_day_of_the_term_that_a_step_meets() -> None:
    world = world_of("staatvandienst")
    coming = ahead(world, standing_at(world, Phase.RECEIVED, *OPEN_AT_RECEIPT["staatvandienst"]))
    assert of(coming, "acknowledge").by == date(2026, 3, 10)
    assert of(coming, "decide").by == date(2026, 4, 3)
    assert of(coming, "investigate").by is None


def test_it_goes_on_from_what_is_open_and_not_from_the_beginning() -> None:
    world = world_of("staatvandienst")
    case = with_moments(standing_at(world, Phase.TREATMENT, "investigate"), sent__acknowledgement=LATER)
    coming = ahead(world, case)
    assert names(coming, begun=True) == ["investigate"]
    assert names(coming, begun=False)[-2:] == ["decide", "close"]
    assert "acknowledge" not in names(coming, begun=False)


def test_it_tells_of_an_informal_try_before_the_formal_way() -> None:
    world = world_of("mep")
    coming = ahead(world, standing_at(world, Phase.RECEIVED, "front"))
    assert of(coming, "front").begun
    assert of(coming, "formal").yours


@pytest.mark.parametrize(
    ("slug", "step"), [("mep", "verdict"), ("gelukwerkt", "verdict"), ("team-keizer", "satisfaction")]
)
def test_it_says_that_it_is_the_complainants_own_turn(slug: str, step: str) -> None:
    world = world_of(slug)
    coming = ahead(world, standing_at(world, Phase.DECIDED, step))
    assert of(coming, step).yours and of(coming, step).begun
    assert world.policy.roles[of(coming, step).role].kind in LODGERS


def test_it_says_that_a_day_was_made_later() -> None:
    world = world_of("staatvandienst")
    case = standing_at(world, Phase.TREATMENT, "investigate", extensions={"decision": (Duration.parse("2 weeks"),)})
    one = of(ahead(world, case), "decide")
    assert (one.by, one.change) == (date(2026, 4, 17), Change.EXTENDED)


def test_it_says_that_a_day_was_agreed() -> None:
    world = world_of("staatvandienst")
    case = standing_at(world, Phase.TREATMENT, "investigate", agreed={"decision": date(2026, 5, 1)})
    one = of(ahead(world, case), "decide")
    assert (one.by, one.change) == (date(2026, 5, 1), Change.AGREED)


def suspending(policy: Policy) -> Policy:
    """The same policy, in which a question to the complainant stops the decision's term."""
    decision = replace(policy.terms["decision"], suspend=True)
    return replace(policy, terms={**policy.terms, "decision": decision})


def test_it_says_that_a_term_stands_still_until_he_answers_and_runs_on_after_that() -> None:
    world = world_of("staatvandienst")
    world = replace(world, policy=suspending(world.policy))
    waiting = standing_at(world, Phase.TREATMENT, "investigate", asked_on=(LATER,))
    one = of(ahead(world, waiting), "decide")
    assert (one.by, one.change) == (None, Change.WAITS_FOR_YOU)
    answered = replace(waiting, completed_on=(datetime(2026, 3, 20, 15, 0, tzinfo=UTC),))
    one = of(ahead(world, answered), "decide")
    assert one.change is Change.STOOD_STILL
    assert one.by is not None and one.by > date(2026, 4, 3)


def test_it_keeps_a_step_that_is_not_for_him_to_itself() -> None:
    world = world_of("staatvandienst")
    steps = dict(world.policy.steps)
    steps["investigate"] = replace(steps["investigate"], visible=("handler",))
    hidden = replace(world, policy=replace(world.policy, steps=steps))
    assert "investigate" in names(ahead(world, standing_at(world, Phase.TREATMENT, "share")), begun=False)
    assert "investigate" not in names(ahead(hidden, standing_at(hidden, Phase.TREATMENT, "share")), begun=False)
    assert ahead(hidden, standing_at(hidden, Phase.TREATMENT, "investigate"))[0].step != "investigate"


@pytest.mark.parametrize("slug", ORGANISATIONS)
def test_it_promises_no_step_once_a_complaint_is_closed(slug: str) -> None:
    world = world_of(slug)
    case = with_moments(standing_at(world, Phase.CLOSED), closed=LATER)
    assert [one.step for one in ahead(world, case) if one.step] == []


def test_it_still_tells_of_the_copy_that_outlives_a_withdrawal() -> None:
    world = world_of("mep")
    case = with_moments(standing_at(world, Phase.CLOSED, "ministry_copy"), withdrawn=LATER, closed=LATER)
    assert names(ahead(world, case), begun=True) == ["ministry_copy"]


def steps_that_lead_nowhere(world: World) -> Iterator[str]:
    for name, step in world.policy.steps.items():
        if not ahead(world, standing_at(world, Phase.TREATMENT, name)) and not step.visible:
            yield name


@pytest.mark.parametrize("slug", ORGANISATIONS)
def test_it_has_something_to_say_whatever_step_is_open(slug: str) -> None:
    assert not list(steps_that_lead_nowhere(world_of(slug)))


def test_it_tells_a_day_that_we_told_him_until_it_is_over() -> None:
    world = world_of("administrative-body")
    facts = {"hearing_day": date(2026, 4, 20), "hearing_reply_by": date(2026, 4, 10)}
    case = standing_at(world, Phase.TREATMENT, "hearing_reply", facts=facts)
    assert appointments(world, case, date(2026, 4, 1)) == ()
    told = with_moments(case, sent__hearing_invitation=LATER)
    (one,) = appointments(world, told, date(2026, 4, 20))
    assert (one.fact, one.day) == ("hearing_day", date(2026, 4, 20))
    assert "hearing_place" in one.others
    assert appointments(world, told, date(2026, 4, 21)) == ()


def test_it_offers_an_outside_body_as_soon_as_there_is_an_outcome() -> None:
    world = world_of("staatvandienst")
    case = standing_at(world, Phase.TREATMENT, "decide")
    (before,) = redress(world, case)
    (after,) = redress(world, with_moments(case, decided=LATER))
    assert (before.open, after.open, after.until) == (False, True, None)


def test_it_counts_the_last_day_for_an_outside_body_from_the_policys_moment() -> None:
    world = world_of("staatvandienst")
    body = replace(world.policy.bodies["oval"], within=Duration.parse("1 years"), from_="decided")
    world = replace(world, policy=replace(world.policy, bodies={"oval": body}))
    case = standing_at(world, Phase.TREATMENT, "decide")
    (one,) = redress(world, with_moments(case, decided=LATER))
    assert (one.open, one.until) == (True, date(2027, 3, 13))
    assert not one.is_over(date(2027, 3, 13))
    assert one.is_over(date(2027, 3, 14))


def test_it_offers_no_body_that_does_not_apply() -> None:
    world = world_of("nationale-ombudsman")
    case = with_moments(standing_at(world, Phase.CLOSED), closed=LATER)
    assert all(each.body.kind == "dispute" for each in redress(world, case))
