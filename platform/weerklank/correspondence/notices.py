"""What the platform itself tells people: that there is work, or what is asked of the complainant. Never content."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from weerklank.cases import messages
from weerklank.cases.labels import label_of
from weerklank.correspondence.letters import Letter, day_in_words, due_day
from weerklank.policy.case import Case
from weerklank.policy.events import Event
from weerklank.policy.model import Element
from weerklank.policy.tongues import all_spoken, spoken
from weerklank.policy.words import Marked, in_tongue
from weerklank.policy.world import World

NOTICES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "task": {
        "nl": ("{reference}: er staat iets voor u klaar", "Er staat een taak voor u klaar: {about}."),
        "en": ("{reference}: there is something for you to do", "A task is waiting for you: {about}."),
    },
    "nobodys_task": {
        "nl": (
            "{reference}: er is niemand die dit kan doen",
            "Er is nu niemand die deze stap mag doen: {about}. Kijk of alle functies bezet zijn.",
        ),
        "en": (
            "{reference}: there is nobody who can do this",
            "There is nobody now who may do this step: {about}. See whether every post is held.",
        ),
    },
    "set_aside": {
        "nl": (
            "{reference}: een termijn kon niet bewaakt worden",
            "De termijn '{about}' kon niet vanzelf bewaakt worden. Kijk naar de zaak en waarschuw de beheerder.",
        ),
        "en": (
            "{reference}: a term could not be guarded",
            "The term '{about}' could not be guarded by itself. Look at the case and warn whoever runs the platform.",
        ),
    },
    "message_failed": {
        "nl": (
            "{reference}: een bericht is niet aangekomen",
            "Het bericht '{about}' kon niet bezorgd worden. Kijk of het opnieuw of per brief moet.",
        ),
        "en": (
            "{reference}: a message did not arrive",
            "The message '{about}' could not be delivered. See whether it has to go again or by letter.",
        ),
    },
    "notice_failed": {
        "nl": (
            "{reference}: een medewerker kreeg geen bericht",
            "Een bericht aan een medewerker kon niet bezorgd worden. Kijk of iemand op de hoogte moet zijn.",
        ),
        "en": (
            "{reference}: a member of staff was not told",
            "A notice to a member of staff could not be delivered. See whether somebody has to be told.",
        ),
    },
    "assigned": {
        "nl": ("{reference}: u behandelt deze klacht", "De regeling wijst u aan als behandelaar van deze klacht."),
        "en": ("{reference}: you handle this complaint", "Under the procedure you are the handler of this complaint."),
    },
    "handed_over": {
        "nl": (
            "{reference}: een klacht is aan u overgedragen",
            "Een collega heeft deze klacht aan u overgedragen. De toelichting staat bij de zaak.",
        ),
        "en": (
            "{reference}: a complaint was handed over to you",
            "A colleague handed this complaint over to you. The note stands with the case.",
        ),
    },
    "unassignable": {
        "nl": (
            "{reference}: niemand mag deze klacht behandelen",
            "Volgens de regeling mag nu niemand deze klacht behandelen. Kijk of alle functies bezet zijn.",
        ),
        "en": (
            "{reference}: nobody may handle this complaint",
            "Under the procedure nobody may handle this complaint now. See whether every post is held.",
        ),
    },
    "appointed": {
        "nl": (
            "{reference}: u bent aangewezen",
            "U bent bij deze klacht aangewezen. Kijk in de zaak wat er van u gevraagd wordt.",
        ),
        "en": (
            "{reference}: you were appointed",
            "You were appointed for this complaint. See in the case what is asked of you.",
        ),
    },
    "unappointable": {
        "nl": (
            "{reference}: er kan niemand aangewezen worden",
            "Iemand die bij deze klacht was aangewezen, kan niet verder. Kies in de zaak iemand anders.",
        ),
        "en": (
            "{reference}: nobody can be appointed",
            "Somebody who was appointed for this complaint cannot go on. Choose somebody else in the case.",
        ),
    },
    "measure": {
        "nl": ("{reference}: u voert een maatregel uit", "Er is een maatregel gepland die u uitvoert."),
        "en": ("{reference}: a measure is yours to carry out", "A measure has been planned that you carry out."),
    },
    "reminded": {
        "nl": ("{reference}: een termijn loopt bijna af", "De termijn '{about}' loopt bijna af."),
        "en": ("{reference}: a term is about to end", "The term '{about}' is about to end."),
    },
    "term_missed": {
        "nl": ("{reference}: een termijn is voorbij", "De termijn '{about}' is voorbij."),
        "en": ("{reference}: a term has passed", "The term '{about}' has passed."),
    },
    "not_taken": {
        "nl": (
            "{reference}: een stap kon niet vanzelf gedaan worden",
            "De termijn '{about}' is voorbij. Wat de regeling daarna laat gebeuren, kon niet vanzelf."
            " Iemand moet de stap doen.",
        ),
        "en": (
            "{reference}: a step could not be done by itself",
            "The term '{about}' has passed. What the procedure then lets happen could not be done by itself."
            " Somebody has to do the step.",
        ),
    },
    "file_infected": {
        "nl": (
            "{reference}: in een bestand zat een virus",
            "Een bestand bij deze zaak bevatte een virus. Het is verwijderd en niemand kon het openen."
            " Vraag zo nodig om een ander bestand.",
        ),
        "en": (
            "{reference}: a file held a virus",
            "A file of this case held a virus. It was removed, and nobody could open it."
            " Ask for another file if need be.",
        ),
    },
    "information_added": {
        "nl": ("{reference}: de klager heeft iets toegevoegd", "De klager heeft iets aan de klacht toegevoegd."),
        "en": ("{reference}: the complainant added something", "The complainant added something to the complaint."),
    },
    "agreed": {
        "nl": ("{reference}: akkoord met een latere dag", "De klager vindt de latere dag goed. De termijn is langer."),
        "en": ("{reference}: a later day was agreed", "The complainant agrees to the later day. The term is longer."),
    },
    "later_refused": {
        "nl": (
            "{reference}: niet akkoord met een latere dag",
            "De klager vindt een latere dag niet goed. De laatste dag blijft zoals hij was.",
        ),
        "en": (
            "{reference}: no consent to a later day",
            "The complainant does not agree to a later day. The last day stays as it was.",
        ),
    },
    "withdrawn": {
        "nl": ("{reference}: de klacht is ingetrokken", "De klager heeft de klacht ingetrokken."),
        "en": ("{reference}: the complaint was withdrawn", "The complainant withdrew the complaint."),
    },
}
READ_ON = {"nl": "U leest alles in de zaak: {address}", "en": "You can read everything in the case: {address}"}

# What the platform's own messages to the complainant are called in a sentence.
CALLED: Mapping[str, Mapping[str, str]] = {
    messages.CONFIRMATION: {"nl": "bevestiging aan de klager", "en": "confirmation to the complainant"},
    messages.ASKED: {"nl": "vraag om aanvulling", "en": "request for what is missing"},
    messages.LATER: {"nl": "vraag om een latere dag", "en": "request for a later day"},
    messages.GIVEN: {"nl": "bericht dat er bestanden klaarstaan", "en": "notice that there are files"},
}

CODE: Mapping[str, tuple[str, str]] = {
    "nl": (
        "Uw nieuwe geheime code ({reference})",
        "U krijgt een nieuwe geheime code om uw klacht te volgen. De oude code werkt niet meer. Vroeg u hier niet om,"
        " laat het ons dan meteen weten.",
    ),
    "en": (
        "Your new secret code ({reference})",
        "You get a new secret code to follow your complaint. The old code works no more. If you did not ask for this,"
        " tell us at once.",
    ),
}
CONFIRMED: Mapping[str, tuple[str, str]] = {
    "nl": (
        "Wij hebben uw klacht ontvangen ({reference})",
        "Uw klacht is binnen. Het nummer is {reference}.",
    ),
    "en": (
        "We have received your complaint ({reference})",
        "Your complaint is in. Its number is {reference}.",
    ),
}
WAY_IN = {
    "nl": "Bewaar dit bericht: wie de geheime code heeft, kan uw klacht lezen. U kunt uw klacht volgen op {address} met"
    " deze geheime code: {code}",
    "en": "Keep this message: who has the secret code can read your complaint. You can follow your complaint on"
    " {address} with this secret code: {code}",
}

ASKED: Mapping[str, tuple[str, str, str]] = {
    "nl": (
        "Wij hebben een vraag over uw klacht ({reference})",
        "Om uw klacht te behandelen hebben wij nog iets van u nodig:",
        "U kunt antwoorden op {address} of door ons te schrijven.",
    ),
    "en": (
        "We have a question about your complaint ({reference})",
        "To handle your complaint we need something from you:",
        "You can answer at {address} or by writing to us.",
    ),
}


ASKED_LATER: Mapping[str, tuple[str, str, str]] = {
    "nl": (
        "Mogen wij langer doen over uw klacht? ({reference})",
        "Wij vragen u om meer tijd. Het gaat om: {term}. De laatste dag is nu {now}. Wij vragen u of dat"
        " {day} mag worden. Dit is de reden:",
        "U kiest zelf. Op {address} kunt u ja of nee zeggen, of u schrijft ons. Zegt u nee of antwoordt u niet, dan"
        " blijft de laatste dag zoals hij is.",
    ),
    "en": (
        "May we take longer over your complaint? ({reference})",
        "We ask you for more time. It is about: {term}. The last day is now {now}. We ask whether it may"
        " become {day}. This is why:",
        "The choice is yours. At {address} you can say yes or no, or you can write to us. If you say no or do not"
        " answer, the last day stays as it is.",
    ),
}


GIVEN: Mapping[str, tuple[str, str]] = {
    "nl": (
        "Er staat iets voor u klaar bij uw klacht ({reference})",
        "Wij hebben een of meer bestanden met u gedeeld. U kunt ze bekijken en bewaren op de pagina van uw klacht:"
        " {address}",
    ),
    "en": (
        "There is something for you with your complaint ({reference})",
        "We have shared one or more files with you. You can look at them and save them on the page of your complaint:"
        " {address}",
    ),
}


OWN = {
    "nl": "Hieronder staat een brief in de taal waarin de organisatie schrijft. Op de pagina van uw klacht leest u in"
    " uw eigen taal hoe het ermee staat. Heeft u hulp nodig bij deze brief? Antwoord erop of bel ons.",
    "en": "Below is a letter in the language in which the organisation writes. On the page of your complaint you read"
    " in your own language how it stands. Do you need help with this letter? Answer it or call us.",
}


def own_line(language: str) -> str:
    """A line above a mail to who wrote in a language in which we write no letters; empty for all others."""
    line = spoken(OWN, language)
    return "" if language in OWN or isinstance(line, Marked) else in_tongue(line, language)


def write_notice(world: World, what: str, about: str, reference: str, address: str, language: str) -> Letter:
    """The notice in `nl` or `en`; `about` is the name of a step, term or message, `address` the case's page.

    Further lines of `about` are more of the same act, each as `what:about`.
    """
    language = "nl" if language == "nl" else "en"
    first, *more = about.split("\n")
    every = [(what, first), *((name, of) for name, _, of in (line.partition(":") for line in more))]
    lines = dict.fromkeys(NOTICES[name][language][1].format(about=_called(world, of, language)) for name, of in every)
    values = {"reference": reference, "address": address}
    ending = (READ_ON[language].format_map(values), world.policy.procedure.organisation)
    return Letter(NOTICES[what][language][0].format_map(values), (*lines, *ending), language)


def write_new_code(world: World, reference: str, language: str) -> Letter:
    """That there is another secret code, in any language; the code goes out with it and is not kept in these words."""
    subject, words = all_spoken(CODE, language)
    organisation = world.policy.procedure.organisation
    return Letter(subject.format(reference=reference), (words, organisation), language)


def write_confirmation(world: World, reference: str, language: str) -> Letter:
    """That the complaint is in, in any language; the code goes out with it and is not kept in these words."""
    subject, words = all_spoken(CONFIRMED, language)
    filled = tuple(each.format(reference=reference) for each in (subject, words))
    return Letter(filled[0], (filled[1], world.policy.procedure.organisation), language)


def way_in(code: str, address: str, language: str) -> str:
    """How one follows his complaint, for a letter in any language."""
    return spoken(WAY_IN, language).format(code=code, address=address)


def write_request(world: World, text: str, reference: str, address: str, language: str) -> Letter:
    """The request for what is missing, in the words of whoever asks."""
    language = "nl" if language == "nl" else "en"
    subject, opening, closing = ASKED[language]
    values = {"reference": reference, "address": address}
    paragraphs = (opening, text, closing.format_map(values), world.policy.procedure.organisation)
    return Letter(subject.format_map(values), paragraphs, language)


def write_later(world: World, case: Case, event: Event, reference: str, address: str, language: str) -> Letter:
    """The question whether a term may get a later day. `case`: as it stood when this was asked."""
    language = "nl" if language == "nl" else "en"
    subject, opening, closing = ASKED_LATER[language]
    values = {
        "reference": reference,
        "address": address,
        "term": label_of(world.policy.terms, event.open["term"], language),
        "now": due_day(world, case, event.open["term"], language),
        "day": day_in_words(date.fromisoformat(event.open["until"]), language),
    }
    reason = str((event.sealed or {}).get("reason", ""))
    written = (opening.format_map(values), reason, closing.format_map(values), world.policy.procedure.organisation)
    return Letter(subject.format_map(values), written, language)


def write_given(world: World, reference: str, address: str, language: str) -> Letter:
    """That there are files for the complainant on his page, in any language; the files do not go by mail."""
    subject, words = all_spoken(GIVEN, language)
    filled = tuple(each.format(reference=reference, address=address) for each in (subject, words))
    return Letter(filled[0], (filled[1], world.policy.procedure.organisation), language)


def _called(world: World, name: str, language: str) -> str:
    if name in CALLED:
        return CALLED[name][language]
    elements: dict[str, Element] = {**world.policy.messages, **world.policy.terms, **world.policy.steps}
    return label_of(elements, name, language)
