"""What people call the codes that reports and the register hold, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel.dates import format_date

from weerklank.cases.labels import label_of
from weerklank.policy.model import Duty, Policy
from weerklank.policy.reporting import PER

WORDS: Mapping[str, tuple[str, str]] = {
    # totals
    "received": ("Ontvangen", "Received"),
    "running": ("Lopend", "Running"),
    "closed": ("Gesloten", "Closed"),
    "withdrawn": ("Ingetrokken", "Withdrawn"),
    "measures_open": ("Open maatregelen", "Open measures"),
    # tables and lists
    "cases_received": ("Ontvangen klachten", "Complaints received"),
    "channels": ("Hoe klachten binnenkwamen", "How complaints came in"),
    "forms": ("Mondeling of schriftelijk", "Oral or written"),
    "phases": ("Lopende klachten per fase", "Running complaints by phase"),
    "outcomes": ("Hoe ontvangen klachten zijn afgelopen", "How complaints received have ended"),
    "lead_times": ("Doorlooptijd in dagen", "Lead time in days"),
    "terms": ("Termijnen", "Terms"),
    "grounds": ("Gronden om niet te behandelen", "Grounds for not handling"),
    "actions": ("Wat er openstaat", "What is to be done"),
    "measures": ("Maatregelen", "Measures"),
    "registered": ("Geregistreerd buiten klachten", "Registered beside complaints"),
    "ratings": ("Tevreden over de behandeling, volgens klagers", "Satisfied with the handling, as complainants say"),
    "running_cases": ("Lopende klachten", "Running complaints"),
    # codes
    "settled": ("Afgesloten klachten", "Complaints closed"),
    "shortest": ("Kortste", "Shortest"),
    "median": ("Middelste", "Median"),
    "longest": ("Langste", "Longest"),
    "in_time": ("op tijd", "in time"),
    "late": ("te laat", "late"),
    "missed": ("verstreken zonder dat het gebeurde", "passed without being met"),
    "suspended": ("staat stil", "stands still"),
    "lapsed": ("vervallen", "lapsed"),
    "met": ("gehaald", "met"),
    "planned": ("gepland", "planned"),
    "carried_out": ("uitgevoerd", "carried out"),
    "verified": ("gecontroleerd", "checked"),
    "overdue": ("over hun dag heen", "past their day"),
    "yes": ("ja", "yes"),
    "no": ("nee", "no"),
    "partly": ("een beetje", "a little"),
    "answered": ("Antwoorden", "Answers"),
    "average": ("Gemiddeld, van 0 (nee) tot 100 (ja)", "On average, from 0 (no) to 100 (yes)"),
    "written": ("schriftelijk", "written"),
    "oral": ("mondeling", "oral"),
    "triage": ("beoordeling", "being assessed"),
    "treatment": ("in behandeling", "being handled"),
    "decided": ("besloten", "decided"),
    "archived": ("gearchiveerd", "archived"),
    # reports
    "draft": ("concept", "draft"),
    "released": ("vrijgegeven", "released"),
    "presented": ("gepresenteerd", "presented"),
    "evaluated": ("samen geëvalueerd", "evaluated together"),
    "recorded": ("vastgelegd in het archief", "recorded in the archive"),
    # recommendations
    "made": ("gedaan", "made"),
    "consulted": ("besproken", "talked over"),
    "accepted": ("aanvaard", "accepted"),
    "rejected": ("afgewezen", "rejected"),
    # columns
    "reference": ("Kenmerk", "Reference"),
    "day_received": ("Ontvangen op", "Received on"),
    "day_closed": ("Gesloten op", "Closed on"),
    "days": ("Dagen", "Days"),
    "outcome": ("Uitkomst", "Outcome"),
    "phase": ("Fase", "Phase"),
    "channel": ("Kanaal", "Channel"),
    "number": ("Aantal", "Number"),
    "state": ("Stand", "State"),
    "day": ("Dag", "Day"),
    "struck": ("doorgehaald", "struck"),
    "hidden": ("niet getoond", "not shown"),
    "registered_day": ("Dag", "Day"),
    "kind": ("Soort", "Sort"),
    "text": ("Wat", "What"),
    # what happened, by kind of event
    "report_opened": ("het verslag werd geopend", "the report was opened"),
    "report_written": ("er is aan geschreven", "it was written in"),
    "report_counted": ("er is gevraagd de cijfers opnieuw te tellen", "the numbers were to be counted anew"),
    "report_released": ("het is vrijgegeven", "it was released"),
    "report_decided": ("er is over besloten", "it was decided on"),
    "report_presented": ("het is gepresenteerd", "it was presented"),
    "report_evaluated": ("het is samen geëvalueerd", "it was evaluated together"),
    "report_recorded": ("het is vastgelegd in het archief", "it was recorded in the archive"),
    "told": ("er is bericht van gestuurd", "word was sent of it"),
    "improvement_planned": ("de maatregel is gepland", "the measure was planned"),
    "improvement_carried_out": ("de maatregel is uitgevoerd", "the measure was carried out"),
    "improvement_verified": ("de maatregel is gecontroleerd", "the measure was checked"),
    "recommended": ("de aanbeveling is gedaan", "the recommendation was made"),
    "recommendation_consulted": ("er is over overlegd", "it was talked over"),
    "recommendation_accepted": ("de aanbeveling is aanvaard", "the recommendation was accepted"),
    "recommendation_carried_out": ("de aanbeveling is uitgevoerd", "the recommendation was carried out"),
    "recommendation_rejected": ("de aanbeveling is afgewezen", "the recommendation was rejected"),
    "duty_done": ("de taak is gedaan", "the duty was done"),
    "register_entered": ("het is geregistreerd", "it was registered"),
    "register_struck": ("een tekst is doorgehaald", "a text was struck"),
    "place_checked": ("er is gekeken of het er staat", "somebody looked whether it stands there"),
    "moment_expected": ("iemand moet het nog horen", "somebody is still to be told"),
    "moment_told": ("iemand heeft het gehoord", "somebody was told"),
}


def word(name: str, language: str) -> str:
    """A word of the platform itself, else the name made readable."""
    if name not in WORDS:
        return name.replace("_", " ")
    return WORDS[name][0 if language == "nl" else 1]


def table_title(policy: Policy, name: str, language: str) -> str:
    """What a table, list or number is called: a fact by the policy's label."""
    if name in WORDS:
        return word(name, language)
    by = "per" if language == "nl" else "by"
    return f" {by} ".join(label_of(policy.facts, part, language) for part in name.split(PER))


def code_title(policy: Policy, table: str, code: str, language: str) -> str:
    """What a row of a table is called."""
    if table == "cases_received":
        return str(format_date(date.fromisoformat(f"{code}-01"), "LLLL y", locale=language))
    if table == "channels":
        return label_of(policy.channels, code, language)
    if table == "grounds":
        return label_of(policy.grounds, code, language)
    if table == "actions":
        return label_of(policy.steps, code, language)
    if table == "terms":
        term, _, state = code.rpartition(".")
        return f"{label_of(policy.terms, term, language)}: {word(state, language)}"
    if table == "outcomes":
        return outcome_title(policy, code, language)
    if table == "registered":
        return kind_title(policy.duties, code, language)
    facts = table.split(PER)
    if all(fact in policy.facts for fact in facts):
        pairs = zip(facts, code.split(" / "), strict=False)
        return " / ".join(value_title(policy, fact, value, language) for fact, value in pairs)
    return word(code, language)


def outcome_title(policy: Policy, code: str, language: str) -> str:
    """How a complaint ended."""
    head, _, rest = code.partition(".")
    if head == "judgement":
        return value_title(policy, "judgement", rest, language)
    if not rest:
        return word(code, language)
    outcomes = policy.steps[head].outcomes if head in policy.steps else {}
    named = label_of(outcomes, rest, language) if rest in outcomes else ""
    return f"{label_of(policy.steps, head, language)}: {named}" if named else label_of(policy.steps, head, language)


def value_title(policy: Policy, fact: str, value: str, language: str) -> str:
    """A coded value of a fact."""
    options = policy.facts[fact].options if fact in policy.facts else {}
    return options[value].in_(language) if value in options else word(value, language) if value in WORDS else value


def kind_title(duties: Mapping[str, Duty], code: str, language: str) -> str:
    """A sort of thing that is registered."""
    kinds = {name: text for duty in duties.values() for name, text in duty.kinds.items()}
    return kinds[code].in_(language) if code in kinds else word(code, language)
