"""How every kind of event is told: to staff, to the complainant, to an auditor, and what goes when it is redacted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from weerklank.policy.events import Kind
from weerklank.policy.tongues import spoken


class Place(StrEnum):
    """Where an event stands in the timeline: by itself, or folded away under what it belongs to."""

    MAIN = "main"
    DETAIL = "detail"


@dataclass(frozen=True)
class Telling:
    """The words for one kind; the placeholders are those of `timeline`.

    `redacts` names the sealed words that disappear when the file is redacted. `shown_nl` and `shown_en` are what the
    complainant reads; None: it is internal. `shows_words`: he also reads what was written with it.
    """

    place: Place
    nl: str
    en: str
    audit: str
    redacts: tuple[str, ...] = ()
    shown_nl: str | None = None
    shown_en: str | None = None
    shows_words: bool = False

    def label(self, language: str) -> str:
        """What staff read, with its placeholders."""
        return self.nl if language == "nl" else self.en

    def shown(self, language: str) -> str | None:
        """What the complainant reads, with its placeholders, or None."""
        if self.shown_nl is None or self.shown_en is None:
            return None
        return spoken({"nl": self.shown_nl, "en": self.shown_en}, language)


TELLINGS: Mapping[Kind, Telling] = {
    Kind.RECEIVED: Telling(
        Place.MAIN,
        "Klacht ontvangen: {channel}",
        "Complaint received: {channel}",
        "a complaint was received",
        ("contact", "story", "representative", "others"),
        "Wij hebben uw klacht ontvangen",
        "We have received your complaint",
    ),
    Kind.REPRESENTED: Telling(
        Place.MAIN,
        "Wie namens de klager optreedt is gewijzigd",
        "Who acts for the complainant has changed",
        "who acts for the complainant changed",
        ("representative",),
        "Wie namens u optreedt is gewijzigd",
        "Who acts for you has changed",
    ),
    Kind.JOINED: Telling(
        Place.MAIN,
        "Nog iemand dient deze klacht mee in",
        "Somebody else joined in this complaint",
        "a complainant joined",
        ("contact",),
        "Nog iemand dient deze klacht mee in",
        "Somebody else joined in this complaint",
    ),
    Kind.LINKED: Telling(
        Place.MAIN, "Gekoppeld: {link}", "Linked: {link}", "a case or file was linked", ("number", "text")
    ),
    Kind.UNLINKED: Telling(
        Place.MAIN, "Koppeling weggehaald: {link}", "Link taken away: {link}", "a link was taken away", ("reason",)
    ),
    Kind.MERGED: Telling(
        Place.MAIN,
        "Samengevoegd met een andere klacht; deze zaak is gesloten",
        "Merged with another complaint; this case is closed",
        "the case was merged into another",
        (),
        "Uw klacht gaat verder onder een ander nummer",
        "Your complaint goes on under another number",
    ),
    Kind.RESTRICTED: Telling(
        Place.MAIN,
        "Contact beperkt tot en met {day}: {restriction}",
        "Contact restricted up to and including {day}: {restriction}",
        "contact was restricted",
        ("reason",),
        "Wij beperken het contact tot en met {day}: {restriction}",
        "We restrict contact up to and including {day}: {restriction}",
        True,
    ),
    Kind.RESTRICTION_LIFTED: Telling(
        Place.MAIN,
        "Beperking opgeheven: {restriction}",
        "Restriction lifted: {restriction}",
        "a restriction was lifted",
        ("reason",),
        "Beperking opgeheven: {restriction}",
        "Restriction lifted: {restriction}",
    ),
    Kind.CODE_REPLACED: Telling(
        Place.MAIN,
        "De klager kreeg een nieuwe geheime code; de oude werkt niet meer",
        "The complainant got a new secret code; the old one works no more",
        "the complainant's secret code was replaced",
        ("reason",),
        "U kreeg een nieuwe geheime code; de oude werkt niet meer",
        "You got a new secret code; the old one works no more",
    ),
    Kind.FACTS_RECORDED: Telling(
        Place.DETAIL, "Ingevuld: {facts}", "Filled in: {facts}", "facts were filled in", ("texts",)
    ),
    Kind.PERSON_INVOLVED: Telling(
        Place.MAIN,
        "{person} is betrokken en ziet deze zaak niet meer",
        "{person} is involved and no longer sees this case",
        "a person was walled off from the case",
        ("reason",),
    ),
    Kind.INVOLVEMENT_ENDED: Telling(
        Place.MAIN,
        "{person} is toch niet betrokken",
        "{person} is not involved after all",
        "a wall was taken away",
        ("reason",),
    ),
    Kind.STEP_OPENED: Telling(Place.DETAIL, "Te doen: {step}", "To do: {step}", "a step opened"),
    Kind.STEP_DONE: Telling(
        Place.MAIN,
        "{step}: {outcome}",
        "{step}: {outcome}",
        "a step was done",
        (),
        "{step}: {outcome}",
        "{step}: {outcome}",
    ),
    Kind.STEP_LAPSED: Telling(Place.DETAIL, "Vervallen: {step}", "Lapsed: {step}", "a step lapsed"),
    Kind.SIGNED: Telling(Place.MAIN, "Getekend als {role}: {step}", "Signed as {role}: {step}", "a signature was put"),
    Kind.ASSIGNED: Telling(
        Place.MAIN,
        "Behandelaar: {person}",
        "Handler: {person}",
        "the case was assigned",
        ("reason",),
        "{person} behandelt uw klacht",
        "{person} handles your complaint",
    ),
    Kind.HANDED_OVER: Telling(
        Place.MAIN,
        "Overgedragen aan {person}",
        "Handed over to {person}",
        "the case was handed over",
        ("text", "reason"),
        "{person} behandelt uw klacht verder",
        "{person} goes on handling your complaint",
    ),
    Kind.UNASSIGNABLE: Telling(
        Place.MAIN,
        "Niemand mag deze klacht behandelen. De beheerder is gewaarschuwd.",
        "Nobody may handle this complaint. The administrator has been warned.",
        "nobody may handle the case",
    ),
    Kind.APPOINTED: Telling(
        Place.MAIN,
        "Aangewezen als {role}: {person}",
        "Appointed as {role}: {person}",
        "somebody was appointed in the case",
        ("reason",),
        "Aangewezen als {role}: {person}",
        "Appointed as {role}: {person}",
    ),
    Kind.UNAPPOINTABLE: Telling(
        Place.MAIN,
        "Er is niemand om aan te wijzen als {role}. De beheerder is gewaarschuwd.",
        "There is nobody to appoint as {role}. The administrator has been warned.",
        "nobody may be appointed in the case",
    ),
    Kind.SENT: Telling(
        Place.MAIN,
        "Verstuurd: {message}, aan {to}",
        "Sent: {message}, to {to}",
        "a message was sent",
        ("text",),
        "Bericht aan u: {message}",
        "Message to you: {message}",
    ),
    Kind.UNSENT: Telling(
        Place.MAIN,
        "Niet verstuurd: {message}. Er is niemand om dit aan te sturen.",
        "Not sent: {message}. There is nobody to send it to.",
        "a message reached nobody",
    ),
    Kind.SHARED: Telling(
        Place.MAIN,
        "De klacht is op grond van de regeling getoond aan {person}",
        "Under the procedure the complaint was shown to {person}",
        "the complaint was shown to somebody involved",
    ),
    Kind.COMPLETION_ASKED: Telling(
        Place.MAIN,
        "Aanvulling gevraagd",
        "Completion asked for",
        "the complainant was asked for more",
        ("text",),
        "Wij vroegen u om een aanvulling",
        "We asked you for more information",
        True,
    ),
    Kind.COMPLETED: Telling(
        Place.MAIN,
        "De gevraagde aanvulling is binnen",
        "What was asked for has come in",
        "what was asked for came in",
        ("text",),
        "Wij hebben uw aanvulling",
        "We have what we asked you for",
    ),
    Kind.INFORMATION_ADDED: Telling(
        Place.MAIN,
        "De indiener vulde de klacht aan",
        "The complainant added to the complaint",
        "the complainant added information",
        ("text",),
        "U vulde uw klacht aan",
        "You added to your complaint",
        True,
    ),
    Kind.EXTENDED: Telling(
        Place.MAIN,
        "Termijn verlengd: {term}, met {by}",
        "Term extended: {term}, by {by}",
        "a term was extended",
        ("reason",),
        "Wij hebben meer tijd nodig: {term}",
        "We need more time: {term}",
        True,
    ),
    Kind.AGREED: Telling(
        Place.MAIN,
        "Dag afgesproken: {term}, {day}{consent}",
        "Day agreed: {term}, {day}{consent}",
        "a last day was agreed",
        ("reason", "consent"),
        "Met u afgesproken: {term} uiterlijk {day}",
        "Agreed with you: {term} by {day}",
        True,
    ),
    Kind.LATER_ASKED: Telling(
        Place.MAIN,
        "Akkoord gevraagd met een latere dag: {term}, {day}",
        "Consent asked for a later day: {term}, {day}",
        "the complainant was asked to consent to a later day",
        ("reason",),
        "Wij vroegen u om meer tijd, tot en met {day}: {term}",
        "We asked you for more time, until {day}: {term}",
        True,
    ),
    Kind.LATER_REFUSED: Telling(
        Place.MAIN,
        "De klager stemt niet in met een latere dag: {term}",
        "The complainant does not consent to a later day: {term}",
        "the complainant did not consent to a later day",
        ("text",),
        "U vond een latere dag niet goed: {term}",
        "You did not agree to a later day: {term}",
        True,
    ),
    Kind.MEASURE_PLANNED: Telling(
        Place.MAIN,
        "Maatregel gepland voor {day}, door {person}",
        "Measure planned for {day}, by {person}",
        "a measure was planned",
        ("what",),
        "Wij nemen een maatregel, klaar op {day}",
        "We take a measure, ready by {day}",
    ),
    Kind.MEASURE_MOVED: Telling(
        Place.MAIN,
        "Maatregel verplaatst naar {day}",
        "Measure moved to {day}",
        "a measure was moved",
        ("reason",),
        "De maatregel is later klaar: {day}",
        "The measure has another day: {day}",
    ),
    Kind.MEASURE_CARRIED_OUT: Telling(
        Place.MAIN,
        "Maatregel uitgevoerd gemeld",
        "Measure reported as carried out",
        "a measure was reported as carried out",
        ("proof",),
    ),
    Kind.MEASURE_VERIFIED: Telling(
        Place.MAIN,
        "Maatregel gecontroleerd",
        "Measure verified",
        "a measure was verified",
        (),
        "De maatregel is uitgevoerd",
        "The measure has been carried out",
    ),
    Kind.NOTED: Telling(Place.MAIN, "Notitie", "Note", "a note was written", ("text",)),
    Kind.TAKEN_BACK: Telling(Place.DETAIL, "Notitie teruggenomen", "Note taken back", "a note was taken back"),
    Kind.CORRECTED: Telling(Place.MAIN, "Correctie", "Correction", "something was put right", ("reason",)),
    Kind.FILE_ADDED: Telling(
        Place.MAIN,
        "Bestand toegevoegd: {name}",
        "File added: {name}",
        "a file was added",
        ("name",),
        "U stuurde een bestand: {name}",
        "You sent a file: {name}",
    ),
    Kind.FILE_SHARED: Telling(
        Place.MAIN,
        "Gedeeld met de klager: {name}",
        "Shared with the complainant: {name}",
        "files were shared with the complainant",
        ("name",),
        "Wij deelden met u: {name}",
        "We shared with you: {name}",
    ),
    Kind.FILE_WITHHELD: Telling(
        Place.MAIN,
        "Niet meer gedeeld met de klager: {name}",
        "No longer shared with the complainant: {name}",
        "a file was no longer shared with the complainant",
        ("name", "reason"),
        "Wij delen niet meer met u: {name}",
        "We no longer share with you: {name}",
    ),
    Kind.MAIL_JOINED: Telling(
        Place.MAIN, "E-mail bij de zaak gevoegd", "Mail added to the case", "a mail was added to the case", ("text",)
    ),
    Kind.DOSSIER_MADE: Telling(
        Place.MAIN,
        "Dossier gemaakt om mee te geven",
        "File made up to be given to somebody",
        "a copy of the file was made for somebody",
        ("reason",),
    ),
    Kind.REMINDED: Telling(
        Place.DETAIL, "Herinnering: {term}", "Reminder: {term}", "the owner of a term was reminded"
    ),
    Kind.TERM_MISSED: Telling(Place.MAIN, "Termijn voorbij: {term}", "Term missed: {term}", "a term was missed"),
    Kind.MOVED: Telling(
        Place.MAIN,
        "Gaat verder volgens versie {to_version} van de regeling (was versie {from_version})",
        "Goes on by version {to_version} of the procedure (was version {from_version})",
        "the case was moved to another version of the policy",
        ("reason",),
    ),
    Kind.ARCHIVED: Telling(
        Place.MAIN, "In het archief gezet", "Put in the archive", "the case was put in the archive"
    ),
    Kind.DESTROYED: Telling(
        Place.MAIN,
        "Vernietigd: wat hier stond is er niet meer",
        "Destroyed: what was here is gone",
        "the case was destroyed",
    ),
    Kind.WITHDRAWN: Telling(
        Place.MAIN,
        "De klacht is ingetrokken",
        "The complaint was withdrawn",
        "the complaint was withdrawn",
        ("reason",),
        "U trok uw klacht in",
        "You withdrew your complaint",
        True,
    ),
    Kind.RATED: Telling(
        Place.MAIN,
        "De klager liet weten of hij tevreden is: {rating}",
        "The complainant said whether he is satisfied: {rating}",
        "the complainant said whether he is satisfied",
        ("text",),
        "U liet weten of u tevreden bent: {rating}",
        "You told us whether you are satisfied: {rating}",
        True,
    ),
}
