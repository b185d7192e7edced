"""Durations, moments and conditions of a policy in plain words, Dutch (B1) and English."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from weerklank.deadlines import Duration
from weerklank.policy.amounts import in_euro, in_units
from weerklank.policy.model import Condition, FactType, Policy, Scalar
from weerklank.policy.moments import Moment
from weerklank.policy.tongues import counted, spoken
from weerklank.policy.words import Text, changed, filled, joined

UNITS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "nl": {
        "hours": ("uur", "uur"),
        "days": ("dag", "dagen"),
        "working_days": ("werkdag", "werkdagen"),
        "weeks": ("week", "weken"),
        "months": ("maand", "maanden"),
        "years": ("jaar", "jaar"),
    },
    "en": {
        "hours": ("hour", "hours"),
        "days": ("day", "days"),
        "working_days": ("working day", "working days"),
        "weeks": ("week", "weeks"),
        "months": ("month", "months"),
        "years": ("year", "years"),
    },
}

PHRASES: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "and": "en",
        "or": "of",
        "yes": "ja",
        "no": "nee",
        "received": "ontvangst van de klacht",
        "registered": "registratie van de klacht",
        "assigned": "toewijzing van de klacht",
        "assigned_as": "het aanwijzen van: {0}",
        "involved": "het bekend worden van betrokkenheid",
        "extended": "verlenging van de termijn",
        "asked": "het verzoek om aanvulling",
        "completed": "ontvangst van de aanvulling",
        "decided": "de beslissing",
        "closed": "het sluiten van de klacht",
        "withdrawn": "het intrekken van de klacht",
        "archived": "het archiveren van het dossier",
        "measure_planned": "het plannen van een maatregel",
        "measures_verified": "de controle van de maatregelen",
        "opened": "het begin van de stap ‘{0}’",
        "done": "de stap ‘{0}’",
        "done_with": "de stap ‘{0}’ (uitkomst: {1})",
        "sent": "het bericht ‘{0}’",
        "fact": "het antwoord op ‘{0}’",
        "missed": "het verstrijken van de termijn ‘{0}’",
        "event": "‘{0}’",
        "one_of": "minstens een hiervan geldt: {0}",
        "not_is": "‘{0}’ is niet {1}",
        "not_at_least": "‘{0}’ is minder dan {1}",
        "not_at_most": "‘{0}’ is meer dan {1}",
        "not_older": "‘{0}’ is niet langer dan {1} geleden",
        "not_involved": "{0} is niet bij de klacht betrokken",
        "not_channel": "de klacht kwam niet binnen via {0}",
        "not_received_by": "de klacht kwam niet binnen bij {0}",
        "not_step": "de stap ‘{0}’ is niet gedaan",
        "not_outcome": "de stap ‘{0}’ had niet als uitkomst: {1}",
        "not_happened": "dit is nog niet gebeurd: {0}",
        "not_ground": "‘{0}’ geldt niet",
        "not_measures_none": "er zijn maatregelen",
        "not_measures_planned": "er zijn geen maatregelen",
        "not_measures_open": "er staan geen maatregelen open",
        "not_measures_verified": "niet alle maatregelen zijn gecontroleerd",
        "not_measures_overrun": "geen maatregel duurt langer dan de termijn",
        "if_is": "‘{0}’ is {1}",
        "if_known": "‘{0}’ is ingevuld",
        "if_unknown": "‘{0}’ is niet ingevuld",
        "if_at_least": "‘{0}’ is {1} of meer",
        "if_at_most": "‘{0}’ is {1} of minder",
        "if_older": "‘{0}’ is langer dan {1} geleden",
        "if_involved": "{0} is bij de klacht betrokken",
        "if_channel": "de klacht kwam binnen via {0}",
        "if_form_written": "de klacht is schriftelijk",
        "if_form_oral": "de klacht is mondeling",
        "if_linked": "gekoppeld is: {0}",
        "if_anonymous": "de klager blijft anoniem",
        "if_represented": "iemand treedt namens de klager op",
        "if_several": "meer mensen dienen de klacht samen in",
        "if_received_by": "de klacht kwam binnen bij {0}",
        "if_step": "na de stap ‘{0}’",
        "if_outcome": "de stap ‘{0}’ had als uitkomst: {1}",
        "if_happened": "na {0}",
        "if_ground": "‘{0}’ geldt",
        "if_measures_none": "er zijn geen maatregelen",
        "if_measures_planned": "er zijn maatregelen",
        "if_measures_open": "er staan nog maatregelen open",
        "if_measures_verified": "alle maatregelen zijn gecontroleerd",
        "if_measures_overrun": "een maatregel duurt langer dan de termijn",
    },
    "en": {
        "and": "and",
        "or": "or",
        "yes": "yes",
        "no": "no",
        "received": "receipt of the complaint",
        "registered": "registration of the complaint",
        "assigned": "assignment of the complaint",
        "assigned_as": "the appointment of: {0}",
        "involved": "involvement becoming known",
        "extended": "extension of the term",
        "asked": "the request for completion",
        "completed": "receipt of the completion",
        "decided": "the decision",
        "closed": "closing of the complaint",
        "withdrawn": "withdrawal of the complaint",
        "archived": "archiving of the file",
        "measure_planned": "the planning of a measure",
        "measures_verified": "the check of the measures",
        "opened": "the start of the step ‘{0}’",
        "done": "the step ‘{0}’",
        "done_with": "the step ‘{0}’ (outcome: {1})",
        "sent": "the message ‘{0}’",
        "fact": "the answer to ‘{0}’",
        "missed": "the expiry of the term ‘{0}’",
        "event": "‘{0}’",
        "one_of": "at least one of these holds: {0}",
        "not_is": "‘{0}’ is not {1}",
        "not_at_least": "‘{0}’ is less than {1}",
        "not_at_most": "‘{0}’ is more than {1}",
        "not_older": "‘{0}’ is not longer than {1} ago",
        "not_involved": "{0} is not involved in the complaint",
        "not_channel": "the complaint did not come in by {0}",
        "not_received_by": "the complaint did not come in with: {0}",
        "not_step": "the step ‘{0}’ has not been done",
        "not_outcome": "the step ‘{0}’ did not end with: {1}",
        "not_happened": "this has not happened yet: {0}",
        "not_ground": "‘{0}’ does not apply",
        "not_measures_none": "there are measures",
        "not_measures_planned": "there are no measures",
        "not_measures_open": "no measures are open",
        "not_measures_verified": "not all measures have been checked",
        "not_measures_overrun": "no measure takes longer than the term",
        "if_is": "‘{0}’ is {1}",
        "if_known": "‘{0}’ has been filled in",
        "if_unknown": "‘{0}’ has not been filled in",
        "if_at_least": "‘{0}’ is {1} or more",
        "if_at_most": "‘{0}’ is {1} or less",
        "if_older": "‘{0}’ is longer than {1} ago",
        "if_involved": "{0} is involved in the complaint",
        "if_channel": "the complaint came in by {0}",
        "if_form_written": "the complaint is in writing",
        "if_form_oral": "the complaint is oral",
        "if_linked": "linked is: {0}",
        "if_anonymous": "the complainant stays anonymous",
        "if_represented": "somebody acts for the complainant",
        "if_several": "several people complain together",
        "if_received_by": "the complaint came in with: {0}",
        "if_step": "after the step ‘{0}’",
        "if_outcome": "the step ‘{0}’ ended with: {1}",
        "if_happened": "after {0}",
        "if_ground": "‘{0}’ applies",
        "if_measures_none": "there are no measures",
        "if_measures_planned": "there are measures",
        "if_measures_open": "measures are still open",
        "if_measures_verified": "all measures have been checked",
        "if_measures_overrun": "a measure takes longer than the term",
    },
}


def capital(text: str) -> str:
    return changed(text, lambda words: words[:1].upper() + words[1:])


@dataclass(frozen=True)
class Words:
    """Says parts of one policy in one language, marked where something could only be said in another."""

    policy: Policy
    language: str

    def phrase(self, key: str, *parts: str) -> str:
        said = {language: phrases[key] for language, phrases in PHRASES.items()}
        return filled(spoken(said, self.language), *parts)

    def text(self, text: Text | None) -> str:
        return changed(text.in_(self.language), lambda words: " ".join(words.split())) if text else ""

    def label(self, element: object, name: str) -> str:
        """What people call an element; its name made readable when nobody said."""
        return self.text(getattr(element, "label", None)) or name.replace("_", " ")

    def role(self, name: str) -> str:
        return self.label(self.policy.roles[name], name)

    def roles(self, names: Iterable[str]) -> str:
        return self.joined("and", (self.role(name) for name in names))

    def fact(self, name: str) -> str:
        return self.label(self.policy.facts[name], name)

    def step(self, name: str) -> str:
        return self.label(self.policy.steps[name], name)

    def outcome(self, step: str, name: str) -> str:
        return self.label(self.policy.steps[step].outcomes.get(name), name)

    def link(self, name: str) -> str:
        links = self.policy.combining.links if self.policy.combining else {}
        return self.label(links.get(name), name)

    def joined(self, word: str, parts: Iterable[str]) -> str:
        """`a, b en c`."""
        *first, last = list(parts) or [""]
        return filled("{0} {1} {2}", joined(first), self.phrase(word), last) if first else last

    def duration(self, duration: Duration) -> str:
        """`2 werkdagen`."""
        said = {language: units[duration.unit.value] for language, units in UNITS.items()}
        return counted(said, duration.amount, self.language)

    def moment(self, text: str) -> str:
        """A moment as what something comes after: `ontvangst van de klacht`."""
        moment = Moment.parse(text)
        if not moment.name:
            return self.phrase(moment.kind)
        if moment.kind == "assigned":
            return self.phrase("assigned_as", self.role(moment.name))
        if moment.kind == "done" and moment.outcome:
            return self.phrase("done_with", self.step(moment.name), self.outcome(moment.name, moment.outcome))
        return self.phrase(moment.kind, self.named(moment))

    def named(self, moment: Moment) -> str:
        """The label of what a moment is about."""
        match moment.kind:
            case "opened" | "done":
                return self.step(moment.name)
            case "sent":
                return self.message(moment.name)
            case "fact":
                return self.fact(moment.name)
            case "missed":
                return self.label(self.policy.terms[moment.name], moment.name)
            case _:
                return self.event(moment.name)

    def message(self, name: str) -> str:
        """A message by its label, else by the step that sends it."""
        message = self.policy.messages[name]
        sender = next((step for step in self.policy.steps.values() if step.message == name), None)
        return self.label(message if message.label else sender, name)

    def event(self, name: str) -> str:
        """An event of the policy's own, by the outcome that raises it."""
        outcomes = (outcome for step in self.policy.steps.values() for outcome in step.outcomes.values())
        return self.label(next((one for one in outcomes if one.event == name), None), name)

    def condition(self, condition: Condition) -> str:
        """When something holds, as half a sentence."""
        return next((say(self, condition) for key, say in SAID.items() if getattr(condition, key) is not None), "")

    def negated(self, condition: Condition) -> str:
        """When it does not hold, as half a sentence: never `not` before a whole condition."""
        return next((say(self, condition) for key, say in DENIED.items() if getattr(condition, key) is not None), "")

    def value(self, fact: str, value: Scalar) -> str:
        if isinstance(value, bool):
            return self.phrase("yes" if value else "no")
        amount = in_units(self.policy.facts[fact], value)
        if self.policy.facts[fact].type is FactType.AMOUNT and isinstance(amount, int):
            return in_euro(amount, self.language)
        option = self.policy.facts[fact].options.get(str(value))
        return f"‘{self.text(option)}’" if option else value.isoformat() if isinstance(value, date) else str(value)


def say_fact(words: Words, condition: Condition) -> str:
    """Everything a condition asks of one fact."""
    name = condition.fact or ""
    fact, said = words.fact(name), []
    if condition.known is not None:
        said.append(words.phrase("if_known" if condition.known else "if_unknown", fact))
    if condition.is_ is not None:
        said.append(words.phrase("if_is", fact, words.value(name, condition.is_)))
    if condition.in_ is not None:
        values = (words.value(name, value) for value in condition.in_)
        said.append(words.phrase("if_is", fact, words.joined("or", values)))
    for key, bound in (("if_at_least", condition.at_least), ("if_at_most", condition.at_most)):
        if bound is not None:
            said.append(words.phrase(key, fact, words.value(name, bound)))
    if condition.older_than is not None:
        said.append(words.phrase("if_older", fact, words.duration(condition.older_than)))
    return words.joined("and", said)


def say_step(words: Words, condition: Condition) -> str:
    step = condition.step or ""
    if condition.outcome is None:
        return words.phrase("if_step", words.step(step))
    outcomes = words.joined("or", (words.outcome(step, name) for name in condition.outcome))
    return words.phrase("if_outcome", words.step(step), outcomes)


def say_channel(words: Words, condition: Condition) -> str:
    channels = (words.label(words.policy.channels[name], name) for name in condition.channel or ())
    return words.phrase("if_channel", words.joined("or", channels))


def say_ground(words: Words, condition: Condition) -> str:
    grounds = (words.label(words.policy.grounds[name], name) for name in condition.ground or ())
    return words.phrase("if_ground", words.joined("or", grounds))


def inside(words: Words, part: Condition) -> str:
    """A part of several that all hold: a choice among them is said as one."""
    denied = part.not_
    several = len(part.any or ()) > 1 or (denied is not None and len(denied.all or ()) > 1)
    said = words.condition(part)
    return words.phrase("one_of", said) if several else said


def deny_fact(words: Words, condition: Condition) -> str:
    """That a fact is not as a condition asks: one of its tests fails."""
    name = condition.fact or ""
    fact, said = words.fact(name), []
    if condition.known is not None:
        said.append(words.phrase("if_unknown" if condition.known else "if_known", fact))
    if condition.is_ is not None:
        said.append(words.phrase("not_is", fact, words.value(name, condition.is_)))
    if condition.in_ is not None:
        values = (words.value(name, value) for value in condition.in_)
        said.append(words.phrase("not_is", fact, words.joined("or", values)))
    for key, bound in (("not_at_least", condition.at_least), ("not_at_most", condition.at_most)):
        if bound is not None:
            said.append(words.phrase(key, fact, words.value(name, bound)))
    if condition.older_than is not None:
        said.append(words.phrase("not_older", fact, words.duration(condition.older_than)))
    return words.joined("or", said)


def deny_step(words: Words, condition: Condition) -> str:
    step = condition.step or ""
    if condition.outcome is None:
        return words.phrase("not_step", words.step(step))
    outcomes = words.joined("or", (words.outcome(step, name) for name in condition.outcome))
    return words.phrase("not_outcome", words.step(step), outcomes)


def deny_named(key: str, names: str, holder: str) -> Callable[[Words, Condition], str]:
    def deny(words: Words, condition: Condition) -> str:
        known = getattr(words.policy, holder)
        labels = (words.label(known[name], name) for name in getattr(condition, names) or ())
        return words.phrase(key, words.joined("or", labels))

    return deny


DENIED: Mapping[str, Callable[[Words, Condition], str]] = {
    "all": lambda words, one: words.joined("or", map(words.negated, one.all or ())),
    "any": lambda words, one: words.joined("and", map(words.negated, one.any or ())),
    "not_": lambda words, one: words.condition(one.not_) if one.not_ else "",
    "fact": deny_fact,
    "involved": lambda words, one: words.phrase("not_involved", words.role(one.involved or "")),
    "channel": deny_named("not_channel", "channel", "channels"),
    "form": lambda words, one: words.phrase("if_form_oral" if one.form == "written" else "if_form_written"),
    "received_by": lambda words, one: words.phrase("not_received_by", words.role(one.received_by or "")),
    "step": deny_step,
    "happened": lambda words, one: words.phrase("not_happened", words.moment(one.happened or "received")),
    "measures": lambda words, one: words.phrase(f"not_measures_{one.measures}"),
    "ground": deny_named("not_ground", "ground", "grounds"),
}

SAID: Mapping[str, Callable[[Words, Condition], str]] = {
    "all": lambda words, one: words.joined("and", (inside(words, each) for each in one.all or ())),
    "any": lambda words, one: words.joined("or", map(words.condition, one.any or ())),
    "not_": lambda words, one: words.negated(one.not_) if one.not_ else "",
    "fact": say_fact,
    "involved": lambda words, one: words.phrase("if_involved", words.role(one.involved or "")),
    "channel": say_channel,
    "form": lambda words, one: words.phrase(f"if_form_{one.form}"),
    "complainant": lambda words, one: words.joined("or", (words.phrase(f"if_{who}") for who in one.complainant or ())),
    "received_by": lambda words, one: words.phrase("if_received_by", words.role(one.received_by or "")),
    "step": say_step,
    "happened": lambda words, one: words.phrase("if_happened", words.moment(one.happened or "received")),
    "linked": lambda words, one: words.phrase("if_linked", words.joined("or", map(words.link, one.linked or ()))),
    "measures": lambda words, one: words.phrase(f"if_measures_{one.measures}"),
    "ground": say_ground,
}
