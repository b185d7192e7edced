"""What happens to an ordinary complaint, told from the policy: the drawing on an organisation's first page."""

from __future__ import annotations

from functools import cache

import pytest

from tests.policy.test_reader import ROOT_TENANTS
from tests.policy.test_show import policy_with
from weerklank.policy.course import Longer, Stage, stages
from weerklank.policy.model import Phase, Policy
from weerklank.policy.reader import read_policy

ORGANISATIONS = ("gelukwerkt", "mep", "nationale-ombudsman", "staatvandienst", "team-keizer")


@cache
def policy_of(slug: str) -> Policy:
    path = next(path for path in ROOT_TENANTS if path.parent.name == slug)
    policy = read_policy(path, name=slug).policy
    assert policy is not None
    return policy


def told(slug: str) -> list[Stage]:
    return stages(policy_of(slug), "nl")


@pytest.mark.parametrize("slug", ORGANISATIONS)
def test_it_tells_of_every_organisation_from_receipt_to_an_end(slug: str) -> None:
    made = told(slug)
    assert 4 <= len(made) <= 10
    assert any(stage.by.startswith("Binnen") for stage in made)
    assert any(stage.phase is Phase.TREATMENT for stage in made)
    assert "sluiten" in made[-1].lines[-1]


@pytest.mark.parametrize("slug", ORGANISATIONS)
def test_it_says_the_same_stages_in_both_languages(slug: str) -> None:
    dutch, english = told(slug), stages(policy_of(slug), "en")
    shape = [(stage.phase, bool(stage.by), len(stage.lines), stage.yours) for stage in dutch]
    assert shape == [(stage.phase, bool(stage.by), len(stage.lines), stage.yours) for stage in english]
    assert not {line for stage in dutch for line in stage.lines} & {line for stage in english for line in stage.lines}


def test_it_tells_the_terms_on_which_a_complainant_can_count() -> None:
    terms = {slug: [stage.by.partition(" na ")[0] for stage in told(slug) if stage.by] for slug in ORGANISATIONS}
    assert terms == {
        "staatvandienst": ["Binnen 2 werkdagen", "Binnen 4 weken"],
        "mep": ["Binnen 1 week", "Binnen 2 weken", "Binnen 2 weken"],
        "gelukwerkt": ["Binnen 1 week", "Binnen 2 weken"],
        "team-keizer": ["Binnen 4 weken"],
        "nationale-ombudsman": ["Binnen 1 week"],
    }


def test_it_says_how_a_term_can_be_made_longer() -> None:
    decision = next(stage for stage in told("staatvandienst") if stage.longer)
    assert decision.by.startswith("Binnen 4 weken")
    assert decision.longer == Longer("4 weken", consent=False)


def test_it_says_that_a_day_is_one_that_he_is_told() -> None:
    proposal = next(stage for stage in told("gelukwerkt") if stage.told)
    assert proposal.lines == ("U krijgt bericht over de oplossing.",)
    assert proposal.by == ""


def test_it_says_when_it_is_the_complainants_turn_and_when_only_perhaps() -> None:
    turns = [(stage.yours, stage.maybe) for stage in told("mep") if stage.yours]
    assert turns == [(True, True), (True, False)]
    assert all(stage.who == "" for stage in told("mep") if stage.yours)


def test_it_takes_steps_of_one_phase_together() -> None:
    treatment = [stage for stage in told("nationale-ombudsman") if stage.phase is Phase.TREATMENT]
    assert [len(stage.lines) for stage in treatment] == [3]


def test_it_follows_the_way_that_is_open() -> None:
    """The first talk is for who does not write to the complaints officer himself, as the page's own form does."""
    assert not any("neemt contact met u op" in stage.lines[0] for stage in told("gelukwerkt"))
    assert any("neemt contact met u op" in stage.lines[0] for stage in told("mep"))


def test_it_tells_no_term_that_is_only_the_organisations_own() -> None:
    policy = policy_with()
    assert any(stage.by for stage in stages(policy, "nl"))
    softened = policy_with(**{f"terms__{name}__strength": "house" for name in policy.terms})
    assert not any(stage.by or stage.told for stage in stages(softened, "nl"))
