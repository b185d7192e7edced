"""What somebody filled in: read field by field, kept as typed, with what is wrong said beside each field.

    form = Form(request.form)
    name = form.text("name", most=200, required=_("Fill in your name."))
    born = form.day("born", latest=today)
    if form.errors: render the page again with `form`

Nothing typed can break this: a field that is absent, doubled, too long or full of odd characters is a wrong field.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from weerklank.policy.amounts import cents

LINE = 200
LONGEST_EMAIL = 254
LONGEST_PART = 80  # of a postal address
EMAIL = re.compile(r"[^@\s<>,;\"()]+@[^@\s<>,;\"()]+\.[^@\s<>,;\"().]{2,}")
PHONE = re.compile(r"\+?[\d\s().-]{6,24}")
POSTCODE = re.compile(r"([1-9][0-9]{3})\s*([A-Za-z]{2})")  # a Dutch one
HOME = ("", "nl", "nederland", "the netherlands", "netherlands", "holland")
ADDRESS_PARTS = ("street", "number", "postcode", "town", "country")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
YES, NO = "yes", "no"


class Form:
    """One form: what was typed, what was read of it, what is wrong. `errors` maps a field's name to a sentence."""

    def __init__(self, typed: MultiDict[str, str] | Mapping[str, str | list[str]] | None = None) -> None:
        self.typed: MultiDict[str, str] = MultiDict(typed or {})
        self.errors: dict[str, str] = {}

    def value(self, name: str) -> str:
        """What was typed, to be shown again."""
        return self.typed.get(name, "")

    def values(self, name: str) -> list[str]:
        """All that was chosen, to be shown again."""
        return self.typed.getlist(name)

    def fail(self, name: str, sentence: str) -> None:
        """Say what is wrong with a field; the first that is said stands."""
        self.errors.setdefault(name, sentence)

    def text(self, name: str, *, most: int = LINE, required: str | None = None, lines: bool = False) -> str:
        """Words on one line, or several. `required` is the sentence for when there are none."""
        given = clean(self.value(name), lines=lines)
        if CONTROL.search(given):
            self.fail(name, _("This holds characters that we cannot keep. Type it again or paste it as plain text."))
            return ""
        if len(given) > most:
            self.fail(name, _("This is too long: %(count)s characters, at most %(most)s.", count=len(given), most=most))
        if not given and required:
            self.fail(name, required)
        return given

    def email(self, name: str, *, required: str | None = None) -> str:
        """An e-mail address, as far as one can see from outside."""
        given = self.text(name, most=LONGEST_EMAIL, required=required)
        if given and not EMAIL.fullmatch(given):
            self.fail(name, _("This is not an e-mail address. Check it, such as name@example.nl."))
        return given

    def phone(self, name: str, *, required: str | None = None) -> str:
        """A telephone number, in whatever way people write one."""
        given = self.text(name, most=40, required=required)
        if given and not (PHONE.fullmatch(given) and sum(sign.isdigit() for sign in given) >= 6):
            self.fail(name, _("This is not a telephone number. Use digits, such as 06 12345678."))
        return given

    def address(self, name: str, *, required: str | None = None) -> str:
        """A postal address in five fields (`name-street`, ...), as the lines of an envelope."""
        given = {part: self.text(f"{name}-{part}", most=LONGEST_PART) for part in ADDRESS_PARTS}
        if not any(given.values()):
            if required:
                self.fail(f"{name}-street", required)
            return ""
        home = given["country"].casefold() in HOME
        if not given["street"]:
            self.fail(f"{name}-street", _("Fill in the street, or a post office box."))
        if home and not given["number"] and not any(sign.isdigit() for sign in given["street"]):
            self.fail(f"{name}-number", _("Fill in the house number."))
        postcode = self.postcode(f"{name}-postcode", given["postcode"]) if home else given["postcode"]
        if not given["town"]:
            self.fail(f"{name}-town", _("Fill in the town."))
        country = "" if home else given["country"]
        lines = (f"{given['street']} {given['number']}", f"{postcode} {given['town']}", country)
        return "\n".join(line.strip() for line in lines if line.strip())

    def postcode(self, name: str, given: str) -> str:
        """A Dutch postcode in its usual form."""
        found = POSTCODE.fullmatch(given)
        if found is None:
            said = _("Fill in a postcode such as 1234 AB. Is it in another country? Then fill in the country.")
            self.fail(name, said)
            return given
        return f"{found[1]} {found[2].upper()}"

    def day(
        self, name: str, *, required: str | None = None, earliest: date | None = None, latest: date | None = None
    ) -> date | None:
        """A day in three fields, `name-day`, `name-month` and `name-year`."""
        typed = [clean(self.value(f"{name}-{part}")) for part in ("day", "month", "year")]
        if not any(typed):
            if required:
                self.fail(name, required)
            return None
        read = read_day(*typed)
        if read is None:
            self.fail(name, _("This day does not exist. Fill in day, month and year, such as 27 3 2026."))
        elif latest and read > latest:
            self.fail(name, _("This day lies in the future."))
        elif earliest and read < earliest:
            self.fail(name, _("This day lies too far back."))
        return read

    def number(self, name: str, *, required: str | None = None, low: int = 0, high: int = 10**9 - 1) -> int | None:
        """A whole number."""
        given = self.text(name, required=required)
        if not given:
            return None
        if not re.fullmatch(r"-?[0-9]{1,9}", given) or not low <= int(given) <= high:
            self.fail(name, _("Fill in a whole number from %(low)s to %(high)s.", low=low, high=high))
            return None
        return int(given)

    def amount(self, name: str, *, required: str | None = None) -> int | None:
        """An amount in euro, as whole cents."""
        given = self.text(name, required=required)
        read = cents(given) if given else None
        if given and read is None:
            self.fail(name, _("Fill in an amount in euro, such as 12,50."))
        return read

    def choice(self, name: str, options: Collection[str], *, required: str | None = None) -> str | None:
        """One of the options."""
        given = self.value(name)
        if given and given not in options:
            self.fail(name, _("Choose one of the answers."))
        elif not given and required:
            self.fail(name, required)
        return given if given in options else None

    def choices(self, name: str, options: Collection[str], *, required: str | None = None) -> tuple[str, ...]:
        """Any of the options, in their own order."""
        given = set(self.values(name))
        if given - set(options):
            self.fail(name, _("Choose one of the answers."))
        elif not given and required:
            self.fail(name, required)
        return tuple(option for option in options if option in given)

    def yes_no(self, name: str, *, required: str | None = None) -> bool | None:
        """Yes, no, or not answered."""
        given = self.choice(name, (YES, NO), required=required)
        return None if given is None else given == YES

    def ticked(self, name: str) -> bool:
        """Whether a lone box was ticked."""
        return bool(self.value(name))

    def id(self, name: str, among: Collection[UUID], *, required: str | None = None) -> UUID | None:
        """The id of one of these things."""
        given = self.choice(name, [str(each) for each in among], required=required)
        return UUID(given) if given else None


def clean(text: str, *, lines: bool = False) -> str:
    """Text in one normal form: composed letters, plain line ends, no blanks around it."""
    composed = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    if not lines:
        return " ".join(composed.split(" ")).replace("\n", " ").replace("\t", " ").strip()
    return composed.strip()


def read_day(day: str, month: str, year: str) -> date | None:
    """The day that was typed, or None when there is no such day."""
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in (day, month, year)) or len(year) != 4:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def day_fields(name: str, value: date | None) -> dict[str, str]:
    """The three fields of a day, to show one that is known."""
    if value is None:
        return {}
    return {f"{name}-day": str(value.day), f"{name}-month": str(value.month), f"{name}-year": f"{value.year:04}"}
