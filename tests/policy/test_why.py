"""Why: the rule, its source, what made it hold and what was passed over, in both languages, without any key."""

from __future__ import annotations

from dataclasses import replace

from tests.cases.test_engine import BRAM, DINA, EVA, FRED, FRIDAY, by
from tests.cast import SMALL
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.receive import Receive
from weerklank.cases.decide import decide
from weerklank.policy.case import Case
from weerklank.policy.events import COMPLAINANT, Event
from weerklank.policy.model import Policy
from weerklank.policy.people import People, Person
from weerklank.policy.reader import load_version
from weerklank.policy.refusals import Refusal
from weerklank.policy.why import Why, explain_case
from weerklank.policy.world import World


def world_of(policy: Policy) -> World:
    persons = {BRAM: Person(BRAM, manager=DINA), DINA: Person(DINA, manager=FRED), EVA: Person(EVA), FRED: Person(FRED)}
    return World.of(policy, People(persons, {"quality_officer": (EVA,), "board": (FRED,)}))


def case_of(world: World, *actions: tuple[Complete, object]) -> list[Event]:
    """The events of a complaint about Bram and of what was done with it, without their words."""
    first = Receive("portal", FRIDAY, {"name": "Anna"}, "Het verhaal", facts={"about": BRAM})
    case, every = Case(id=EVA), list[Event]()
    for action, actor in ((first, COMPLAINANT), *actions):
        outcome = decide(world, case, action, actor, FRIDAY)  # type: ignore[arg-type]  # actions of one sort each
        assert not isinstance(outcome, Refusal), outcome
        case = outcome[0]
        every += outcome[1]
    return [replace(event, sealed=None) for event in every]


def whys(events: list[Event], world: World, language: str = "en") -> dict[tuple[str, str], Why]:
    return {(one.kind, one.name): one for one in explain_case(world, events, language)}


def test_it_says_by_which_rule_somebody_handles_and_what_the_others_lacked() -> None:
    world = world_of(load_version(SMALL))
    events = case_of(world, (Complete("assign"), by(EVA)))
    one = whys(events, world)["handler", ""]
    assert (one.rule, one.source) == ("assignment.rules.respondent_known", ("art-3",))
    assert one.because == ("The procedure gives this case to: manager.", "‘Who is it about?’ has been filled in.")
    assert [(passed.rule, passed.failed) for passed in one.passed] == [
        ("Manager is involved in the complaint", ("manager is not involved in the complaint",))
    ]
    assert whys(events, world, "nl")["handler", ""].passed[0].failed == (
        "leidinggevende is niet bij de klacht betrokken",
    )


def test_it_says_what_opened_a_step_and_what_sent_a_message() -> None:
    world = world_of(load_version(SMALL))
    events = case_of(world, (Complete("acknowledge"), by(EVA)), (Complete("assign"), by(EVA)))
    found = whys(events, world)
    assert found["step", "assign"].because == ("This begins by itself at receipt of the complaint.",)
    assert found["step", "decision"].because == ("This follows from the step ‘assign’.",)
    assert found["message", "acknowledgement"].because == ("This goes out with the step ‘acknowledge receipt’.",)
    assert found["step", "decision"].source == ("art-5",)


def test_it_says_what_a_term_started_from_and_how_it_was_counted() -> None:
    world = world_of(load_version(SMALL))
    one = whys(case_of(world), world)["term", "decide"]
    assert one.because[0] == "The term starts at receipt of the complaint."
    assert len(one.because) > 1
    assert one.rule == "terms.decide"


def test_it_says_beforehand_what_a_step_would_be_refused_for() -> None:
    guard = """    guards:
      - label: {nl: Eerst bevestigen., en: First acknowledge.}
        when: {all: [{happened: sent.acknowledgement}, {not: {form: oral}}]}
"""
    text = SMALL.replace("    does: assign\n", f"    does: assign\n{guard}")
    world = world_of(load_version(text))
    one = whys(case_of(world), world)["refusal", "assign"]
    assert one.rule == "steps.assign.guards.0"
    assert one.because == ("First acknowledge.", "This has not happened yet: the message ‘acknowledgement’.")
    assert (
        "Dit is nog niet gebeurd: het bericht ‘ontvangstbevestiging’."
        in whys(case_of(world), world, "nl")["refusal", "assign"].because
    )
    acknowledged = case_of(world, (Complete("acknowledge"), by(EVA)))
    assert ("refusal", "assign") not in whys(acknowledged, world)


def test_it_needs_no_words_and_names_nobody() -> None:
    world = world_of(load_version(SMALL))
    events = case_of(world, (Complete("acknowledge"), by(EVA)), (Complete("assign"), by(EVA)))
    said = repr(explain_case(world, events, "nl"))
    assert "Anna" not in said and "verhaal" not in said
    assert not any(str(person) in said for person in (BRAM, DINA, EVA, FRED))
