"""A refusal: which rule says no, where that rule comes from, and how to say it to a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from weerklank.policy.tongues import spoken
from weerklank.policy.words import Text, filled


@dataclass(frozen=True)
class Refusal:
    """Why an action was not carried out. `rule`: its path in the policy, or the platform's own; `source`: clauses.

    `lacks` names the facts that would have to be filled in; `text` among them is what the sender writes.
    """

    code: str
    rule: str
    source: tuple[str, ...] = ()
    values: Mapping[str, str | Text] = field(default_factory=dict)
    said: Text | None = None
    lacks: tuple[str, ...] = ()

    def text(self, language: str) -> str:
        """The refusal in a language: the policy's own words where it has them."""
        if self.said:
            return self.said.in_(language)
        return filled(spoken(REFUSALS[self.code], language), **self.words(language))

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
    "not_anonymous": {
        "nl": "De regeling kent geen anonieme klachten.",
        "en": "The procedure has no anonymous complaints.",
    },
    "not_several": {
        "nl": "De regeling laat niet toe dat meer mensen samen een klacht indienen.",
        "en": "The procedure does not let several people complain together.",
    },
    "not_represented": {
        "nl": "De regeling laat niet toe dat iemand namens de klager optreedt.",
        "en": "The procedure does not let somebody act for the complainant.",
    },
    "no_address": {
        "nl": "Geef een e-mailadres of een postadres: daarheen gaan de brieven.",
        "en": "Give an e-mail address or a postal address: that is where the letters go.",
    },
    "not_asked": {
        "nl": "Dit hoort niet bij deze stap: {facts}",
        "en": "This does not belong to this step: {facts}",
    },
    "endless": {
        "nl": "De regeling laat hier stappen elkaar zonder einde volgen. Er is niets gedaan. Waarschuw de beheerder.",
        "en": "The procedure lets steps follow each other here without end. Nothing was done. Warn the administrator.",
    },
    "not_combined": {
        "nl": "De regeling kent dit niet: zaken koppelen, samenvoegen of splitsen.",
        "en": "The procedure does not know this: linking, merging or splitting cases.",
    },
    "nothing_to_link": {
        "nl": "Zeg met welke andere zaak, of met welk nummer.",
        "en": "Say with which other case, or with which number.",
    },
    "linked_already": {"nl": "Deze zaken zijn al gekoppeld.", "en": "These cases are linked already."},
    "unknown_restriction": {
        "nl": "Deze beperking kent de regeling niet, of geldt nu niet.",
        "en": "The procedure does not know this restriction, or it does not hold now.",
    },
    "restriction_too_long": {
        "nl": "Deze beperking mag hoogstens duren tot en met {day}.",
        "en": "This restriction may last up to and including {day} at most.",
    },
    "restricted": {
        "nl": "Wij hebben het contact voor een tijd beperkt. U kunt nu langs deze weg niets toevoegen.",
        "en": "We restricted contact for a while. You cannot add anything this way now.",
    },
    "no_way_to_tell": {
        "nl": "De klager blijft anoniem: wij kunnen een nieuwe code aan niemand sturen.",
        "en": "The complainant stays anonymous: there is nobody to send a new code to.",
    },
    "missing_fact": {"nl": "Vul eerst in: {facts}", "en": "Fill in first: {facts}"},
    "unknown_fact": {
        "nl": "Dit gegeven kent de regeling niet: {facts}",
        "en": "The procedure does not know this: {facts}",
    },
    "bad_fact": {"nl": "Dit is geen geldige waarde voor: {facts}", "en": "This is not a valid value for: {facts}"},
    "out_of_bounds": {
        "nl": "Deze waarde mag niet bij {facts}: {bounds}.",
        "en": "This value is not allowed for {facts}: {bounds}.",
    },
    "missing_text": {"nl": "Schrijf eerst de tekst van het bericht.", "en": "Write the text of the message first."},
    "guard": {"nl": "Dit kan nog niet.", "en": "This cannot be done yet."},
    "missing_piece": {
        "nl": "Het bericht kan niet weg. Dit ontbreekt: {piece}",
        "en": "The message cannot go out. This is missing: {piece}",
    },
    "names_the_complainant": {
        "nl": "Dit wordt voor iedereen leesbaar, en er staat in wie de klacht indiende. Haal dat eruit.",
        "en": "Everybody will be able to read this, and it says who complained. Take that out.",
    },
    "never_in_it": {
        "nl": "Dit wordt voor iedereen leesbaar, en er staat iets in dat er volgens de regeling nooit in mag.",
        "en": "Everybody will be able to read this, and it holds something that the procedure never lets it hold.",
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
    "choose_people": {
        "nl": "De regeling laat de keuze aan een persoon: kies wie in deze zaak {role} is.",
        "en": "The procedure leaves this to a person: choose who is {role} in this case.",
    },
    "choose_more": {
        "nl": "Kies ten minste {number} personen.",
        "en": "Choose at least {number} people.",
    },
    "may_not_handle": {
        "nl": "Deze persoon mag deze klacht niet behandelen: {why}.",
        "en": "This person may not handle this complaint: {why}.",
    },
    "nothing_to_hand_over": {
        "nl": "Er valt niets over te dragen: de zaak is afgesloten, of niemand behandelt haar nog.",
        "en": "There is nothing to hand over: the case is closed, or nobody handles it yet.",
    },
    "not_yours_to_hand_over": {
        "nl": "Overdragen kan wie de klacht behandelt, of wie volgens de regeling zegt wie haar behandelt.",
        "en": "Handing over is for whoever handles the complaint, or says who handles it under the procedure.",
    },
    "handles_already": {"nl": "behandelt de klacht al", "en": "handles the complaint already"},
    "is_away": {"nl": "is vandaag afwezig", "en": "is away today"},
    "note_needed": {
        "nl": "Schrijf een toelichting voor wie de klacht overneemt.",
        "en": "Write a note for whoever takes the complaint over.",
    },
    "no_newer_version": {
        "nl": "Deze zaak gaat al volgens deze versie van de regeling, of een nieuwere.",
        "en": "This case goes by this version of the procedure already, or by a newer one.",
    },
    "step_gone": {
        "nl": "De nieuwe versie kent een stap niet die nu openstaat: {steps}. Doe die eerst.",
        "en": "The newer version does not have a step that is open now: {steps}. Do that first.",
    },
    "part_gone": {
        "nl": "De nieuwe versie kent het kanaal of de rol niet waarmee deze zaak is begonnen.",
        "en": "The newer version does not have the channel or the role this case began with.",
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
    "day_not_later": {
        "nl": "Kies een dag na de laatste dag van nu.",
        "en": "Choose a day after the last day as it is now.",
    },
    "answered_before": {
        "nl": "Deze vraag is al beantwoord of geldt niet meer.",
        "en": "This question was answered before, or no longer holds.",
    },
    "not_to_share": {
        "nl": "Dit bestand kan niet (meer) met de klager gedeeld worden.",
        "en": "This file cannot be shared with the complainant (any more).",
    },
    "file_kept_apart": {
        "nl": "De regeling houdt dit bestand apart. De klager mag het niet zien.",
        "en": "The procedure keeps this file apart. The complainant may not see it.",
    },
    "not_shared": {
        "nl": "Dit bestand is niet (meer) met de klager gedeeld.",
        "en": "This file is not shared with the complainant (any more).",
    },
    "term_over": {"nl": "De termijn is al voorbij.", "en": "The term is already over."},
    "term_not_running": {"nl": "Deze termijn loopt nu niet.", "en": "This term is not running now."},
    "consent_needed": {
        "nl": "Een langere termijn kan alleen met schriftelijke instemming, als afgesproken dag.",
        "en": "A longer term needs written consent, as an agreed day.",
    },
    "consent_missing": {
        "nl": "Leg eerst vast dat ook schriftelijk instemt: {roles}",
        "en": "First record the written consent of: {roles}",
    },
    "already_closed": {"nl": "Deze zaak is gesloten.", "en": "This case is closed."},
    "not_closed": {"nl": "Deze zaak is nog niet gesloten.", "en": "This case has not been closed yet."},
    "still_going_on": {
        "nl": "Dit loopt nog door na het sluiten: {what}.",
        "en": "This still goes on after closing: {what}.",
    },
    "already_archived": {"nl": "Deze zaak staat al in het archief.", "en": "This case is in the archive already."},
    "archived": {
        "nl": "Deze zaak staat in het archief: u kunt haar alleen nog lezen.",
        "en": "This case is in the archive: it can only be read now.",
    },
    "not_archived": {"nl": "Deze zaak staat nog niet in het archief.", "en": "This case is not in the archive yet."},
    "how_long_kept": {
        "nl": "De regeling zegt niet hoe lang deze zaak bewaard blijft. Vul in tot en met welke dag.",
        "en": "The procedure does not say how long this case is kept. Fill in until which day.",
    },
    "still_kept": {
        "nl": "Deze zaak blijft bewaard tot en met {day}.",
        "en": "This case is kept until and with {day}.",
    },
    "destroyed": {
        "nl": "Deze zaak is vernietigd. Er is niets meer aan te doen.",
        "en": "This case was destroyed. Nothing can be done in it any more.",
    },
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
        "nl": "Dit soort bestand nemen wij niet aan. Stuur bijvoorbeeld een PDF, een foto of een Word-bestand.",
        "en": "We do not take this sort of file. Send for example a PDF, a photo or a Word file.",
    },
    "file_unpacks_too_large": {
        "nl": "Dit bestand is ingepakt en wordt uitgepakt veel te groot. Wij nemen het niet aan.",
        "en": "This file is packed, and far too large when unpacked. We do not take it.",
    },
    "file_held": {
        "nl": "Dit bestand is nog niet op virussen gecontroleerd. Probeer het over een paar minuten opnieuw.",
        "en": "This file has not been checked for viruses yet. Try again in some minutes.",
    },
    "file_infected": {
        "nl": "In dit bestand zat een virus. Het is verwijderd.",
        "en": "This file held a virus. It was removed.",
    },
    "too_many_files": {
        "nl": "Dit zijn te veel bestanden. Het mogen er {most} zijn.",
        "en": "These are too many files. There may be {most}.",
    },
    "words_needed": {"nl": "Schrijf eerst de tekst.", "en": "Write the text first."},
    "section_needed": {
        "nl": "Het verslag kan nog niet worden vrijgegeven. Dit deel is leeg: {section}",
        "en": "The report cannot be released yet. This part is empty: {section}",
    },
    "report_released": {
        "nl": "Het verslag is al vrijgegeven en verandert niet meer.",
        "en": "The report has been released and does not change any more.",
    },
    "report_not_counted": {
        "nl": "De cijfers van dit verslag zijn nog niet geteld. Wacht tot ze er staan, of laat ze opnieuw tellen.",
        "en": "The numbers of this report have not been counted yet. Wait until they are there, or count them again.",
    },
    "report_counted_early": {
        "nl": "De cijfers zijn geteld voordat de periode voorbij was. Laat ze eerst opnieuw tellen.",
        "en": "The numbers were counted before the period was over. Count them again first.",
    },
    "report_not_released": {
        "nl": "Het verslag is nog niet vrijgegeven.",
        "en": "The report has not been released yet.",
    },
    "report_not_decided": {
        "nl": "Over dit verslag moet eerst besloten worden.",
        "en": "This report has to be decided on first.",
    },
    "report_step_done": {"nl": "Dit is al gedaan.", "en": "This has been done already."},
    "report_step_unknown": {
        "nl": "De regeling vraagt dit niet voor dit verslag.",
        "en": "The procedure does not ask this for this report.",
    },
    "report_asked": {
        "nl": "Het platform opent dit verslag zelf na afloop van elke periode.",
        "en": "The platform opens this report itself after each period.",
    },
    "report_there": {
        "nl": "Er is al een verslag dat op deze dag begint, of deze dagen volgen elkaar niet op.",
        "en": "There is a report that begins on this day already, or these days do not follow each other.",
    },
    "not_together": {
        "nl": "Dit telt pas als er ook iemand bij was van: {role}",
        "en": "This counts only when somebody was there of: {role}",
    },
    "owner_and_day_needed": {
        "nl": "Geef bij elke maatregel aan wie haar uitvoert en voor welke dag.",
        "en": "Say of every measure who carries it out and by which day.",
    },
    "unknown_reference": {
        "nl": "Er is geen klacht met dit kenmerk.",
        "en": "There is no complaint with this reference.",
    },
    "unknown_kind": {"nl": "Deze soort kent de regeling niet.", "en": "The procedure does not know this sort."},
    "unknown_addressee": {
        "nl": "Aan deze rol kan dit niet gericht worden.",
        "en": "This cannot be addressed to this role.",
    },
    "not_consulted": {
        "nl": "Leg eerst vast met wie dit is overlegd.",
        "en": "Record first who was consulted about this.",
    },
    "advice_over": {
        "nl": "Over deze aanbeveling is al besloten, of zij is nog niet aanvaard.",
        "en": "This recommendation has been decided on already, or it was not accepted yet.",
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
    "part": Text.of(
        {
            "nl": "deze persoon heeft of had in deze zaak een andere rol",
            "en": "this person has or had another part in this case",
        }
    ),
    "role": Text.of({"nl": "de regeling wijst iemand anders aan", "en": "the procedure names somebody else"}),
}

# What a body lacks that is there but cannot act.
NO_QUORUM: Mapping[str, Mapping[str, str]] = {
    "members": {
        "nl": "Volgens de regeling mag nu niemand deze klacht behandelen: van ‘{role}’ kunnen er {free} meedoen, en het"
        " moeten er ten minste {least} zijn. De beheerder is gewaarschuwd.",
        "en": "Under the procedure nobody may handle this complaint now: of ‘{role}’ {free} can take part, and there"
        " must be {least} at least. The administrator has been warned.",
    },
    "chair": {
        "nl": "Volgens de regeling mag nu niemand deze klacht behandelen: ‘{role}’ kan niet zonder voorzitter. De"
        " beheerder is gewaarschuwd.",
        "en": "Under the procedure nobody may handle this complaint now: ‘{role}’ cannot act without its chair. The"
        " administrator has been warned.",
    },
}
