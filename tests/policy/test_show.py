"""The procedure in plain words, made from the policy."""

from datetime import date
from typing import Any

import pytest

from tests.policy.test_reader import ROOT_TENANTS, SMALL
from weerklank.policy.model import Policy
from weerklank.policy.phrases import PHRASES, UNITS
from weerklank.policy.reader import read_policy
from weerklank.policy.sentences import SENTENCES, TITLES
from weerklank.policy.show import Section, describe, plain_text


def policy_with(**values: Any) -> Policy:
    overrides = {path.replace("__", "."): value for path, value in values.items()}
    reading = read_policy(SMALL, name="p", overrides=overrides)
    assert reading.policy is not None, [str(one) for one in reading.findings]
    return reading.policy


def section(policy: Policy, key: str, language: str = "nl") -> Section:
    return next(one for one in describe(policy, language) if one.key == key)


def test_it_has_the_same_phrases_in_both_languages() -> None:
    for table in (PHRASES, SENTENCES, TITLES, UNITS):
        assert table["nl"].keys() == table["en"].keys()


def test_it_tells_the_procedure_in_the_order_people_ask() -> None:
    keys = [one.key for one in describe(policy_with(), "nl")]
    assert keys == ["about", "complaint", "who", "how", "cost", "handler", "steps", "terms", "bodies", "keeping"]


def test_it_says_what_is_no_complaint_in_the_policys_own_words() -> None:
    policy = policy_with(scope__not_a_complaint="Een vraag is geen klacht.")
    assert section(policy, "complaint").paragraphs[1] == "Een vraag is geen klacht."


def test_it_says_what_it_costs_and_how_to_complain() -> None:
    policy = policy_with()
    assert section(policy, "cost").paragraphs == ("Een klacht indienen kost niets.",)
    how = section(policy, "how")
    assert how.paragraphs[0] == "U kunt schriftelijk klagen."
    assert how.paragraphs[-1] == "Geef in elk geval: uw e-mailadres of uw postadres."
    assert how.points[1].text == "Brief"
    assert how.points[1].details == (
        "Adres: Dorpsstraat 1, 1234 AB Ergens",
        "Dit komt binnen bij: kwaliteitsmedewerker.",
    )


def test_it_says_who_handles_by_the_rules_in_their_order() -> None:
    assert [point.text for point in section(policy_with(), "handler").points] == [
        "Als dit geldt: leidinggevende is bij de klacht betrokken, dan: directie.",
        "Als dit geldt: ‘Over wie gaat het?’ is ingevuld, dan: leidinggevende.",
        "In andere gevallen: kwaliteitsmedewerker.",
    ]


def test_it_says_of_each_step_who_does_it_and_by_when() -> None:
    steps = section(policy_with(), "steps")
    assert steps.numbered
    assert steps.points[1].text == "Ontvangst bevestigen"
    assert steps.points[1].details == (
        "Wie: kwaliteitsmedewerker.",
        "Wanneer: binnen 2 werkdagen na ontvangst van de klacht.",
    )
    assert steps.points[1].source == ("art-2",)


def test_it_puts_durations_into_words() -> None:
    policy = policy_with(terms__acknowledge__within="1 working_days", bodies__ombudsman__within="1 weeks")
    assert "Binnen 1 werkdag na ontvangst van de klacht." in section(policy, "terms").points[0].details
    assert "Doe dat binnen 1 week na de beslissing." in section(policy, "bodies").points[0].details
    assert "Within 6 weeks after receipt of the complaint." in section(policy, "terms", "en").points[1].details


def test_it_says_how_a_term_may_be_extended_and_what_sort_it_is() -> None:
    policy = policy_with(terms__decide__counting="statutory", terms__decide__strength="house")
    details = section(policy, "terms").points[1].details
    assert "Verlengen kan met ten hoogste 4 weken. Dat doet: behandelaar." in details
    assert "Deze termijn staat niet in de regeling; het is een eigen afspraak." in details
    assert any("feestdag" in detail for detail in details)


def test_it_shows_a_channel_in_maintenance_with_what_works_meanwhile() -> None:
    policy = policy_with(
        channels__portal__state="maintenance",
        channels__portal__notice="Even dicht.",
        channels__portal__fallback="letter",
    )
    assert section(policy, "how").points[0].details == ("Even dicht.", "Dit kan tijdelijk niet. Gebruik zolang: brief.")


def test_it_leaves_out_what_is_switched_off() -> None:
    points = section(policy_with(channels__letter__state="off"), "how").points
    assert [point.text for point in points] == ["Deze pagina"]


def test_it_marks_what_is_still_a_reading() -> None:
    policy = policy_with(bodies__ombudsman__unconfirmed="Is it this one?")
    assert section(policy, "bodies").points[0].unconfirmed
    assert "- Ombudsman van Ergens (nog te bevestigen)\n" in plain_text(policy, "nl")
    assert "Is it this one?" not in plain_text(policy, "nl")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (
            {"all": [{"form": "oral"}, {"channel": ["letter", "portal"]}]},
            "de klacht is mondeling en de klacht kwam binnen via brief of deze pagina",
        ),
        (
            {"any": [{"fact": "about", "known": False}, {"involved": "board"}]},
            "‘Over wie gaat het?’ is niet ingevuld of directie is bij de klacht betrokken",
        ),
        ({"not": {"fact": "judgement", "is": "upheld"}}, "‘oordeel’ is niet ‘gegrond’"),
        ({"fact": "judgement", "in": ["upheld", "not_upheld"]}, "‘oordeel’ is ‘gegrond’ of ‘ongegrond’"),
        ({"fact": "day", "older_than": "1 years"}, "‘dag’ is langer dan 1 jaar geleden"),
        ({"fact": "day", "at_least": date(2026, 1, 2)}, "‘dag’ is 2026-01-02 of meer"),
        ({"fact": "many", "at_least": 2, "at_most": 5}, "‘aantal’ is 2 of meer en ‘aantal’ is 5 of minder"),
        ({"fact": "sure", "is": True}, "‘zeker’ is ja"),
        ({"step": "decision"}, "na de stap ‘besluiten’"),
        ({"step": "decision", "outcome": "done"}, "de stap ‘besluiten’ had als uitkomst: done"),
        ({"happened": "sent.decision"}, "na het bericht ‘besluit’"),
        ({"happened": "missed.decide"}, "na het verstrijken van de termijn ‘besluiten’"),
        ({"happened": "opened.close"}, "na het begin van de stap ‘sluiten’"),
        ({"happened": "fact.about"}, "na het antwoord op ‘Over wie gaat het?’"),
        ({"happened": "done.decision.done"}, "na de stap ‘besluiten’ (uitkomst: done)"),
        ({"received_by": "board"}, "de klacht kwam binnen bij directie"),
        ({"measures": "open"}, "er staan nog maatregelen open"),
    ],
)
def test_it_puts_any_condition_into_words(condition: dict[str, Any], words: str) -> None:
    facts = {
        name: {"type": kind, "label": label, "at_intake": "asked", "source": "s"}
        for name, kind, label in (("day", "day", "dag"), ("many", "number", "aantal"), ("sure", "yes_no", "zeker"))
    }
    policy = policy_with(
        steps__close__when=condition, facts__day=facts["day"], facts__many=facts["many"], facts__sure=facts["sure"]
    )
    assert f"Alleen als: {words}." in section(policy, "steps").points[4].details


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("path", [SMALL, *ROOT_TENANTS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_shows_every_policy_without_names_for_the_machine(path: Any, language: str) -> None:
    policy = read_policy(path, name="p").policy
    assert policy is not None
    text = plain_text(policy, language)
    assert text.startswith(policy.procedure.title.in_(language))
    assert "_" not in text
    assert "None" not in text
    assert all(len(line) <= 120 for line in text.splitlines())


def test_it_says_how_long_each_sort_of_case_is_kept() -> None:
    rules = [{"when": {"form": "oral"}, "for": "10 years", "source": "art-8"}]
    said = section(policy_with(keeping__rules=rules), "keeping", "en").paragraphs
    assert said[0].startswith("We keep a file for 10 years after it was closed. Only if: ")
    assert said[1] == "We keep a file for 5 years after it was closed."
