"""What the checks know beyond syntax. Each test puts one mistake into the small policy, which has none."""

from typing import Any

import pytest

from tests.policy.test_reader import SMALL
from weerklank.policy.findings import Finding, Severity
from weerklank.policy.reader import read_policy

SOURCE = {"source": "s", "label": "x"}
TERM = {**SOURCE, "from": "received", "within": "1 weeks", "until": "decided", "owner": "handler"}
STEP = {**SOURCE, "by": "handler", "on": "received"}
FACT = {**SOURCE, "at_intake": "optional"}


def findings(**values: Any) -> tuple[Finding, ...]:
    overrides = {path.replace("__", "."): value for path, value in values.items()}
    return read_policy(SMALL, name="p", overrides=overrides).findings


def errors(**values: Any) -> list[str]:
    """The only mistakes: their messages."""
    found = findings(**values)
    assert all(one.severity is Severity.ERROR for one in found), [str(one) for one in found]
    return [one.message for one in found]


def warnings(**values: Any) -> list[str]:
    found = findings(**values)
    assert all(one.severity is Severity.WARNING for one in found), [str(one) for one in found]
    return [one.message for one in found]


def when(**condition: Any) -> dict[str, Any]:
    """A ground with this condition: the place where a condition disturbs nothing else."""
    keys = {key.rstrip("_"): value for key, value in condition.items()}
    return {"grounds__late": {**SOURCE, "when": keys}, "facts__event_day": {**FACT, "type": "day"}}


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("terms__decide__owner", "handlr", "there is no role 'handlr', did you mean 'handler'?"),
        ("channels__letter__fallback", ["portl"], "there is no channel 'portl', did you mean 'portal'?"),
        ("roles__named__fact", "abuot", "there is no fact 'abuot', did you mean 'about'?"),
        ("measures__overrun_of", "decid", "there is no term 'decid', did you mean 'decide'?"),
        ("measures__overrun_message", "decison", "there is no message 'decison', did you mean 'decision'?"),
        ("terms__decide__missed", {"opens": ["clos"]}, "there is no step 'clos', did you mean 'close'?"),
        ("terms__decide__ends", ["witdrawn"], "'witdrawn' is not a moment, did you mean 'withdrawn'?"),
        ("terms__decide__ends", ["done.decison"], "there is no step 'decison', did you mean 'decision'?"),
        ("terms__decide__ends", ["done.decision.yes"], "step 'decision' has no outcome 'yes'"),
        ("terms__decide__ends", ["sent.decison"], "there is no message 'decison', did you mean 'decision'?"),
        ("terms__decide__ends", ["missed.decid"], "there is no term 'decid', did you mean 'decide'?"),
        ("terms__decide__ends", ["event.done"], "there is no event 'done'"),
        ("terms__decide__ends", ["about"], "'about' is not a moment, did you mean 'fact.about'?"),
        ("terms__decide__ends", ["done."], "'done.' is not a moment"),
        ("terms__decide__ends", ["done.a.b.c"], "'done.a.b.c' is not a moment"),
    ],
)
def test_it_names_what_does_not_exist_with_a_suggestion(path: str, value: Any, message: str) -> None:
    (found,) = errors(**{path: value})
    assert found.startswith(message)


def test_it_wants_a_ground_that_exists() -> None:
    (found,) = errors(**when(ground="lat"))
    assert found == "there is no ground 'lat', did you mean 'late'?"


def test_it_accepts_every_moment_of_the_small_policy() -> None:
    ends = ["done.decision", "done.decision.done", "opened.close", "sent.extension", "fact.about", "missed.acknowledge"]
    assert errors(terms__decide__ends=ends) == []


@pytest.mark.parametrize("path", ["roles.handler", "channels.letter", "terms.decide", "steps.close", "involvement.0"])
def test_it_wants_a_source_for_every_element(path: str) -> None:
    (found,) = errors(**{f"{path}.source": None})
    assert found.startswith("there is no `source`")


def test_it_takes_the_source_of_what_is_around_an_element() -> None:
    assert errors(assignment__rules__rest__source=None, steps__close__guards__0__source=None) == []


def test_it_wants_texts_in_every_language_of_the_procedure() -> None:
    assert warnings(roles__handler__label={"nl": "behandelaar"}) == ["this text is not there in 'en'"]
    assert errors(roles__handler__label={"en": "handler"}) == ["this text is not there in 'nl'"]
    assert errors(roles__handler__label="handler") == []
    assert errors(facts__judgement__options={"yes": {"en": "yes"}}) == ["this text is not there in 'nl'"]


def test_it_warns_where_people_would_read_a_name_for_the_machine() -> None:
    assert warnings(roles__handler__label=None) == ["there is no `label`: people would read 'handler'"]
    assert errors(messages__acknowledgement__label=None) == []


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ({"kind": "relation", "relation": "manager_of"}, "a role of kind relation needs `of`"),
        ({"kind": "relation", "of": "handler"}, "a role of kind relation needs `relation`"),
        ({"kind": "fact"}, "a role of kind fact needs `fact`"),
        ({"kind": "staff", "required": True}, "`required` is for a role of kind post; this one is staff"),
        ({"kind": "staff", "fact": "about"}, "`fact` is for a role of kind fact; this one is staff"),
        ({"kind": "fact", "fact": "judgement"}, "fact 'judgement' is of type choice; a role is found by a person"),
        ({"kind": "post", "seats": 0}, "a post has at least one seat"),
        ({"kind": "post", "substitute": "x"}, "`substitute` goes round in a circle: x -> x"),
        ({"kind": "relation", "relation": "manager_of", "of": "x"}, "`of` goes round in a circle: x -> x"),
    ],
)
def test_it_wants_a_role_to_be_found_by_its_kind(role: dict[str, Any], message: str) -> None:
    assert errors(roles__x={**SOURCE, **role}) == [message]


def test_it_finds_a_circle_of_substitutes() -> None:
    found = errors(roles__board__substitute="quality_officer")
    assert "`substitute` goes round in a circle: board -> quality_officer -> board" in found


def test_it_wants_somebody_who_complains_and_somebody_who_handles() -> None:
    assert errors(roles__complainant__kind="outside") == ["there is no role of kind complainant"]
    assert errors(roles__handler__kind="staff") == ["there is no role of kind handler"]


@pytest.mark.parametrize(
    ("channel", "message"),
    [
        ({"kind": "web_form"}, "a channel of kind web_form needs `to`: who receives what comes in"),
        ({"kind": "portal", "to": "board"}, "the portal is the platform's own channel: its source is `platform`"),
    ],
)
def test_it_wants_a_channel_to_work(channel: dict[str, Any], message: str) -> None:
    assert errors(channels__x={**SOURCE, **channel}) == [message]


def test_it_wants_a_channel_that_is_open() -> None:
    assert errors(channels__letter__state="off", channels__portal__state="off") == [
        "no channel is open: nobody can complain"
    ]


def test_it_warns_of_a_shut_channel_that_helps_nobody_on() -> None:
    assert warnings(channels__x={**SOURCE, "kind": "post", "state": "maintenance"}) == [
        "a channel in maintenance needs `notice` and `fallback`: what to do meanwhile"
    ]
    shut = {**SOURCE, "kind": "post", "state": "maintenance", "notice": "n", "fallback": "letter"}
    assert warnings(channels__letter__state="off", channels__x=shut) == ["channel 'letter' is not open either"]


def test_it_wants_options_for_a_choice_and_only_there() -> None:
    assert errors(facts__x={**FACT, "type": "choice"}) == ["a fact of type choice needs `options`"]
    found = errors(facts__x={**FACT, "type": "text", "options": {"a": "A"}})
    assert found == ["`options` is for choice and choices; this fact is text"]


def test_it_warns_of_a_fact_that_nothing_asks_for() -> None:
    (found,) = warnings(facts__x={**SOURCE, "type": "text"})
    assert found.startswith("nothing asks for this fact")


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({}, "a condition needs a subject: one of all, any, not, fact"),
        ({"involved": "named", "form": "oral"}, "a condition has one subject, not involved and form"),
        ({"form": "oral", "is_": "x"}, "`is` needs `fact` beside it"),
        ({"form": "oral", "outcome": "x"}, "`outcome` needs `step` beside it"),
        ({"fact": "event_day", "known": True, "before": "received"}, "`before` needs `older_than` beside it"),
        ({"fact": "about"}, "say what fact 'about' must be"),
        ({"all": []}, "an empty list of conditions says nothing"),
        ({"not_": {"any": [{"fact": "about"}]}}, "say what fact 'about' must be"),
        ({"fact": "judgement", "is_": "upheeld"}, "'upheeld' is not one of upheld, not_upheld, did you mean 'upheld'?"),
        ({"fact": "judgement", "in_": ["upheld", "x"]}, "'x' is not one of upheld, not_upheld"),
        ({"fact": "judgement", "at_least": 3}, "`at_least` compares numbers, amounts and days; this fact is choice"),
        ({"fact": "judgement", "older_than": "1 years"}, "`older_than` is for days; this fact is choice"),
        ({"fact": "event_day", "is_": "x"}, "this fact is a day, which is never 'x'"),
        ({"fact": "about", "is_": "x"}, "words of type person cannot be compared; ask whether they are `known`"),
        ({"step": "decision", "outcome": "yes"}, "step 'decision' has no outcome 'yes'"),
    ],
)
def test_it_wants_a_condition_that_can_be_tested(condition: dict[str, Any], message: str) -> None:
    (found,) = errors(**when(**condition))
    assert found.startswith(message)


def test_it_accepts_conditions_that_make_sense() -> None:
    parts = [
        {"fact": "judgement", "in": ["upheld"]},
        {"fact": "event_day", "older_than": "1 years"},
        {"step": "decision", "outcome": "done"},
        {"measures": "overrun"},
    ]
    assert errors(**when(all=parts)) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"within": None}, "a term needs `within`, `day` or `back_from`: nothing says when it ends"),
        ({"day": "event_day"}, "a term has `within` or `day`, not both"),
        ({"within": None, "day": "judgement"}, "this fact is of type choice; a term looks for a day"),
        ({"within": None, "back_from": "event_day"}, "`back_from` needs `within`: how long before it"),
        ({"until": []}, "a term needs at least one moment that meets it"),
        ({"until": ["event.heard"]}, "there is no event 'heard'"),
        ({"within": None, "repeats": "0 days"}, "an interval is longer than nothing"),
    ],
)
def test_it_wants_a_term_with_an_end(change: dict[str, Any], message: str) -> None:
    term = {key: value for key, value in {**TERM, **change}.items() if value is not None}
    assert errors(terms__x=term, facts__event_day={**FACT, "type": "day"}) == [message]


def test_it_lets_a_question_stand_for_the_length_of_a_term() -> None:
    assert errors(terms__x={**TERM, "within": {"unconfirmed": "How long?"}}) == []


def test_it_warns_where_the_act_does_not_extend() -> None:
    for within in ("1 years", "13 weeks", "91 days", "48 hours"):
        (found,) = warnings(terms__x={**TERM, "within": within, "counting": "statutory"})
        assert "article 4" in found
    assert errors(terms__x={**TERM, "within": "12 weeks", "counting": "statutory"}) == []


def test_it_names_a_term_that_can_never_be_met_or_never_start() -> None:
    lost = {**STEP, "on": None, "does": "record"}
    lost.pop("on")
    for key in ("from", "until"):
        found = errors(terms__x={**TERM, key: "done.lost"}, steps__lost=lost)
        assert "nothing in this policy makes 'done.lost' happen" in found


def test_it_names_a_step_that_never_opens() -> None:
    found = errors(steps__lost={key: value for key, value in STEP.items() if key != "on"})
    assert found == ["this step never opens: no `on` that can happen, and no `then` leads to it"]


def test_it_names_a_step_from_which_a_case_is_never_closed() -> None:
    found = errors(steps__decision__then="end", steps__end={**SOURCE, "by": "handler", "phase": "treatment"})
    assert len([one for one in found if one.startswith("a case that comes here can never be closed")]) == 3


def test_it_warns_of_an_outcome_after_which_nothing_follows() -> None:
    outcomes = {"yes": {"label": "yes", "then": "measures"}, "no": {"label": "no"}}
    found = warnings(steps__decision__then=None, steps__decision__outcomes=outcomes)
    assert found == ["with outcome 'no' nothing follows that leads to closing"]


def test_it_accepts_an_outcome_that_closes() -> None:
    outcomes = {"yes": {"label": "yes", "then": "measures"}, "no": {"label": "no", "closes": True}}
    assert errors(steps__decision__then=None, steps__decision__outcomes=outcomes) == []


def test_it_wants_a_step_that_closes() -> None:
    (found,) = errors(steps__close__does="record")
    assert found == "no step does close: a complaint would stay open for ever"


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"does": "send"}, "a step that does send needs a `message`"),
        ({"does": "sign"}, "a step that does sign needs `signed_by`"),
        ({"does": "choose"}, "a step that does choose needs `outcomes` to choose from"),
        ({"outcomes": {"a": {"label": "a"}}, "then": "close"}, "a step with outcomes leads on by their `then`"),
        ({"guards": [{"when": {"form": "oral"}}]}, "a guard needs a `label`: it is what people read when it refuses"),
    ],
)
def test_it_wants_a_step_that_can_be_done(step: dict[str, Any], message: str) -> None:
    (found,) = errors(steps__x={**STEP, **step})
    assert found.startswith(message)


def test_it_warns_where_nobody_would_handle() -> None:
    (found,) = warnings(steps__assign__does="record")
    assert found.startswith("no step does assign")


def test_it_names_rules_that_decide_nothing() -> None:
    rules: list[dict[str, Any]] = [{"id": "all", "to": "board"}, {"id": "all", "to": "board", "when": {"form": "oral"}}]
    found = errors(assignment__rules=rules)
    assert "another rule is called 'all' too" in found
    assert "this rule is never reached: rule 'all' before it has no `when` and always decides" in found
    (found_one,) = errors(assignment__rules=[])
    assert found_one == "there is no rule: nobody would ever handle a complaint"
    (found_one,) = warnings(assignment__rules=rules[1:])
    assert found_one.startswith("no rule is without `when`")


def test_it_wants_somebody_who_chooses_where_a_rule_leaves_it_open() -> None:
    (found,) = errors(assignment__chosen_by=None, assignment__rules__rest__to=None)
    assert found == "this rule leaves the choice to a person, but `chosen_by` names nobody"


def test_it_warns_of_measures_that_nobody_checks() -> None:
    (found,) = warnings(measures__verified_by=None)
    assert found.startswith("a step waits for measures to be checked")


def test_it_wants_a_message_to_reach_somebody_and_warns_when_it_is_never_sent() -> None:
    assert errors(messages__decision__to=[]) == ["a message needs somebody to go to"]
    (found,) = warnings(messages__x={**SOURCE, "to": "board"})
    assert found.startswith("this message is never sent")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Dag {klager}", "{klager} is not a placeholder: choose from reference, organisation"),
        ("Voor {due.decid}", "{due.decid} is not a placeholder: there is no term 'decid', did you mean 'decide'?"),
        ("Over {fact.x}", "{fact.x} is not a placeholder: there is no fact 'x'"),
        ("Voor {}", "{} is not a placeholder: choose from"),
    ],
)
def test_it_names_a_placeholder_nobody_can_fill_in(body: str, message: str) -> None:
    (found,) = errors(messages__decision__body={"nl": "x", "en": body})
    assert found.startswith(message)


def test_it_names_pieces_a_message_cannot_hold() -> None:
    found = errors(messages__decision__contains=["txt", "redress.ombudsmn", "due.decide", "measures"])
    assert found[0].startswith("'txt' cannot be in a message: choose from text, complaint, measures, handler")
    assert (
        found[1] == "'redress.ombudsmn' cannot be in a message: there is no body 'ombudsmn', did you mean 'ombudsman'?"
    )


def test_it_names_what_a_message_holds_though_it_never_may() -> None:
    (found,) = errors(messages__decision__never="judgement")
    assert found == "fact 'judgement' may never be in this message, which holds it"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("calendar__timezone", "Europe/Asmterdam", "'Europe/Asmterdam' is not a time zone"),
        ("calendar__timezone", "../etc/passwd", "'../etc/passwd' is not a time zone"),
        ("calendar__week", [], "a week has at least one working day"),
        ("procedure__languages", [], "a procedure is offered in at least one language"),
        ("procedure__cost", 100_001, "this must be from 0 to 100000"),
    ],
)
def test_it_wants_a_calendar_and_terms_of_use_that_can_be(path: str, value: Any, message: str) -> None:
    assert message in errors(**{path: value})


def test_it_names_a_period_that_ends_before_it_begins() -> None:
    closed = [{"label": "x", "from": "2026-02-01", "to": "2026-01-01"}]
    assert errors(calendar__closed=closed) == ["this period ends (2026-01-01) before it begins (2026-02-01)"]
    closed = [{"label": "x", "from": "2026-02-30", "to": "2026-03-01"}]
    assert errors(calendar__closed=closed) == ["'2026-02-30' is not a day; write it as 2026-04-03"]


@pytest.mark.parametrize(
    ("fact", "message"),
    [
        ({"type": "text", "at_most": 3}, "`at_most` is for numbers, amounts and days; this fact is text"),
        ({"type": "number", "at_least": "three"}, "this fact is a whole number, which is never 'three'"),
        ({"type": "amount", "at_most": "lots"}, "this fact is an amount in euro, such as 250 or '12.50', which is"),
        ({"type": "amount", "at_least": "10.01", "at_most": 10}, "nothing lies between these bounds"),
        ({"type": "number", "at_most": 3, "preset": [{"is": 4}]}, "this value lies outside the bounds of the fact"),
        ({"type": "yes_no", "preset": [{"is": "yes"}]}, "this fact is true or false, which is never 'yes'"),
        ({"type": "text", "preset": [{"is": "words"}]}, "words of type text cannot be compared"),
        (
            {"type": "yes_no", "preset": [{"is": True}, {"is": False}]},
            "this line is never reached: one before it has no `when` and always decides",
        ),
    ],
)
def test_it_says_what_is_wrong_with_bounds_and_presets(fact: dict[str, Any], message: str) -> None:
    assert [one for one in errors(facts__extra={**FACT, **fact}) if one.startswith(message)]


def test_it_compares_amounts_with_amounts() -> None:
    amount = {"facts__award": {**FACT, "type": "amount", "at_least": 1, "at_most": "250.50"}}
    assert errors(**amount, grounds__small={**SOURCE, "when": {"fact": "award", "at_most": 10}}) == []
    assert errors(**amount, grounds__small={**SOURCE, "when": {"fact": "award", "is": "ten"}}) != []


def test_it_keeps_a_way_open_to_whom_contact_is_restricted_and_lets_him_know() -> None:
    restriction = {**SOURCE, "by": "handler", "most": "3 months", "message": "decision"}
    assert errors(restrictions__limits={**restriction, "closes": ["portal"]}) == []
    both = errors(restrictions__limits={**restriction, "closes": ["portal", "letter"]})
    assert both == ["no channel would stay open: somebody must be able to reach you"]
    untold = {**restriction, "message": "inward"}
    inward = {"messages__inward": {**SOURCE, "to": "board"}}
    assert errors(restrictions__limits=untold, **inward) == [
        "this message does not go to the complainant, who must be told"
    ]


def test_it_says_what_is_wrong_with_combining() -> None:
    combining = {"source": "s", "by": "quality_officer"}
    assert errors(combining={**combining, "links": {"same": {**SOURCE}}}) == []
    assert errors(combining=combining) == ["nothing can be combined: give `links`, `merge` or `split`"]
    inward = {"messages__inward": {**SOURCE, "to": "board"}}
    untold = errors(combining={**combining, "merge": {**SOURCE, "message": "inward"}}, **inward)
    assert untold == ["this message does not go to the complainant, who must be told"]
    named = errors(combining={**combining, "links": {"merge": {**SOURCE}}})
    assert named == ["'merge' means something else here; take another name"]
    unknown = {"links": {"same": {**SOURCE}}}
    assert errors(combining={**combining, **unknown}, **when(linked="sane")) == [
        "there is no link 'sane', did you mean 'same'?"
    ]
