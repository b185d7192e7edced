"""The pure engine on the small procedure: from receipt to closing without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from weerklank.cases.actions.clockwork import Tick
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.extend import Extend
from weerklank.cases.actions.involve import Involve
from weerklank.cases.actions.measures import CarryOutMeasure, PlanMeasure, VerifyMeasure
from weerklank.cases.actions.receive import Receive
from weerklank.cases.actions.verb import Action
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.cases.decide import decide
from weerklank.deadlines import Duration
from weerklank.policy.case import Case, replay
from weerklank.policy.clocks import ClockState, clock_of
from weerklank.policy.consequences import Index, consequences
from weerklank.policy.events import COMPLAINANT, PLATFORM, Actor, ActorKind, Event, Kind
from weerklank.policy.model import Phase
from weerklank.policy.offers import offers
from weerklank.policy.people import People, Person
from weerklank.policy.reader import load_version
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World

NAMES = UUID("00000000-0000-4000-8000-000000000000")
FRIDAY = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)


def person(name: str) -> UUID:
    return uuid5(NAMES, name)


BRAM, DINA, EVA, FRED = person("Bram"), person("Dina"), person("Eva"), person("Fred")


def by(who: UUID) -> Actor:
    return Actor(ActorKind.PERSON, who)


@pytest.fixture(scope="module")
def world() -> World:
    """Bram is complained about, Dina is his manager, Eva is the quality officer, Fred the board."""
    policy = load_version(Path("tests/policy/examples/small.yaml").read_text("utf-8"))
    persons = {BRAM: Person(BRAM, manager=DINA), DINA: Person(DINA, manager=FRED), EVA: Person(EVA), FRED: Person(FRED)}
    return World.of(policy, People(persons, {"quality_officer": (EVA,), "board": (FRED,)}))


class Play:
    """One case in memory: acts, keeps the events, and checks that replaying them gives the same case."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.case = Case(id=person("case"))
        self.events: list[Event] = []
        self.index: Index = consequences(world, self.case, ())

    def act(self, action: Action, actor: Actor, now: datetime = FRIDAY) -> Refusal | None:
        outcome = decide(self.world, self.case, action, actor, now)
        if isinstance(outcome, Refusal):
            return outcome
        self.case, events = outcome
        self.events += events
        assert replay(self.case.id, self.events) == self.case
        self.index = consequences(self.world, self.case, events)
        return None

    def receive(self, **given: Any) -> None:
        facts: Mapping[str, Any] = given.pop("facts", {"about": BRAM})
        contact = {"name": "Anna", "email": "anna@voorbeeld.example"}
        action = Receive("portal", FRIDAY, contact, "Het ging mis.", facts=facts, **given)
        assert self.act(action, COMPLAINANT) is None

    def sent(self) -> list[str]:
        return [event.open["message"] for event in self.events if event.kind is Kind.SENT]


@pytest.fixture
def play(world: World) -> Play:
    return Play(world)


def test_it_starts_the_clocks_on_the_day_of_receipt(play: Play) -> None:
    play.receive()
    days = {clock.term: clock.due.due for clock in play.index.clocks}
    assert days == {"acknowledge": date(2026, 3, 10), "decide": date(2026, 4, 17)}
    assert play.index.next_due == date(2026, 3, 10)


def test_it_walls_off_the_person_complained_about_and_gives_the_case_to_the_manager(play: Play) -> None:
    play.receive()
    assert play.case.involved == {BRAM: frozenset({"respondent"})}
    assert play.act(Complete("assign"), by(EVA)) is None
    assert (play.case.handlers, play.case.rule) == ((DINA,), "respondent_known")
    assert BRAM in play.index.walled and BRAM not in play.index.parties


def test_it_gives_the_case_to_the_board_when_the_manager_turns_out_to_be_involved_and_moves_no_day(play: Play) -> None:
    play.receive()
    play.act(Complete("assign"), by(EVA))
    before = {clock.term: clock.due.due for clock in play.index.clocks}
    assert play.act(Involve(DINA, "involved", "Zij tekende de brief mee."), by(EVA)) is None
    assert (play.case.handlers, play.case.rule) == ((FRED,), "manager")
    assert {clock.term: clock.due.due for clock in play.index.clocks} == before
    refusal = play.act(Complete("decision", text="Gegrond."), by(DINA))
    assert refusal is not None and refusal.code == "not_your_step"


def test_it_says_loudly_that_nobody_may_handle(play: Play) -> None:
    play.receive()
    play.act(Complete("assign"), by(EVA))
    for who in (DINA, FRED):
        assert play.act(Involve(who, "involved", "Betrokken."), by(EVA)) is None
    assert play.case.handlers == ()
    assert "assign" in play.case.open
    assert any(notice.what == "unassignable" for notice in play.index.notices)


def test_it_refuses_a_message_without_what_it_must_contain(play: Play) -> None:
    play.receive()
    play.act(Complete("assign"), by(EVA))
    refusal = play.act(Complete("decision", text="Wij vinden van wel."), by(DINA))
    assert refusal is not None
    assert (refusal.code, refusal.rule, refusal.source) == ("missing_piece", "messages.decision.contains", ("art-5",))
    assert "oordeel" in refusal.text("nl")


def test_it_carries_a_case_from_receipt_to_closing_and_not_before_the_measure_is_verified(play: Play) -> None:
    play.receive()
    assert play.act(Complete("acknowledge"), by(EVA)) is None
    assert play.act(Complete("assign"), by(EVA)) is None
    measure = person("measure")
    assert play.act(PlanMeasure(measure, BRAM, date(2026, 3, 20), "Een training."), by(DINA)) is None
    assert play.act(Complete("decision", facts={"judgement": "upheld"}, text="U heeft gelijk."), by(DINA)) is None
    assert play.case.phase is Phase.MEASURES
    assert "close" not in play.case.open
    assert play.act(VerifyMeasure(measure), by(EVA)) == Refusal("measure_not_done", "measures.verified_by", ("art-6",))
    assert play.act(CarryOutMeasure(measure, "Certificaat"), by(BRAM)) is None
    assert play.act(VerifyMeasure(measure), by(EVA)) is None
    assert play.act(Complete("close"), by(EVA)) is None
    assert play.case.phase is Phase.CLOSED and play.case.is_closed and not play.case.open
    assert play.sent() == ["acknowledgement", "decision"]


def test_it_extends_within_the_ceiling_only_and_tells_the_complainant(play: Play) -> None:
    play.receive()
    play.act(Complete("assign"), by(EVA))
    assert play.act(Extend("decide", Duration.parse("3 weeks"), "Wij wachten op stukken."), by(DINA)) is None
    clock = clock_of(play.world, play.case, "decide")
    assert clock is not None and clock.due.due == date(2026, 5, 8)
    assert play.sent() == ["extension"]
    refusal = play.act(Extend("decide", Duration.parse("2 weeks"), "Nog meer."), by(DINA))
    assert refusal is not None and refusal.code == "extension_too_long"


def test_it_reminds_once_and_escalates_once(play: Play) -> None:
    play.receive()
    later = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    assert play.act(Tick("acknowledge"), PLATFORM, later) is None
    assert [notice.what for notice in play.index.notices] == ["reminded"]
    assert play.act(Tick("acknowledge"), PLATFORM, later) is None
    assert play.index.notices == ()
    after = datetime(2026, 3, 10, 23, 0, tzinfo=UTC)
    assert play.act(Tick("acknowledge"), PLATFORM, after) is None
    assert set(play.index.notices[0].people) == {EVA, FRED}
    clock = clock_of(play.world, play.case, "acknowledge")
    assert clock is not None and clock.state is ClockState.RUNNING and clock.next_at is None


def test_it_waits_when_somebody_without_substitute_is_absent_and_passes_on_when_there_is_one(play: Play) -> None:
    play.world = replace(play.world, people=replace(play.world.people, absent=frozenset({EVA})))
    play.receive()
    task = next(task for task in play.index.tasks if task.step == "acknowledge")
    assert task.people == (FRED,)


def test_it_lets_the_complainant_withdraw_and_stops_the_clocks(play: Play) -> None:
    play.receive()
    assert play.act(Withdraw("Het is al goed."), COMPLAINANT) is None
    assert play.case.is_closed and not play.case.open
    assert {clock.state for clock in play.index.clocks} == {ClockState.LAPSED}
    assert play.act(Withdraw(), COMPLAINANT) == Refusal("nothing_to_withdraw", "withdraw")


def test_it_offers_only_what_the_person_may_do(play: Play) -> None:
    play.receive()
    assert [offer.step for offer in offers(play.world, play.case, by(EVA))] == ["assign", "acknowledge"]
    assert offers(play.world, play.case, by(BRAM)) == ()
    assert offers(play.world, play.case, COMPLAINANT) == ()


def test_it_keeps_words_out_of_the_open_part(play: Play) -> None:
    play.receive()
    play.act(Complete("assign", reason="Dina kent de zaak."), by(EVA))
    assert not any("Het ging mis" in str(event.open) or "Anna" in str(event.open) for event in play.events)


def test_it_keeps_out_the_family_of_who_is_complained_about_where_the_policy_says_so(world: World) -> None:
    text = Path("tests/policy/examples/small.yaml").read_text("utf-8")
    family = "  family:\n    kind: relation\n    relation: relative_of\n    of: respondent\n    source: art-3\n"
    rule = "\n  - {person: family, is: involved, source: art-3}"
    text = text.replace("\nroles:\n", f"\nroles:\n{family}").replace("\ninvolvement:", f"\ninvolvement:{rule}")
    policy = load_version(text)
    related = {**world.people.persons, BRAM: Person(BRAM, manager=DINA, relatives=(DINA,))}
    play = Play(World.of(policy, replace(world.people, persons=related)))
    play.receive()
    play.act(Complete("assign"), by(EVA))
    assert play.case.involved[DINA] == {"involved"}
    assert DINA not in play.case.handlers


def test_it_tells_whom_the_policy_names_when_nobody_may_handle_and_lets_him_take_it_up(world: World) -> None:
    text = Path("tests/policy/examples/small.yaml").read_text("utf-8")
    text = text.replace("\nassignment:\n", "\nassignment:\n  nobody: board\n")
    text = text.replace("      when: {involved: manager}\n      to: board\n", "      to: manager\n", 1)
    play = Play(World.of(load_version(text), world.people))
    play.receive()
    assert play.act(Complete("assign"), by(EVA)) is None
    assert play.case.handlers == (DINA,)
    play.act(Involve(DINA, reason="Zij zat erbij."), by(EVA))
    alarms = [notice for notice in play.index.notices if notice.what == "unassignable"]
    assert [notice.people for notice in alarms] == [(), (FRED,)]
    assert {task.step: FRED in task.people for task in play.index.tasks}["assign"]
    assert "assign" in {offer.step for offer in offers(play.world, play.case, by(FRED))}
    refused = play.act(Complete("assign"), by(FRED))
    assert refused is not None
    assert refused.code == "nobody_may_handle"


def test_it_names_in_plain_words_what_of_the_complainant_is_missing(play: Play) -> None:
    refused = play.act(Receive("portal", FRIDAY, {"email": "anna@voorbeeld.example"}, ""), COMPLAINANT)
    assert refused is not None
    assert "naam" in refused.text("nl")
    assert "waar de klacht over gaat" in refused.text("nl")
