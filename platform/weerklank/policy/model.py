"""The policy language, version 1: what an organisation can say about its procedure.

Every class is one concept and every field one key; `key()` carries the help that the reference, the JSON Schema
and the reader's error messages are made from. The reader turns YAML into these classes; nothing here reads files.
Durations are written as `2 working_days`, moments as names of what happened (see `moments.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from weerklank.deadlines import Counting, Duration
from weerklank.deadlines.holidays import Holiday
from weerklank.policy.law import BASES
from weerklank.policy.words import Text

REQUIRED: Any = object()
Scalar = str | int | bool | date
WEEK = ("mo", "tu", "we", "th", "fr", "sa", "su")
RELATIONS = ("respondent", "involved")


def key(help: str, default: Any = REQUIRED, *, name: str | None = None, **bounds: Any) -> Any:
    """Declare a key: its help in one sentence, its default, its YAML name when Python reserves it, its bounds.

    Bounds understood by the reader: `most` (length or number), `refers` (what the value must name: role, channel,
    fact, term, step, message, body, ground, moment), `one_of` (the values it can have), `pattern` (of the whole text),
    `many=True` (a lone scalar may stand for a list of one), `free=True` (names of a mapping may be any text).
    """
    metadata = {"help": help, "name": name, **bounds}
    if default is REQUIRED:
        return field(metadata=metadata, kw_only=True)
    if callable(default):
        return field(default_factory=default, metadata=metadata, kw_only=True)
    return field(default=default, metadata=metadata, kw_only=True)


def nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


class Phase(StrEnum):
    """The fixed phases of a case; the steps inside them are the policy's."""

    RECEIVED = "received"
    TRIAGE = "triage"
    TREATMENT = "treatment"
    DECIDED = "decided"
    MEASURES = "measures"
    CLOSED = "closed"
    ARCHIVED = "archived"


class RoleKind(StrEnum):
    COMPLAINANT = "complainant"
    REPRESENTATIVE = "representative"
    RECEIVER = "receiver"
    HANDLER = "handler"
    APPOINTED = "appointed"
    RESPONDENT = "respondent"
    POST = "post"
    FACT = "fact"
    RELATION = "relation"
    STAFF = "staff"
    OUTSIDE = "outside"
    PUBLIC = "public"


class Relation(StrEnum):
    MANAGER_OF = "manager_of"
    COORDINATOR_OF = "coordinator_of"
    COLLEAGUE_OF = "colleague_of"
    RELATIVE_OF = "relative_of"


class Form(StrEnum):
    WRITTEN = "written"
    ORAL = "oral"


class ChannelKind(StrEnum):
    POST = "post"
    EMAIL = "email"
    PORTAL = "portal"
    WEB_FORM = "web_form"
    PHONE = "phone"
    DESK = "desk"
    EXTERNAL_SITE = "external_site"


class ChannelState(StrEnum):
    OPEN = "open"
    MAINTENANCE = "maintenance"
    OFF = "off"


class FactType(StrEnum):
    TEXT = "text"
    STORY = "story"
    DAY = "day"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    NUMBER = "number"
    AMOUNT = "amount"
    PERSON = "person"
    FILE = "file"


class Asked(StrEnum):
    REQUIRED = "required"
    ASKED = "asked"
    OPTIONAL = "optional"
    NO = "no"


class Strength(StrEnum):
    HARD = "hard"
    TARGET = "target"
    HOUSE = "house"


class WhileClosed(StrEnum):
    """What a term does in the closed periods of the calendar."""

    RUN = "run"
    STAND_STILL = "stand_still"


class Does(StrEnum):
    """What a step does. `record` fills in facts, `choose` picks an outcome, the others do what their name says."""

    RECORD = "record"
    CHOOSE = "choose"
    SEND = "send"
    ASSIGN = "assign"
    PROPOSE = "propose"
    ANSWER = "answer"
    DECIDE = "decide"
    MEASURES = "measures"
    SIGN = "sign"
    CLOSE = "close"


@dataclass(frozen=True)
class Element:
    """What every element of a policy may carry."""

    label: Text | None = key("What people call this, per language.", None)
    help: Text | None = key("A line of explanation shown beside it, per language.", None)
    source: tuple[str, ...] = key("The clause or clauses this carries out, or `platform`.", (), many=True)
    unconfirmed: str | None = key(
        "What the organisation still has to confirm; the element as written is a reading.", None
    )


@dataclass(frozen=True)
class Condition:
    """One test over facts, involvement and what happened. Exactly one subject key; `all`, `any`, `not` combine."""

    all: tuple[Condition, ...] | None = key("All of these hold.", None)
    any: tuple[Condition, ...] | None = key("At least one of these holds.", None)
    not_: Condition | None = key("This does not hold.", None, name="not")
    fact: str | None = key(
        "A fact; go on with `is`, `in`, `known`, `at_least`, `at_most` or `older_than`.", None, refers="fact"
    )
    is_: Scalar | None = key("The fact has this value (for `choices`: holds it).", None, name="is")
    in_: tuple[Scalar, ...] | None = key("The fact has one of these values.", None, name="in", many=True)
    known: bool | None = key("Whether the fact has been filled in.", None)
    at_least: Scalar | None = key("The number or day is this or more.", None)
    at_most: Scalar | None = key("The number or day is this or less.", None)
    older_than: Duration | None = key("The day lies longer than this before `before`.", None)
    before: str | None = key("The moment `older_than` looks back from.", None, refers="moment")
    involved: str | None = key("Somebody in this role is involved in what the complaint is about.", None, refers="role")
    channel: tuple[str, ...] | None = key(
        "The complaint came by one of these channels.", None, many=True, refers="channel"
    )
    form: Form | None = key("The complaint was made in this form.", None)
    complainant: tuple[str, ...] | None = key(
        "Who complains stays anonymous, is represented, or does so with others (one of these).",
        None,
        many=True,
        one_of=("anonymous", "represented", "several"),
    )
    received_by: str | None = key("The person who received it holds this role.", None, refers="role")
    step: str | None = key("A step that was done; go on with `outcome`.", None, refers="step")
    outcome: tuple[str, ...] | None = key("The step's last outcome is one of these.", None, many=True)
    happened: str | None = key("This moment has happened.", None, refers="moment")
    linked: tuple[str, ...] | None = key("One of these links of `combining` stands.", None, many=True)
    measures: str | None = key(
        "How the measures stand.", None, one_of=("none", "planned", "open", "verified", "overrun")
    )
    ground: tuple[str, ...] | None = key(
        "One of these grounds for not handling holds.", None, many=True, refers="ground"
    )


@dataclass(frozen=True)
class Procedure:
    """What the procedure is called and what it is for."""

    title: Text = key("Name of the procedure.")
    organisation: str = key("Name of the organisation.", most=200)
    prefix: str = key("Capital letters that lead every reference, such as ABC.", most=8, pattern="[A-Z]{2,8}")
    languages: tuple[str, ...] = key(
        "Languages the procedure is offered in; the first is the default.", ("nl",), many=True, pattern="[a-z]{2,3}"
    )
    purpose: Text | None = key("What the procedure is for.", None)
    document: str | None = key("The text this policy carries out.", None)
    basis: tuple[str, ...] = key(
        "Laws this procedure falls under; its terms and its outside bodies are compared with what they demand.",
        (),
        many=True,
        one_of=tuple(BASES),
    )
    cost: int = key("What lodging a complaint costs the complainant, in euro.", 0, most=100_000)
    cost_note: Text | None = key("What people must know about the cost: when it is paid, when it is given back.", None)
    source: tuple[str, ...] = key("Clauses carried out here.", (), many=True)


@dataclass(frozen=True)
class Closed:
    """A period in which the organisation does not work."""

    label: Text = key("Why it is closed.")
    from_: date = key("First closed day.", name="from")
    to: date = key("Last closed day.")
    source: tuple[str, ...] = key("Clauses carried out here.", (), many=True)


@dataclass(frozen=True)
class CalendarRules:
    """When the organisation works; `working_days` are counted by this."""

    timezone: str = key("Zone whose local day decides.", "Europe/Amsterdam")
    week: tuple[str, ...] = key("Working days of the week.", ("mo", "tu", "we", "th", "fr"), one_of=WEEK)
    holidays: tuple[str, ...] = key(
        "`national` for the Act's list, or names of holidays, or empty.", (), many=True, one_of=("national", *Holiday)
    )
    closed: tuple[Closed, ...] = key("Own closed periods.", ())
    source: tuple[str, ...] = key("Clauses carried out here.", (), many=True)


@dataclass(frozen=True)
class Definition(Element):
    """A term the procedure defines."""

    text: Text = key("What it means in this procedure.")


@dataclass(frozen=True)
class Scope:
    """What counts as a complaint and who may make one."""

    complaint: Text = key("What a complaint is, in the procedure's words made plain.")
    not_a_complaint: Text | None = key("What it is not, and where that goes.", None)
    examples: Text | None = key("Examples that help people recognise one.", None)
    forms: tuple[Form, ...] = key("Whether a complaint may be written, oral or both.", (Form.WRITTEN,), many=True)
    complainants: Text | None = key("Who may complain.", None)
    representation: Text | None = key("Who may act for the complainant, on what proof.", None)
    definitions: Mapping[str, Definition] = key("Other terms the procedure defines.", nothing)
    source: tuple[str, ...] = key("Clauses carried out here.", (), many=True)


@dataclass(frozen=True)
class Role(Element):
    """A part in the procedure, and how the person who plays it is found."""

    kind: RoleKind = key("How the person is found.")
    fact: str | None = key("With kind `fact`: the fact that names the person.", None, refers="fact")
    relation: Relation | None = key("With kind `relation`: which relation in the organisation chart.", None)
    of: str | None = key("With kind `relation`: of whom.", None, refers="role")
    external: bool | None = key("With kind `post`: true demands somebody from outside, false somebody employed.", None)
    not_colleague_of: str | None = key(
        "A direct colleague of this role may not play the part in that case.", None, refers="role"
    )
    required: bool = key("The procedure cannot run while nobody holds this post.", False)
    seats: int = key("How many people hold the post at once.", 1, most=500)
    assignment: Assignment | None = key("With kind `appointed`: how they are found or chosen in each case.", None)
    least: int = key(
        "With `post` and `appointed`: with fewer who are present and not walled off it can do nothing.", 1, most=500
    )
    chair: str | None = key(
        "With `post` and `appointed`: whoever holds this role belongs to it, and without one it can do nothing.",
        None,
        refers="role",
    )
    nominated_by: Text | None = key(
        "Who puts people forward (a role, or in words); shown to whoever appoints them.", None
    )
    substitute: str | None = key(
        "Who stands in when absent; left out means nobody does and the work waits.", None, refers="role"
    )
    sees_all: bool = key("May see every case of the organisation in which he is not involved.", False)


@dataclass(frozen=True)
class Channel(Element):
    """A way a complaint arrives."""

    kind: ChannelKind = key("What sort of channel.")
    form: Form = key("Whether what arrives is written or oral.", Form.WRITTEN)
    address: str | None = key("Where to: postal or e-mail address, number or site.", None, most=300)
    state: ChannelState = key(
        "open, maintenance (temporarily shut, with notice and fallback) or off.", ChannelState.OPEN
    )
    notice: Text | None = key("What is shown while the channel is shut.", None)
    fallback: tuple[str, ...] = key("Channels that work meanwhile.", (), many=True, refers="channel")
    to: str | None = key("Role that receives what comes in here.", None, refers="role")
    question: Text | None = key("How the complainant reads of this way, when that is not its label.", None)


@dataclass(frozen=True)
class Preset(Element):
    """A value the platform fills in by itself while nobody has."""

    when: Condition | None = key("Filled in when this holds; left out: always.", None)
    is_: Scalar = key("The value.", name="is")


@dataclass(frozen=True)
class Fact(Element):
    """Something asked at intake or recorded later."""

    type: FactType = key("What sort of value; `amount` is in euro, `file` a document that is asked for.")
    question: Text | None = key("How the complainant is asked; left out: by the label, which staff read.", None)
    options: Mapping[str, Text] = key("With `choice` and `choices`: the values and what people call them.", nothing)
    at_intake: Asked = key("Whether the complainant must, may or is asked to give it.", Asked.NO)
    unknown: bool = key("Whether 'I do not know' is an answer.", False)
    when: Condition | None = key("Asked only when this holds.", None)
    at_least: Scalar | None = key("The lowest number or amount (in euro), or the earliest day.", None)
    at_most: Scalar | None = key("The highest number or amount (in euro), or the latest day.", None)
    preset: tuple[Preset, ...] = key(
        "Filled in by the platform once a line's condition holds and nobody has; who may record may change it.", ()
    )
    visible: tuple[str, ...] = key(
        "Roles that may see it; left out: all who may see the case.", (), many=True, refers="role"
    )


@dataclass(frozen=True)
class Particulars:
    """Which particulars are asked of somebody who complains."""

    name: Asked = key("The name.", Asked.REQUIRED)
    email: Asked = key("The e-mail address.", Asked.ASKED)
    phone: Asked = key("The telephone number.", Asked.ASKED)
    address: Asked = key("The postal address (always required when post is preferred).", Asked.OPTIONAL)
    one_of: tuple[str, ...] = key(
        "At least one of these must be given.", (), many=True, one_of=("name", "email", "phone", "address")
    )
    source: tuple[str, ...] = key("Clauses carried out here.", (), many=True)


@dataclass(frozen=True)
class Contact(Particulars):
    """Which particulars of the complainant are asked, and who may complain in what way."""

    anonymous: bool = key("May stay anonymous: no name, reached by the page and its code only.", False)
    several: bool = key("More people may complain together; the first speaks for all, each gets the letters.", False)
    representative: str | None = key(
        "Whether somebody may act for the complainant; left out: when the scope says who may represent.",
        None,
        one_of=("no", "optional", "asked"),
    )
    oral: Particulars | None = key("What is asked instead when the complaint is oral.", None)


@dataclass(frozen=True)
class Involvement(Element):
    """When a person named in a fact is walled off as respondent or as otherwise involved."""

    person: str = key("Role that finds the person.", refers="role")
    is_: str = key("`respondent` (complained about) or `involved`.", name="is", one_of=RELATIONS)
    when: Condition | None = key("Only when this holds.", None)


@dataclass(frozen=True)
class Extension(Element):
    """How a term may be extended."""

    in_all: Duration | None = key("Most of all extensions together; left out: no ceiling.", None)
    by: str = key("Who extends.", refers="role")
    message: str | None = key("What must be sent; the day moves only then.", None, refers="message")
    before_expiry: bool = key("Only while the term still runs.", True)
    consent: bool = key("Only with written consent, as an agreed day.", False)
    further: bool = key(
        "Beyond `in_all`, or once more, it can be made longer as an agreed day with written consent.", False
    )
    consent_of: tuple[str, ...] = key(
        "Whose written consent an agreed day needs, all of them; left out: the complainant's.",
        (),
        many=True,
        refers="role",
    )


@dataclass(frozen=True)
class Pause(Element):
    """A time in which a term stands still because of something outside: a lawsuit, a criminal inquiry, an answer."""

    from_: tuple[str, ...] = key(
        "The moments at which it begins; a day fact (`fact.<fact>`) is that day.", name="from", many=True,
        refers="moment",
    )  # fmt: skip
    until: tuple[str, ...] = key("The moments at which it is over; that day counts again.", many=True, refers="moment")
    when: Condition | None = key("Only when this holds.", None)


@dataclass(frozen=True)
class Missed(Element):
    """What follows when a term is missed."""

    tell: tuple[str, ...] = key("Roles that are told.", (), many=True, refers="role")
    opens: tuple[str, ...] = key("Steps that open.", (), many=True, refers="step")
    takes: str | None = key(
        "Silence has an outcome: `step.outcome`, which the platform takes if the step is open.", None, refers="ending"
    )


@dataclass(frozen=True)
class Term(Element):
    """A time limit: from a moment, within a duration, until a moment."""

    from_: tuple[str, ...] = key(
        "The moment it starts; of several the first (with `restarts` the latest).", name="from", many=True,
        refers="moment",
    )  # fmt: skip
    within: Duration | None = key("How long; or `day` instead.", None)
    day: str | None = key("A fact that holds the last day itself (a promised or agreed day).", None, refers="fact")
    of_measures: bool = key("The last day is the nearest one of a measure that was not checked yet.", False)
    at_least: Duration | None = key("Not before this long after the start.", None)
    back_from: str | None = key("Counted back from this fact or moment instead of forward.", None, refers="moment")
    until: tuple[str, ...] = key("The moments that meet it.", many=True, refers="moment")
    ends: tuple[str, ...] = key("Moments at which it lapses without being met.", (), many=True, refers="moment")
    when: Condition | None = key("It runs only when this holds.", None)
    counting: Counting = key("statutory, calendar or working_days.", Counting.CALENDAR)
    strength: Strength = key("hard, target or house (not in the procedure, the organisation's own).", Strength.HARD)
    owner: str = key("Role that has to meet it.", refers="role")
    remind: tuple[Duration, ...] = key("How long before the last day the owner is reminded.", (), many=True)
    missed: Missed | None = key("What follows when it is missed.", None)
    extend: Extension | None = key("How it may be extended.", None)
    suspend: bool = key("Whether a request for completion stops it.", False)
    pauses: tuple[Pause, ...] = key("What else makes it stand still, each with its reason.", ())
    closed: WhileClosed = key(
        "Whether it runs on in the closed periods of the calendar or stands still.", WhileClosed.RUN
    )
    restarts: bool = key("Whether it starts anew each time its moment happens.", False)
    repeats: Duration | None = key("Comes back after this long until it ends.", None)
    survives: bool = key("Goes on after the case is closed.", False)


@dataclass(frozen=True)
class Outcome(Element):
    """One way a step can end."""

    then: tuple[str, ...] = key("Steps this leads to.", (), many=True, refers="step")
    asks: tuple[str, ...] = key("Facts that must be filled in for this outcome.", (), many=True, refers="fact")
    sends: tuple[str, ...] = key("Messages sent with this outcome.", (), many=True, refers="message")
    when: Condition | None = key("On offer only when this holds.", None)
    event: str | None = key("The policy's own name for what has happened.", None, pattern="[a-z][a-z0-9_]*")
    shares: str | None = key("Lets this role see the complaint although involved.", None, refers="role")
    closes: bool = key("The case closes with this outcome.", False)


@dataclass(frozen=True)
class Guard(Element):
    """Something that must hold before a step can be done; its label is what the refusal says."""

    when: Condition = key("What must hold.")


@dataclass(frozen=True)
class Step(Element):
    """Something somebody has to do in a case."""

    does: Does = key("What sort of step.", Does.RECORD)
    by: str = key("Role that does it.", refers="role")
    also_by: tuple[str, ...] = key("Other roles that may do it.", (), many=True, refers="role")
    phase: Phase | None = key("Phase the case is in once this opens; left out: a step beside the main line.", None)
    on: tuple[str, ...] = key("Moments at which it opens by itself.", (), many=True, refers="moment")
    when: Condition | None = key("Opens by itself only when this holds.", None)
    of: str | None = key(
        "With `assign`: the appointed role it is about; left out: who handles.", None, refers="role"
    )
    visible: tuple[str, ...] = key(
        "Roles that may see what is written, recorded, sent and attached in it, beside whoever wrote it; left out: all"
        " who may see the case.",
        (),
        many=True,
        refers="role",
    )
    asks: tuple[str, ...] = key("Facts that must be filled in.", (), many=True, refers="fact")
    offers: tuple[str, ...] = key("Facts that may be filled in.", (), many=True, refers="fact")
    guards: tuple[Guard, ...] = key("What must hold before it can be done.", ())
    message: str | None = key("Message that doing it sends.", None, refers="message")
    outcomes: Mapping[str, Outcome] = key("The ways it can end; left out: one, `done`.", nothing)
    then: tuple[str, ...] = key("Steps that follow when there are no outcomes.", (), many=True, refers="step")
    signed_by: tuple[str, ...] = key("With `sign`: every role whose signature is needed.", (), many=True, refers="role")
    survives: bool = key("Stays open when the case is closed.", False)


@dataclass(frozen=True)
class Rule(Element):
    """One line of an ordered list: the first whose condition holds decides."""

    id: str = key("Short name, unique in its list.", most=60, pattern="[A-Za-z][A-Za-z0-9_]*")
    when: Condition | None = key("Holds when; left out: always.", None)
    to: str | None = key("Role that gets the case; left out: a person chooses.", None, refers="role")


@dataclass(frozen=True)
class Assignment:
    """Who handles the case, or who is appointed in it."""

    rules: tuple[Rule, ...] = key("First match wins.")
    chosen_by: str | None = key("Role that chooses when a rule leaves it open.", None, refers="role")
    from_: tuple[str, ...] = key("Roles a person may be chosen from.", (), name="from", many=True, refers="role")
    never: tuple[str, ...] = key(
        "Who plays or played one of these roles in the case may not be chosen.", (), many=True, refers="role"
    )
    number: int = key("How many must be chosen at least.", 1, most=500)
    nobody: tuple[str, ...] = key(
        "Who is told at once when the rules find nobody, beside the administrators, and may then take the step up.",
        (),
        many=True,
        refers="role",
    )
    warn: tuple[str, ...] = key(
        "Relations that may be overruled with a reason; others never.", (), many=True, one_of=RELATIONS
    )
    source: tuple[str, ...] = key("Clauses carried out here.", (), many=True)


@dataclass(frozen=True)
class Ground(Element):
    """A ground on which a complaint is, or may be, not handled."""

    when: Condition = key("When the ground holds.")
    must: bool = key("True: not handled; false: may be left.", False)


@dataclass(frozen=True)
class Message(Element):
    """Something that is sent."""

    to: tuple[str, ...] = key("Roles it goes to.", many=True, refers="role")
    cc: tuple[str, ...] = key("Roles that get a copy.", (), many=True, refers="role")
    by: str | None = key(
        "Role in whose name it goes; left out: whoever does the step, or the platform.", None, refers="role"
    )
    on: tuple[str, ...] = key("Moments at which the platform sends it by itself.", (), many=True, refers="moment")
    when: Condition | None = key("Sent by itself only when this holds.", None)
    via: tuple[str, ...] = key(
        "Ways; left out: as the recipient prefers.", (), many=True, one_of=("email", "letter", "phone", "desk")
    )
    form: Form = key("Written, or may be told.", Form.WRITTEN)
    subject: Text | None = key("Subject line; may hold placeholders.", None)
    body: Text | None = key("The text; may hold placeholders; `{text}` is what the sender wrote.", None)
    contains: tuple[str, ...] = key(
        "What it must contain: fact.<name>, due.<term>, redress.<body>, text, complaint, measures, handler.",
        (),
        many=True,
    )
    visible: tuple[str, ...] = key(
        "Roles that may see it, beside whoever wrote or got it; left out: all who may see the case.",
        (),
        many=True,
        refers="role",
    )
    never: tuple[str, ...] = key("Facts that may never be in it.", (), many=True, refers="fact")
    attach: tuple[str, ...] = key("What goes along.", (), many=True, one_of=("complaint", "decision"))


@dataclass(frozen=True)
class Body(Element):
    """An outside body: where a copy goes or where the complainant can go."""

    name: str = key("Its name.", most=200)
    kind: str = key(
        "`dispute` (offered to the complainant) or `authority` (gets copies).", one_of=("dispute", "authority")
    )
    address: str | None = key("Site or address.", None, most=300)
    within: Duration | None = key("How long the complainant has.", None)
    from_: str | None = key("From which moment.", None, name="from", refers="moment")
    counting: Counting = key("How that is counted.", Counting.CALENDAR)
    fee: int | None = key("What it costs, in euro.", None)
    evidence: Text | None = key("What the complainant must send along.", None)
    when: Condition | None = key("Offered only when this holds.", None)


@dataclass(frozen=True)
class Measures:
    """Measures that come out of a complaint."""

    verified_by: str | None = key("Role that checks that a measure was carried out.", None, refers="role")
    asks: tuple[str, ...] = key("What each measure must have.", ("owner", "day"), many=True, one_of=("owner", "day"))
    proof: bool = key("Whether carrying out asks for proof.", True)
    overrun_of: str | None = key("A measure planned after this term's day is an overrun.", None, refers="term")
    overrun_asks: tuple[str, ...] = key("Facts that an overrun demands.", (), many=True, refers="fact")
    overrun_message: str | None = key("Message that an overrun demands.", None, refers="message")
    kinds: Mapping[str, Text] = key("Sorts of measures that a report can lead to, such as training.", nothing)
    source: tuple[str, ...] = key("Clauses carried out here.", (), many=True)


@dataclass(frozen=True)
class Link(Element):
    """A way in which two cases, or a case and a file elsewhere, belong together."""

    rests: bool = key("What is linked rests until this case closes.", False)
    outside: bool = key("It is a file outside this platform, known by its number.", False)
    message: str | None = key("Message that linking sends.", None, refers="message")


@dataclass(frozen=True)
class Merge(Element):
    """Two complaints go on as one: the merged one closes and its complainant joins the other."""

    message: str = key("What its complainant is told; {other} is the number it goes on under.", refers="message")


@dataclass(frozen=True)
class Split(Element):
    """A part of a complaint becomes a case of its own, received on the same day."""

    message: str = key("What the complainant is told in the new case; {other} is the old number.", refers="message")


@dataclass(frozen=True)
class Combining:
    """Cases that belong together."""

    by: tuple[str, ...] = key("Roles that may do it.", many=True, refers="role")
    links: Mapping[str, Link] = key("How cases can be linked.", nothing)
    merge: Merge | None = key("How two become one; left out: they never do.", None)
    split: Split | None = key("How one becomes two; left out: it never does.", None)
    source: tuple[str, ...] = key("Clauses carried out here.", (), many=True)


@dataclass(frozen=True)
class Restriction(Element):
    """A restriction on contact because of unreasonable conduct; it ends by itself."""

    by: tuple[str, ...] = key("Roles that may put it on and take it away.", many=True, refers="role")
    most: Duration = key("How long at most.")
    message: str = key("What the complainant is told, with the reason and the last day.", refers="message")
    closes: tuple[str, ...] = key("Channels that are closed to him meanwhile.", (), many=True, refers="channel")


@dataclass(frozen=True)
class Publication(Element):
    """Where or when the procedure is made known."""

    where: str = key(
        "In what way: our own `page`, a `link` or `snippet` to put elsewhere, a `checklist` that a person ticks, or a"
        " `moment` that is logged each time.",
        one_of=("page", "link", "snippet", "checklist", "moment"),
    )
    by: str | None = key(
        "Role that looks whether it stands there, or that tells it; left out: who manages the settings.",
        None,
        refers="role",
    )
    text: Text | None = key("With `snippet` and `link`: the words to copy; `{link}` is the address of our page.", None)


@dataclass(frozen=True)
class ReportSection(Element):
    """A text in a report that a person writes."""

    required: bool = key("Whether the report can be released without it.", False)


@dataclass(frozen=True)
class Report(Element):
    """A report to be written."""

    every: Duration | None = key(
        "How often, over whole years, months or weeks of the calendar; left out: whoever writes it opens it.", None
    )
    within: Duration | None = key("How long after the period it must be released; left out: no day.", None)
    remind: tuple[Duration, ...] = key("How long before that day its writer is reminded.", (), many=True)
    tell: tuple[str, ...] = key("Roles that are told when that day has passed.", (), many=True, refers="role")
    by: str = key("Role that writes it.", refers="role")
    to: tuple[str, ...] = key("Roles that get it.", many=True, refers="role")
    contains: tuple[str, ...] = key(
        "What is in it: tables the platform counts, facts it counts (also `fact per fact`), `recommendations`, or"
        " `analysis`, which a person must write.",
        (),
        many=True,
    )
    sections: Mapping[str, ReportSection] = key("Texts that a person writes in it.", nothing)
    decides: str | None = key("Role that decides on it.", None, refers="role")
    decided_by: str = key("Whether one of that role decides, or all of them.", "one", one_of=("one", "all"))
    presented_to: tuple[str, ...] = key("Roles it is presented to.", (), many=True, refers="role")
    evaluated_by: tuple[str, ...] = key("Roles that evaluate it together.", (), many=True, refers="role")


@dataclass(frozen=True)
class Duty(Element):
    """A task the procedure gives to a role outside a single case (advice, talks, overviews, training)."""

    does: str = key(
        "`log`: what was done is noted. `recommend`: numbered recommendations with addressee and state. `register`:"
        " things that are registered without a procedure, by their `kinds`.",
        "log",
        one_of=("log", "recommend", "register"),
    )
    by: str = key("Role that has it.", refers="role")
    also_by: tuple[str, ...] = key("Other roles that may do it.", (), many=True, refers="role")
    text: Text = key("What it is.")
    every: Duration | None = key("How often, once in each whole year, month or week of the calendar.", None)
    warn_on: str | None = key(
        "With `every: 1 years`: the day of the year (such as `12-01`) on which is told that it was not done yet.",
        None,
        pattern="(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
    )
    tell: tuple[str, ...] = key("Who is told then, beside who has it.", (), many=True, refers="role")
    to: tuple[str, ...] = key("With `recommend`: roles a recommendation is addressed to.", (), many=True, refers="role")
    consult: bool = key("With `recommend`: somebody must have been consulted before it is made.", False)
    kinds: Mapping[str, Text] = key("With `register`: the sorts of things that are registered.", nothing)


@dataclass(frozen=True)
class KeepingRule:
    """How long cases of one sort are kept."""

    when: Condition = key("The cases it is for; the first rule that fits counts.")
    for_: Duration = key("How long.", name="for")
    from_: str = key("The moment it counts from.", "closed", name="from", refers="moment")
    source: tuple[str, ...] = key("Clauses carried out here.", (), many=True)


@dataclass(frozen=True)
class Keeping:
    """How long and where cases are kept, and who may see what."""

    retention: Duration | None = key("How long after closing; left out: a person decides.", None)
    rules: tuple[KeepingRule, ...] = key("How long by outcome or sort of case; `retention` is for the rest.", ())
    archived_by: str | None = key(
        "Role that puts closed cases in the archive; left out: the posts that see all.", None, refers="role"
    )
    destroyed_by: str | None = key(
        "Role that destroys what need not be kept any longer; left out: who archives.", None, refers="role"
    )
    place: Text | None = key("What the archive is called.", None)
    register: Text | None = key("What the register is called, and what it is for.", None)
    quality: tuple[str, ...] = key(
        "Facts the register and its export hold; left out: the coded ones, never words or persons.",
        (),
        many=True,
        refers="fact",
    )
    struck_by: str | None = key("Role that may strike a text in the register, with a reason.", None, refers="role")
    complete: tuple[str, ...] = key("What a complete file holds.", (), many=True)
    secrecy: Text | None = key("What the procedure says about secrecy.", None)
    source: tuple[str, ...] = key("Clauses carried out here.", (), many=True)


@dataclass(frozen=True)
class Clause:
    """A clause of the source text that no element carries yet, or that lies outside the platform, and why."""

    why: str = key("`later` or `outside`, and why in a few words.", most=300)


@dataclass(frozen=True)
class Policy:
    """A complete procedure."""

    weerklank: int = key("Version of the language: 1.", most=1)
    procedure: Procedure = key("What it is called.")
    calendar: CalendarRules = key("When the organisation works.", CalendarRules)
    scope: Scope = key("What counts as a complaint.")
    roles: Mapping[str, Role] = key("Who plays a part.")
    channels: Mapping[str, Channel] = key("How a complaint arrives.")
    contact: Contact = key("Which particulars of the complainant are asked.", Contact)
    facts: Mapping[str, Fact] = key("What is asked or recorded.", nothing)
    involvement: tuple[Involvement, ...] = key("Who is walled off by itself.", ())
    assignment: Assignment = key("Who handles.")
    grounds: Mapping[str, Ground] = key("Grounds for not handling.", nothing)
    terms: Mapping[str, Term] = key("Time limits.", nothing)
    steps: Mapping[str, Step] = key("What is to be done.")
    withdraw: Outcome | None = key("What follows when the complainant withdraws; left out: the case closes.", None)
    messages: Mapping[str, Message] = key("What is sent.", nothing)
    bodies: Mapping[str, Body] = key("Outside bodies.", nothing)
    measures: Measures = key("Measures that come out of a complaint.", Measures)
    combining: Combining | None = key("Cases that belong together; left out: they never are.", None)
    restrictions: Mapping[str, Restriction] = key("Restrictions on unreasonable conduct.", nothing)
    publication: Mapping[str, Publication] = key("Where the procedure is made known.", nothing)
    reports: Mapping[str, Report] = key("Reports.", nothing)
    duties: Mapping[str, Duty] = key("Tasks outside a single case.", nothing)
    keeping: Keeping = key("How long files are kept.", Keeping)
    clauses: Mapping[str, Clause] = key("Clauses not carried by an element, with the reason.", nothing, free=True)
