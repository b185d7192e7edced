"""What laws demand of a complaints procedure: longest terms and whom the decision must name, as dated data.

A policy says with `procedure.basis` which of these it carries out; nothing here decides anything by itself, and no
organisation is named. `verified` is false where the rule is written down from general knowledge and still has to be
compared with the text of the law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from weerklank.deadlines import Duration
from weerklank.policy.words import Text


class About(StrEnum):
    """What a longest term is about."""

    DECISION = "decision"
    ADVISED_DECISION = "advised_decision"  # when a person or committee outside the decision advises on it
    EXTENSION = "extension"
    NOT_HANDLING = "not_handling"
    MEASURES = "measures"


@dataclass(frozen=True)
class Limit:
    """The longest a term may be: from receipt, except MEASURES (from the decision) and EXTENSION (of all together)."""

    about: About
    most: Duration
    article: str


@dataclass(frozen=True)
class Basis:
    """One law, in the version of `since` (the legal day that version was read for).

    `redress`: the article by which the decision names an outside body; None where the law does not ask that.
    """

    name: Text
    since: date
    limits: tuple[Limit, ...]
    redress: str | None = None
    verified: bool = True


def _limit(about: About, most: str, article: str) -> Limit:
    return Limit(about, Duration.parse(most), article)


BASES: Mapping[str, Basis] = {
    "awb_9": Basis(
        Text.of({"nl": "Algemene wet bestuursrecht, titel 9.1", "en": "General Administrative Law Act, title 9.1"}),
        date(2026, 1, 1),
        (
            _limit(About.DECISION, "6 weeks", "Awb 9:11 lid 1"),
            _limit(About.ADVISED_DECISION, "10 weeks", "Awb 9:11 lid 1"),
            _limit(About.EXTENSION, "4 weeks", "Awb 9:11 lid 2"),
            _limit(About.NOT_HANDLING, "4 weeks", "Awb 9:8 lid 3"),
        ),
        redress="Awb 9:12 lid 2",
    ),
    "wkkgz": Basis(
        Text.of(
            {
                "nl": "Wet kwaliteit, klachten en geschillen zorg",
                "en": "Healthcare Quality, Complaints and Disputes Act",
            }
        ),
        date(2026, 1, 1),
        (
            _limit(About.DECISION, "6 weeks", "Wkkgz 17 lid 1"),
            _limit(About.ADVISED_DECISION, "6 weeks", "Wkkgz 17 lid 1"),
            _limit(About.EXTENSION, "4 weeks", "Wkkgz 17 lid 2"),
        ),
        redress="Wkkgz 18",
    ),
    "jeugdwet": Basis(
        Text.of({"nl": "Jeugdwet, artikel 4.2.1", "en": "Youth Act, article 4.2.1"}),
        date(2026, 1, 1),
        (_limit(About.MEASURES, "1 months", "Jeugdwet 4.2.1"),),
    ),
    "web": Basis(
        Text.of({"nl": "Wet educatie en beroepsonderwijs, artikel 7.5.2", "en": "Vocational Education Act, 7.5.2"}),
        date(2026, 8, 1),
        (
            _limit(About.DECISION, "6 weeks", "WEB 7.5.2, Awb 9:11 lid 1"),
            _limit(About.ADVISED_DECISION, "10 weeks", "WEB 7.5.2, Awb 9:11 lid 1"),
            _limit(About.EXTENSION, "4 weeks", "WEB 7.5.2, Awb 9:11 lid 2"),
        ),
    ),
    "wet_kinderopvang": Basis(
        Text.of({"nl": "Wet kinderopvang, artikel 1.57b", "en": "Childcare Act, article 1.57b"}),
        date(2026, 1, 1),
        (
            _limit(About.DECISION, "6 weeks", "Wet kinderopvang 1.57b lid 2"),
            _limit(About.ADVISED_DECISION, "6 weeks", "Wet kinderopvang 1.57b lid 2"),
        ),
        redress="Wet kinderopvang 1.57c",
        verified=False,
    ),
    "woningwet": Basis(
        Text.of({"nl": "Woningwet, artikel 55b", "en": "Housing Act, article 55b"}),
        date(2026, 1, 1),
        (),
        verified=False,
    ),
}
