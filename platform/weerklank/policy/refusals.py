"""A refusal: which rule says no, where that rule comes from, and how to say it to a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from weerklank.policy.words import Text


@dataclass(frozen=True)
class Refusal:
    """Why an action was not carried out. `rule`: its path in the policy, or the platform's own; `source`: clauses."""

    code: str
    rule: str
    source: tuple[str, ...] = ()
    values: Mapping[str, str | Text] = field(default_factory=dict)
    said: Text | None = None

    def text(self, language: str) -> str:
        """The refusal in `nl` or `en`: the policy's own words where it has them."""
        if self.said:
            return self.said.in_(language)
        words = REFUSALS[self.code]["nl" if language == "nl" else "en"]
        return words.format_map(self.words(language))

    def words(self, language: str) -> dict[str, str]:
        """What the refusal names, as the reader calls it."""
        return {name: value.in_(language) if isinstance(value, Text) else value for name, value in self.values.items()}


REFUSALS: Mapping[str, Mapping[str, str]] = {
    "not_open": {
        "nl": "Deze stap staat nu niet open. Misschien was een collega u voor; bekijk de zaak opnieuw.",
        "en": "This step is not open now. A colleague may have been first; look at the case again.",
    },
    "not_your_step": {
        "nl": "Deze stap is niet aan u, maar aan: {role}.",
        "en": "This step is not yours to do, but for: {role}.",
    },
    "walled": {
        "nl": "U bent betrokken bij waar deze klacht over gaat. Daarom kunt u haar niet behandelen.",
        "en": "You are involved in what this complaint is about. So you cannot handle it.",
    },
    "unknown_outcome": {"nl": "Deze uitkomst bestaat hier niet.", "en": "This outcome does not exist here."},
    "outcome_not_on_offer": {
        "nl": "Deze uitkomst kan nu niet gekozen worden: {outcome}.",
        "en": "This outcome cannot be chosen now: {outcome}.",
    },
    "missing_fact": {"nl": "Vul eerst in: {facts}", "en": "Fill in first: {facts}"},
    "unknown_fact": {
        "nl": "Dit gegeven kent de regeling niet: {facts}",
        "en": "The procedure does not know this: {facts}",
    },
    "bad_fact": {"nl": "Dit is geen geldige waarde voor: {facts}", "en": "This is not a valid value for: {facts}"},
    "missing_text": {"nl": "Schrijf eerst de tekst van het bericht.", "en": "Write the text of the message first."},
    "guard": {"nl": "Dit kan nog niet.", "en": "This cannot be done yet."},
    "missing_piece": {
        "nl": "Het bericht kan niet weg. Dit ontbreekt: {piece}",
        "en": "The message cannot go out. This is missing: {piece}",
    },
    "no_recipient": {"nl": "Er is niemand om dit aan te sturen.", "en": "There is nobody to send this to."},
    "nobody_may_handle": {
        "nl": "Volgens de regeling mag nu niemand deze klacht behandelen. De beheerder is gewaarschuwd.",
        "en": "Under the procedure nobody may handle this complaint now. The administrator has been warned.",
    },
    "choose_handler": {
        "nl": "De regeling laat de keuze aan een persoon: kies wie de klacht behandelt.",
        "en": "The procedure leaves this to a person: choose who handles the complaint.",
    },
    "may_not_handle": {
        "nl": "Deze persoon mag deze klacht niet behandelen: {why}.",
        "en": "This person may not handle this complaint: {why}.",
    },
    "reason_needed": {"nl": "Geef een reden.", "en": "Give a reason."},
    "no_extension": {
        "nl": "De regeling kent voor deze termijn geen verlenging.",
        "en": "The procedure has no extension for this term.",
    },
    "extension_too_long": {
        "nl": "Alle verlengingen samen mogen niet langer zijn dan {most}.",
        "en": "All extensions together may not be longer than {most}.",
    },
    "not_countable": {
        "nl": "Met deze duur kan deze termijn niet geteld worden.",
        "en": "This term cannot be counted with this duration.",
    },
    "day_past": {"nl": "Kies een dag die nog komt.", "en": "Choose a day that is still to come."},
    "term_over": {"nl": "De termijn is al voorbij.", "en": "The term is already over."},
    "term_not_running": {"nl": "Deze termijn loopt nu niet.", "en": "This term is not running now."},
    "consent_needed": {
        "nl": "Een langere termijn kan alleen met schriftelijke instemming van de klager.",
        "en": "A longer term needs the complainant's written consent.",
    },
    "already_closed": {"nl": "Deze zaak is gesloten.", "en": "This case is closed."},
    "nothing_to_withdraw": {
        "nl": "Deze klacht is al afgehandeld of ingetrokken.",
        "en": "This complaint has already been dealt with or withdrawn.",
    },
    "not_yours": {"nl": "Dit is niet aan u.", "en": "This is not yours to do."},
    "unknown_person": {"nl": "Deze persoon is niet bekend.", "en": "This person is not known."},
    "unknown_measure": {"nl": "Deze maatregel is niet bekend.", "en": "This measure is not known."},
    "measure_done": {
        "nl": "De maatregel is al gecontroleerd of als uitgevoerd gemeld.",
        "en": "The measure has been checked or reported as carried out already.",
    },
    "measure_not_done": {
        "nl": "De maatregel is nog niet uitgevoerd gemeld.",
        "en": "The measure has not been reported as carried out.",
    },
    "proof_needed": {"nl": "Geef aan waaruit blijkt dat het gedaan is.", "en": "Say what shows that it was done."},
    "before_its_day": {
        "nl": "Dit kan pas op of na {day}.",
        "en": "This can only be done on or after {day}.",
    },
    "received_in_future": {
        "nl": "De dag van ontvangst ligt in de toekomst.",
        "en": "The day of receipt lies in the future.",
    },
    "channel_shut": {"nl": "Dit kanaal is nu gesloten.", "en": "This channel is closed now."},
    "unknown_channel": {"nl": "Dit kanaal kent de regeling niet.", "en": "The procedure does not know this channel."},
    "in_the_future": {"nl": "Deze dag ligt in de toekomst.", "en": "This day lies in the future."},
    "before_receipt": {"nl": "Deze dag ligt voor de ontvangst.", "en": "This day lies before receipt."},
    "file_empty": {"nl": "Dit bestand is leeg.", "en": "This file is empty."},
    "file_too_large": {
        "nl": "Dit bestand is te groot. Een bestand mag {most} MB zijn.",
        "en": "This file is too large. A file may be {most} MB.",
    },
    "file_not_allowed": {
        "nl": "Dit soort bestand nemen wij niet aan. Wel: {allowed}",
        "en": "We do not take this sort of file. We do take: {allowed}",
    },
    "too_many_files": {
        "nl": "Dit zijn te veel bestanden. Het mogen er {most} zijn.",
        "en": "These are too many files. There may be {most}.",
    },
    "suspended": {
        "nl": "Deze organisatie neemt nu geen nieuwe klachten aan via deze pagina.",
        "en": "This organisation does not take new complaints through this page now.",
    },
}

# Why somebody may not handle a case.
BARRED: Mapping[str, Text] = {
    "respondent": Text.of({"nl": "de klacht gaat over deze persoon", "en": "the complaint is about this person"}),
    "involved": Text.of({"nl": "deze persoon is erbij betrokken", "en": "this person is involved"}),
    "colleague": Text.of(
        {"nl": "dit is een directe collega van de betrokkene", "en": "this is a direct colleague of who is concerned"}
    ),
    "role": Text.of({"nl": "de regeling wijst iemand anders aan", "en": "the procedure names somebody else"}),
}
