"""The format of a story, version 1: people, dated happenings, and what must then be true.

The same classes and `key()` as the policy language, so that one reader gives both their line numbers and suggestions.
The format is stable: keys are added, never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from weerklank.policy.model import key, nothing

COMPLAINANT_NAME = "complainant"
NOBODY = "nobody"
REPORTED = ("received", "running", "closed", "measures", "measures_open")


@dataclass(frozen=True)
class Player:
    """Somebody in the organisation during the story."""

    name: str | None = key("The name as it appears; left out: the key with a capital.", None, most=100)
    posts: tuple[str, ...] = key("Posts of the policy this person holds.", (), many=True)
    manager: str | None = key("Who the manager is.", None)
    coordinator: str | None = key("Who the coordinator is.", None)
    team: str | None = key("The team; people of one team are direct colleagues.", None)
    relatives: tuple[str, ...] = key("Family and partners among the people of the story.", (), many=True)
    external: bool = key("Not employed by the organisation.", False)


@dataclass(frozen=True)
class Party:
    """Somebody on the complainant's side."""

    name: str = key("His name.", most=100)
    email: str | None = key("E-mail address.", None)
    phone: str | None = key("Telephone number.", None)
    address: str | None = key("Postal address.", None)
    helps: bool = key("Only helps, and gets no letters.", False)


@dataclass(frozen=True)
class Receive:
    """A complaint arrives."""

    channel: str = key("By which channel of the policy.")
    by: str | None = key("Who received it; left out: whom the channel names, or the complainant's own page.", None)
    registered: str | None = key("When it was entered, if later: a day, or a day and time.", None)
    complainant: str = key("Name of the complainant.", "Anna de Boer", most=100)
    email: str | None = key("E-mail address; `none` for nobody can be mailed.", "anna@voorbeeld.example")
    phone: str | None = key("Telephone number.", None)
    address: str | None = key("Postal address.", None)
    way: str = key("How the complainant wants to hear from us: email or post.", "email", one_of=("email", "post"))
    language: str = key("Language of the complainant.", "nl")
    text: str = key("The complaint in the complainant's words.", "Ik ben niet tevreden over wat er is gebeurd.")
    facts: Mapping[str, Any] = key("What was asked at intake and what the answer was.", nothing, free=True)
    anonymous: bool = key("The complainant stays anonymous.", False)
    representative: Party | None = key("Who acts for the complainant, or helps.", None)
    co_complainants: tuple[Party, ...] = key("Who complain along.", ())


@dataclass(frozen=True)
class Happening:
    """One dated thing that happens, or one moment at which something must be true. One verb at the most."""

    at: str = key("When: `2026-03-06 16:00`, or a day (then at noon), in the organisation's zone.")
    case: str | None = key("Which case, when the story has more than one; left out: the last one received.", None)
    receive: Receive | None = key("A complaint arrives.", None)
    do: str | None = key("A step is done: its name, or `step.outcome`.", None)
    sign: str | None = key("A step is signed.", None)
    record: bool | None = key("Facts are recorded beside the steps (give `facts`).", None)
    involve: str | None = key("Somebody turns out to be involved.", None)
    release: str | None = key("Somebody turns out not to be involved after all.", None)
    extend: str | None = key("A term is extended (give `days` as a duration).", None)
    agree: str | None = key("A later day for a term is agreed with the complainant (give `until`).", None)
    ask: bool | None = key("The complainant is asked for something (give `text`).", None)
    answered: bool | None = key("What was asked has come in.", None)
    add: bool | None = key("The complainant adds something (give `text`).", None)
    add_file: tuple[str, ...] | None = key(
        "Files with these names join the case, by themselves or with a step.", None, many=True
    )
    represent: Party | None = key("Somebody acts for the complainant from now on.", None)
    unrepresent: bool | None = key("Nobody acts for the complainant any more.", None)
    join: Party | None = key("Somebody else complains along from now on.", None)
    link: str | None = key("A link of the policy is laid to another case (give `other`) or file (`number`).", None)
    unlink: str | None = key("That link was a mistake (give `other`, if it is to a case).", None)
    merge: str | None = key("This case goes on in another one: its name in the story.", None)
    split: str | None = key("A part becomes a case of its own, with this name (give `facts`, `text`).", None)
    restrict: str | None = key("A restriction is put on contact (give `until`, `reason`).", None)
    lift: str | None = key("A restriction is taken away (give `reason`).", None)
    note: bool | None = key("A note is made (give `text`).", None)
    plan: str | None = key("A measure is planned, under this name in the story (give `owner`, `until`, `text`).", None)
    move: str | None = key("A measure gets another day (give `until`, `reason`).", None)
    carry_out: str | None = key("A measure is reported as carried out (give `text` as proof).", None)
    verify: str | None = key("A measure is verified.", None)
    withdraw: bool | None = key("The complaint is withdrawn.", None)
    archive: bool | None = key("The case is put in the archive (give `until` where nothing says how long).", None)
    destroy: bool | None = key("The case is destroyed (give `reason`).", None)
    begin: str | None = key("A report is begun by hand (give `on` and `until`: its first and last day).", None)
    write: str | None = key("A text of a report is written: `report.section` (give `text`).", None)
    release_report: str | None = key("A report is released.", None)
    decide_on: str | None = key("A report is decided on (may give `measures`).", None)
    present: str | None = key("A report is presented (may give `on`).", None)
    evaluate: str | None = key("A report is evaluated together (give `with`, `text`; may give `measures`).", None)
    recommend: str | None = key("Something is recommended: `duty.name` (give `to`: a role, and `text`).", None)
    consult: str | None = key("Somebody is consulted about a recommendation (give `text`).", None)
    accept: str | None = key("A recommendation is accepted.", None)
    reject: str | None = key("A recommendation is rejected (give `reason`).", None)
    log: str | None = key("A duty was done (give `text`; may give `on`, `with`).", None)
    enter: str | None = key("Something is registered: `duty.kind` (give `text`).", None)
    strike: str | None = key("A text leaves the register: `facts.<fact>` or `duty.kind` (give `reason`).", None)
    check: str | None = key("Somebody looked whether the procedure stands in this place.", None)
    announce: str | None = key("Somebody is still to be told of the procedure (give `text`).", None)
    tell: str | None = key("Somebody was told of the procedure (give `text`).", None)
    absent: str | None = key("Somebody is absent (give `until`: the last day).", None)
    appoint: str | None = key("Somebody gets a post (give `post`).", None)
    leave_post: str | None = key("Somebody leaves a post (give `post`).", None)
    chart: str | None = key("Somebody gets another manager (give `manager`).", None)
    by: str | None = key("Who does it: a person of the story, or `complainant`.", None)
    on: date | None = key("The day it really happened, when it is entered later.", None)
    facts: Mapping[str, Any] = key("Facts that go with it; people by their key.", nothing, free=True)
    text: str = key("What was written.", "")
    within: str = key("With `note`: the open step it belongs to.", "")
    reason: str = key("Why.", "")
    person: tuple[str, ...] = key("Who was chosen, to handle or to be appointed.", (), many=True)
    with_: tuple[str, ...] = key("Who was there.", (), name="with", many=True)
    to: str | None = key("With `recommend`: the role it is addressed to.", None)
    measures: Mapping[str, Planned] = key("Measures that are decided on, by their names in the story.", nothing)
    relation: str = key("With `involve`: involved or respondent.", "involved", one_of=("involved", "respondent"))
    consent: tuple[str, ...] | None = key(
        "With `agree`: roles that consented in writing; left out: all whose consent the policy asks.", None, many=True
    )
    days: str | None = key("A duration, such as `4 weeks`.", None)
    until: date | None = key("A day.", None)
    owner: str | None = key("Owner of a measure.", None)
    post: str | None = key("A post of the policy.", None)
    other: str | None = key("Another case of the story.", None)
    number: str | None = key("The number of a file outside the platform.", None)
    manager: str | None = key("The new manager.", None)
    refused: Refused | None = key("It must be refused, and how.", None)
    expect: Expect | None = key("What must be true right after it.", None)


@dataclass(frozen=True)
class Planned:
    """A measure that comes out of a report."""

    text: str = key("What will be done.", "")
    owner: str | None = key("Who carries it out.", None)
    day: date | None = key("By which day.", None)
    kind: str | None = key("Its sort, as the policy names them.", None)
    participants: tuple[str, ...] = key("Who takes part, as words.", (), many=True)
    cases: tuple[str, ...] = key("Cases it comes from.", (), many=True)


@dataclass(frozen=True)
class Refused:
    """A refusal: by which rule and from which source."""

    rule: str | None = key("Path of the rule in the policy, or its beginning.", None)
    source: str | None = key("A clause it must cite.", None)
    says: str | None = key("Words the refusal must hold.", None)


@dataclass(frozen=True)
class Deadline:
    """A term as it must stand."""

    day: date | None = key("The last day.", None)
    owner: tuple[str, ...] = key("Whose it is.", (), many=True)
    strength: str | None = key("hard, target or house.", None, one_of=("hard", "target", "house"))
    state: str | None = key(
        "How it stands.", None, one_of=("running", "suspended", "met", "lapsed", "missed")
    )
    late: bool | None = key("Whether it was met too late.", None)
    why: tuple[str, ...] = key("Words that the reasons must hold.", (), many=True)


@dataclass(frozen=True)
class Mail:
    """A message as it must have gone out, or must not."""

    message: str | None = key("Its name in the policy.", None)
    to: str | None = key("A person of the story, `complainant`, or a role.", None)
    via: str | None = key(
        "email, letter, or page (who stays anonymous reads it there).", None, one_of=("email", "letter", "page")
    )
    contains: tuple[str, ...] = key("Words it must hold.", (), many=True)
    lacks: tuple[str, ...] = key("Words it must not hold.", (), many=True)
    times: int | None = key("How many times in all.", None)


@dataclass(frozen=True)
class Reported:
    """A report as it must stand: the last one of its name."""

    state: str | None = key(
        "How far it is.", None, one_of=("draft", "released", "decided", "presented", "evaluated", "recorded")
    )
    first: date | None = key("First day of its period.", None)
    last: date | None = key("Last day of its period.", None)
    due: date | None = key("Its last day.", None)
    counts: Mapping[str, int] = key("Numbers: `received`, or `table.code`.", nothing, free=True)
    lists: Mapping[str, int] = key("How many lines a list has.", nothing, free=True)
    words: tuple[str, ...] = key("Words it must show.", (), many=True)


@dataclass(frozen=True)
class Expect:
    """What must be true at a moment. Everything that is written must hold; what is left out is not looked at."""

    phase: str | None = key("Phase of the case.", None)
    closed: bool | None = key("Whether the case is closed.", None)
    handler: tuple[str, ...] | None = key("Who handles; `nobody` for no one.", None, many=True)
    rule: str | None = key("The assignment rule that chose the handler.", None)
    not_choosable: tuple[str, ...] = key("People who may not be made handler.", (), many=True)
    due: Mapping[str, Deadline] = key("Terms: a day, or a description.", nothing)
    no_term: tuple[str, ...] = key("Terms that must not exist in this case.", (), many=True)
    sent: tuple[Mail, ...] = key("Messages that have gone out.", (), many=True)
    not_sent: tuple[Mail, ...] = key("Messages that have not gone out.", (), many=True)
    nothing_to: tuple[str, ...] = key("People who got no message and no task.", (), many=True)
    open: tuple[str, ...] = key("Steps that are open, among others.", (), many=True)
    not_open: tuple[str, ...] = key("Steps that are not open.", (), many=True)
    tasks: Mapping[str, tuple[str, ...]] = key("Per person the steps that are his to do, exactly.", nothing, many=True)
    offers: Mapping[str, tuple[str, ...]] = key(
        "Per person (or complainant) what is on offer, among others: steps, `extend.<term>`.", nothing, many=True
    )
    no_offer: Mapping[str, tuple[str, ...]] = key("Per person what is not on offer.", nothing, many=True)
    sees: Mapping[str, str] = key("Per person.", nothing, one_of=("all", "part", "nothing"))
    reads: Mapping[str, tuple[str, ...]] = key("Per person words that his page of the case holds.", nothing, many=True)
    not_reads: Mapping[str, tuple[str, ...]] = key("Per person words that it does not hold.", nothing, many=True)
    everybody_reads: tuple[str, ...] = key("Words that stand on the page for everybody.", (), many=True)
    page: tuple[str, ...] = key("Words on the complainant's status page.", (), many=True)
    not_page: tuple[str, ...] = key("Words that are not on it.", (), many=True)
    links: Mapping[str, str] = key(
        "Links to other cases and files by name (also `merge`, `split`); whether what is linked rests.",
        nothing,
        one_of=("rests", "runs"),
    )
    rests: bool | None = key("Whether this case rests because of another.", None)
    restricted: tuple[str, ...] | None = key("The restrictions that hold now, exactly.", None, many=True)
    alarm: bool | None = key("Whether the administrators were alarmed.", None)
    dossier: tuple[str, ...] = key(
        "What the file holds, among others: names of messages, steps, facts, files.", (), many=True
    )
    report: Mapping[str, int] = key(
        "What a report counts: received, running, closed, measures, measures_open.", nothing
    )
    reports: Mapping[str, Reported] = key("Reports, by their names in the policy.", nothing)
    work: Mapping[str, tuple[str, ...]] = key(
        "Per person what is his to do outside cases, among others: `reports.annual.write`.", nothing, many=True
    )
    no_work: Mapping[str, tuple[str, ...]] = key("Per person what is not his to do there.", nothing, many=True)
    told: Mapping[str, tuple[str, ...]] = key(
        "Per person what the platform told him outside cases, among others: `reports.annual.remind`.",
        nothing,
        many=True,
    )
    not_told: Mapping[str, tuple[str, ...]] = key("Per person what it did not tell.", nothing, many=True)
    results: Mapping[str, str] = key("Recommendations and measures of reports by name: how far each is.", nothing)
    published: bool | None = key("Whether every place was checked since the version in force.", None)
    register: Mapping[str, tuple[str, ...]] = key(
        "Per person words his export of the register holds.", nothing, many=True
    )
    not_register: Mapping[str, tuple[str, ...]] = key("Per person words it does not hold.", nothing, many=True)


@dataclass(frozen=True)
class Story:
    """A story of one or more complaints, told in the order of its dates."""

    story: str = key("What it shows, in one sentence.", most=200)
    source: tuple[str, ...] = key("Clauses or scenarios it is about.", (), many=True)
    set: Mapping[str, Any] = key("Policy values of this story only: dotted path -> value.", nothing, free=True)
    people: Mapping[str, Player] = key("Who works in the organisation.")
    happenings: tuple[Happening, ...] = key("What happens, in order.")
