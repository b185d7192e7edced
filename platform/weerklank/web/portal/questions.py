"""What the form asks, made from the policy: page by page, with each answer read and checked in the same way.

The pages: `story` (what happened), `details` (the policy's facts), `more` (facts that depend on those), `files`,
`who` (for whom, alone or not), `you` (contact), `address`, `helper` (who acts for the complainant), `others` (who
complain along), `proof` (facts that depend on those), and `check`. One without a question is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from weerklank.policy.amounts import bounds_said, within
from weerklank.policy.case import Case, Value
from weerklank.policy.conditions import holds
from weerklank.policy.facts import LONGEST
from weerklank.policy.model import Asked, Condition, Fact, FactType, Policy
from weerklank.policy.parties import EMAIL, POST
from weerklank.policy.people import People
from weerklank.policy.world import World
from weerklank.web.forms import ADDRESS_PARTS, Form
from weerklank.web.texts import LANGUAGES, say

PAGES = ("story", "details", "more", "files", "who", "you", "address", "helper", "others", "proof", "check")
FACT_PAGES = ("details", "more", "proof")
MOST_OTHERS = 20
LONGEST_STORY = 20_000
MYSELF, HELPED, OTHER, FOR_OTHER = "self", "helped", "other", "for"
ACTING = (OTHER, FOR_OTHER)  # our messages go to whoever acts
UNKNOWN = "unknown"
OWN_FACT_OF_HELPER = "representative"  # a policy that asks this itself is not asked twice


@dataclass(frozen=True)
class Answers:
    """What was filled in on all pages, read."""

    story: str
    facts: Mapping[str, Value]
    texts: Mapping[str, str]
    contact: Mapping[str, str]
    way: str
    language: str
    representative: Mapping[str, str] | None
    helps: bool
    anonymous: bool
    others: tuple[Mapping[str, str], ...]


def no_address() -> str:
    """What is said of somebody whom no letter would reach."""
    return str(_("Fill in an e-mail address or a postal address: that is where the letters go."))


def address_fields(name: str) -> tuple[str, ...]:
    """The fields of an address."""
    return tuple(f"{name}-{part}" for part in ADDRESS_PARTS)


def fields_of_other(number: int) -> tuple[str, ...]:
    """The fields of one of those who complain along."""
    name = f"other-{number}"
    return (f"{name}-name", f"{name}-email", *address_fields(f"{name}-address"))


def about_people(condition: Condition | None) -> bool:
    """Whether a condition asks who complains, which is known only after that page."""
    if condition is None:
        return False
    parts = (*(condition.all or ()), *(condition.any or ()), condition.not_)
    return condition.complainant is not None or any(about_people(part) for part in parts if part)


def field_of(fact: str) -> str:
    """The name a fact's field has in the form, which can be no other field's."""
    return f"fact-{fact}"


class Questions:
    """The form of one policy, filled in as far as `typed` (field name -> values). `now` is an aware instant.

    `files` are the names of the files that go along, by their id, which is what `typed` holds of a fact of type file.
    """

    def __init__(
        self, policy: Policy, channel: str, typed: Mapping[str, list[str]], now: datetime, language: str,
        files: Mapping[str, str] | None = None,
    ) -> None:
        self.policy = policy
        self.channel = channel
        self.typed = dict(typed)
        self.judged: Mapping[str, list[str]] | None = None  # what `more` was found by: asked many times, judged once
        self.more: dict[str, Fact] = {}
        self.today = now.astimezone(ZoneInfo(policy.calendar.timezone)).date()
        self.language = language
        self.files = dict(files or {})

    def files_of(self, fact: str) -> list[str]:
        """Names of the files that were given in answer to a fact of type file."""
        return [self.files[each] for each in self.typed.get(field_of(fact), []) if each in self.files]

    def pages(self) -> list[str]:
        """The pages that have something to ask, given what was answered."""
        asks = {
            "details": bool(self.facts("details")),
            "more": bool(self.facts("more")),
            "who": self.policy.contact.anonymous or self.policy.contact.several or self.asks_for_helper(),
            "you": not self.is_anonymous() or len(self.tongues()) > 1,
            "address": self.asks_address(),
            "helper": "helper" in self.pages_of_people(),
            "others": "others" in self.pages_of_people(),
            "proof": bool(self.facts("proof")),
        }
        return [page for page in PAGES if asks.get(page, True)]

    def form(self) -> Form:
        """Everything that was typed, to be shown or read."""
        tongues = self.tongues()
        tongue = self.language if self.language in tongues else tongues[0]
        typed = {"tongue": [tongue], "way": [self.ways()[0]], "acting": [MYSELF], **self.typed}
        return Form(MultiDict([(name, value) for name, values in typed.items() for value in values]))

    def facts(self, page: str) -> dict[str, Fact]:
        """The policy's facts on a page. Those with a condition come after the others, once their condition holds."""
        asked = {name: fact for name, fact in self.policy.facts.items() if fact.at_intake is not Asked.NO}
        if page == "details":
            return {name: fact for name, fact in asked.items() if fact.when is None}
        if self.judged is not self.typed:
            self.judged, self.more = self.typed, self.concerned(asked)
        return {name: fact for name, fact in self.more.items() if about_people(fact.when) is (page == "proof")}

    def concerned(self, asked: Mapping[str, Fact]) -> dict[str, Fact]:
        """Of these facts those with a condition that holds, given what was answered."""
        world, case = World.of(self.policy, People({})), self.case()
        return {name: fact for name, fact in asked.items() if fact.when is not None and holds(world, case, fact.when)}

    def case(self) -> Case:
        """As much of a case as there is, for the conditions of facts."""
        form, facts, filled = self.form(), {}, set()
        for name, fact in self.policy.facts.items():
            if fact.at_intake is not Asked.NO:
                value = self.read_fact(form, name, fact)
                if isinstance(value, str) and fact.type is not FactType.CHOICE:
                    filled.update([name] if value else [])
                elif value not in (None, (), ""):
                    facts[name] = value
        return Case(
            id=UUID(int=0),
            channel=self.channel,
            language=self.language,
            facts=facts,
            filled=frozenset(filled),
            anonymous=self.is_anonymous(),
            represented=EMAIL if self.asks_for_helper() and self.acting() in ACTING else None,
            others=tuple(EMAIL for _ in self.others_named(self.form())) if "others" in self.pages_of_people() else (),
        )

    def is_anonymous(self) -> bool:
        """Whether he wants to stay anonymous, where that can be."""
        return self.policy.contact.anonymous and bool(self.typed.get("anonymous"))

    def acting(self) -> str:
        """For whom he complains."""
        return next(iter(self.typed.get("acting", ())), MYSELF)

    def asks_address(self) -> bool:
        """Whether his postal address is needed, or the policy asks for it even so; else it is not asked at all."""
        wanted = self.policy.contact.address in (Asked.REQUIRED, Asked.ASKED)
        return not self.is_anonymous() and (wanted or self.way() == POST)

    def way(self) -> str:
        """How he wants to hear from us."""
        return next((way for way in self.typed.get("way", ()) if way in self.ways()), self.ways()[0])

    def pages_of_people(self) -> list[str]:
        """Which of the pages about others have to be filled in."""
        asked = {"helper": self.asks_for_helper() and self.acting() in (HELPED, *ACTING)}
        asked["others"] = self.policy.contact.several and bool(self.typed.get("together"))
        return [page for page, is_asked in asked.items() if is_asked]

    def read_page(self, page: str, form: Form) -> None:
        """Read one page's fields; what is wrong is in the form's errors afterwards."""
        match page:
            case "story":
                self.read_story(form)
            case "details" | "more" | "proof":
                for name, fact in self.facts(page).items():
                    self.read_fact(form, name, fact)
            case "who":
                self.read_part(form)
            case "you":
                self.read_contact(form)
                self.read_wishes(form)
            case "address":
                self.read_address(form)
            case "helper":
                self.read_helper(form)
            case "others":
                self.read_others(form)

    def read_all(self) -> tuple[Answers, dict[str, str]]:
        """All answers, and the first page that is not right, if any, with what is wrong (page name -> sentence)."""
        for page in self.pages():
            form = self.form()
            self.read_page(page, form)
            if form.errors:
                return self.answers(), {page: next(iter(form.errors.values()))}
        return self.answers(), {}

    def answers(self) -> Answers:
        form = self.form()
        facts, texts = self.read_facts(form)
        way, language = self.read_wishes(form)
        pages = self.pages_of_people()
        return Answers(
            story=self.read_story(form),
            facts=facts,
            texts=texts,
            contact={**self.read_contact(form), **self.read_address(form)},
            way=way,
            language=language,
            representative=self.read_helper(form) if "helper" in pages else None,
            helps=self.acting() == HELPED,
            anonymous=self.is_anonymous(),
            others=self.read_others(form) if "others" in pages else (),
        )

    def read_facts(self, form: Form) -> tuple[dict[str, Value], dict[str, str]]:
        """The facts as the engine takes them: coded values, and words."""
        facts: dict[str, Value] = {}
        texts: dict[str, str] = {}
        for name, fact in [each for page in FACT_PAGES for each in self.facts(page).items()]:
            value = self.read_fact(form, name, fact)
            if isinstance(value, str) and fact.type is not FactType.CHOICE:
                texts.update({name: value} if value else {})
            elif value is not None and value != ():
                facts[name] = value
        return facts, texts

    def read_fact(self, form: Form, name: str, fact: Fact) -> Value | None:
        """One answer. `I do not know` is an answer where the policy lets it be one, and is then no value."""
        field = field_of(name)
        unknown = fact.unknown and UNKNOWN in (form.value(field), form.value(f"{field}-{UNKNOWN}"))
        if unknown:
            return None
        required = None
        if fact.at_intake is Asked.REQUIRED:
            required = _("Answer this question: %(question)s", question=say(fact.question or fact.label) or name)
        value = self.read_value(form, field, name, fact, required)
        if value is not None and not within(fact, value):
            form.fail(field, _("Choose a value within these bounds: %(bounds)s.", bounds=say(bounds_said(fact))))
        return value

    def read_value(self, form: Form, field: str, name: str, fact: Fact, required: str | None) -> Value | None:
        match fact.type:
            case FactType.DAY:
                latest = None if fact.at_most else self.today
                return form.day(field, required=required, earliest=date(1900, 1, 1), latest=latest)
            case FactType.CHOICE:
                return form.choice(field, list(fact.options), required=required)
            case FactType.CHOICES:
                return form.choices(field, list(fact.options), required=required)
            case FactType.YES_NO:
                return form.yes_no(field, required=required)
            case FactType.NUMBER:
                return form.number(field, required=required)
            case FactType.AMOUNT:
                return form.amount(field, required=required)
            case FactType.FILE:
                if required and not self.files_of(name):
                    form.fail(field, required)
                return "\n".join(self.files_of(name))
        lines = fact.type is FactType.STORY
        return form.text(field, most=LONGEST[fact.type], required=required, lines=lines)

    def read_story(self, form: Form) -> str:
        return form.text(
            "story", most=LONGEST_STORY, lines=True, required=_("Tell us what happened and why you are not satisfied.")
        )

    def read_part(self, form: Form) -> None:
        """For whom he complains."""
        if self.asks_for_helper():
            form.choice("acting", (MYSELF, HELPED, *ACTING), required=_("Choose for whom you complain."))

    def read_contact(self, form: Form) -> dict[str, str]:
        """The complainant's particulars, by what the policy asks and by how he wants to hear from us."""
        if self.is_anonymous():
            return {}
        asked = self.policy.contact
        sentences = {
            "name": _("Fill in your name."),
            "email": _("Fill in your e-mail address, or choose a letter."),
            "phone": _("Fill in your telephone number."),
        }
        needed = {name for name in sentences if getattr(asked, name) is Asked.REQUIRED}
        needed |= {"email"} if self.way() == EMAIL else set()
        given = {
            "name": form.text("name", required=sentences["name"] if "name" in needed else None),
            "email": form.email("email", required=sentences["email"] if "email" in needed else None),
            "phone": form.phone("phone", required=sentences["phone"] if "phone" in needed else None),
        }
        if asked.one_of and not self.is_reachable(given):
            form.fail(asked.one_of[0], _("Tell us how we can reach you: fill in at least one of these."))
        return {name: value for name, value in given.items() if value}

    def is_reachable(self, given: Mapping[str, str]) -> bool:
        """Whether he gives one of what the policy wants at least one of; his address comes on a page of its own."""
        coming = {"address"} if self.asks_address() else set()
        return any(given.get(name) or name in coming for name in self.policy.contact.one_of)

    def read_wishes(self, form: Form) -> tuple[str, str]:
        """How he wants to hear from us, and in which language."""
        way = form.choice("way", self.ways(), required=_("Choose how you want to hear from us."))
        tongue = form.choice("tongue", self.tongues()) or self.tongues()[0]
        return way or self.ways()[0], tongue

    def read_address(self, form: Form) -> dict[str, str]:
        """Where letters go to."""
        if not self.asks_address():
            return {}
        required = self.way() == POST or self.policy.contact.address is Asked.REQUIRED
        sentence = _("Fill in your address, so that we can send you a letter.")
        address = form.address("address", required=sentence if required else None)
        return {"address": address} if address else {}

    def read_helper(self, form: Form) -> dict[str, str]:
        """Who acts for the complainant."""
        given = {
            "name": form.text("helper-name", required=_("Fill in the name of whoever acts or helps.")),
            "email": form.email("helper-email"),
            "phone": form.phone("helper-phone"),
            "address": form.address("helper-address"),
        }
        if self.acting() in ACTING and given["name"] and not (given["email"] or given["address"]):
            form.fail("helper-email", no_address())
        return {name: value for name, value in given.items() if value}

    def others_named(self, form: Form) -> list[int]:
        """The numbers of those who complain along of whom something was filled in."""
        return [n for n in range(1, MOST_OTHERS + 1) if any(form.value(field) for field in fields_of_other(n))]

    def read_others(self, form: Form) -> tuple[Mapping[str, str], ...]:
        """Who complain along, each with a name and an address."""
        return tuple(self.read_other(form, f"other-{n}") for n in self.others_named(form) or [1])

    def read_other(self, form: Form, field: str) -> Mapping[str, str]:
        given = {
            "name": form.text(f"{field}-name", required=_("Fill in the name of whoever complains along.")),
            "email": form.email(f"{field}-email"),
            "address": form.address(f"{field}-address"),
        }
        if not (given["email"] or given["address"]):
            form.fail(f"{field}-email", no_address())
        return {name: value for name, value in given.items() if value}

    def ways(self) -> list[str]:
        """The ways we can write to him: by letter only where the policy asks no e-mail address."""
        contact = self.policy.contact
        ways = [EMAIL] if contact.email is not Asked.NO else []
        return ways + ([POST] if contact.address is not Asked.NO or not ways else [])

    def tongues(self) -> list[str]:
        """The languages we can write to him in."""
        spoken = self.policy.procedure.languages
        return [code for code in spoken if code in LANGUAGES] or [spoken[0]]

    def asks_for_helper(self) -> bool:
        """Whether somebody may act for the complainant and the policy has no question of its own about it."""
        if self.policy.contact.representative is not None:
            return self.policy.contact.representative != "no"
        own = self.policy.facts.get(OWN_FACT_OF_HELPER)
        return self.policy.scope.representation is not None and (own is None or own.at_intake is Asked.NO)
