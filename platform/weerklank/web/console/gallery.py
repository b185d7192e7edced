"""All parts that pages are made of, with their states: to look at after a change of the style sheet."""

from __future__ import annotations

from datetime import date

from flask import render_template

from weerklank.web.access import Access, access
from weerklank.web.console import blueprint
from weerklank.web.forms import Form

DAY = date(2026, 4, 27)
LONG = "Klachtenbehandelingsverantwoordelijkheidsverdelingsoverzichtspagina"
STORY = "Mijn begeleider belde drie weken niet terug, terwijl dat wel was beloofd."
FILLED: dict[str, str | list[str]] = {
    "name": "Anna Achterberg",
    "story": STORY,
    "way": "mail",
    "about": ["person", "delay"],
    "sure": "yes",
    "channel": "post",
    "when-day": "27",
    "when-month": "4",
    "when-year": "2026",
    "back": "no",
    "code": "7K2M-4QXA",
}
WRONG = {
    "wrong-email": "Dit is geen e-mailadres. Kijk het na, zoals naam@voorbeeld.nl.",
    "wrong-story": "Dit is te lang: 84 tekens, ten hoogste 40.",
    "wrong-way": "Kies hoe wij u bereiken.",
    "wrong-when": "Deze dag bestaat niet. Vul dag, maand en jaar in, zoals 27 3 2026.",
    "wrong-sure": "Zet hier een vinkje.",
    "wrong-channel": "Kies hoe de klacht binnenkwam.",
    "wrong-files": "Dit bestand is te groot.",
}


@blueprint.get("/gallery")
@access(Access.OPERATOR)
def gallery() -> str:
    """Every part once in each state, with invented content."""
    return render_template("console/gallery.html", fine=Form(FILLED), wrong=mistaken(), day=DAY, long=LONG)


def mistaken() -> Form:
    """A form in which nothing is right."""
    form = Form({"wrong-email": "anna bij post", "wrong-story": STORY, "wrong-when-day": "31", "wrong-when-month": "2"})
    for name, sentence in WRONG.items():
        form.fail(name, sentence)
    return form
