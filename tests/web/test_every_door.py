"""Who is walled off from a case finds nothing of it behind any door, but for what the procedure gives him on purpose.

Organisations, absences, involvement and what happens are drawn by chance; the doors are all that the application has. A
page that is new is walked by itself, and makes this fail when its address needs something that `keys` does not know.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Map, Rule

from tests.cases.walking import LONGER, POLICIES, Walk
from tests.conftest import Database, add_tenant
from tests.web.desk.conftest import Desk
from weerklank.cases import doors
from weerklank.cases.act import Refused, open_case, read_words, world_of
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.involve import Involve
from weerklank.cases.actions.record import Note
from weerklank.cases.actions.verb import Action
from weerklank.cases.doors import Intake, UploadedFile
from weerklank.cases.messages import read_body
from weerklank.cases.model import Message
from weerklank.cases.posted import letters_to
from weerklank.cases.walls import Sight, sight
from weerklank.identity import people
from weerklank.identity.model import PostHolder
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.errors import NotFound
from weerklank.kernel.ids import new_id
from weerklank.policy.consequences import consequences
from weerklank.policy.events import COMPLAINANT, Actor
from weerklank.policy.model import ChannelState, FactType, RoleKind
from weerklank.policy.reader import load_version
from weerklank.policy.roles import is_walled
from weerklank.tenancy.model import Tenant
from weerklank.tenancy.policies import publish
from weerklank.web.access import Access, declared
from weerklank.web.parts import NAME

STORY, CALLED, NOTED, ATTACHED, WRITTEN, FILLED = (
    f"{each}kanarie" for each in ("verhaal", "naam", "notitie", "bijlage", "brief", "feit")
)
SECRETS = frozenset({CALLED, NOTED, ATTACHED, WRITTEN, FILLED})
DAYS_AGO = 120
EXAMPLE = re.compile(rb'placeholder="[^"]*"')  # where a reference is asked an example shows, which may be a real one
CHOICES = re.compile(r"<any\(([^)]*)\):(\w+)>")
# What pages take behind their address; a page that lists cases is asked for each of its lists.
ASKED = {
    "desk.worklist": ("?view=mine", "?view=all", "?view=overdue", "?view=closed"),
    "desk.inbox": ("?drawer=waiting", "?drawer=aside", "?drawer=filed"),
    "desk.find": ("?reference={reference}",),
    "desk.registered": ("?case={case_id}",),
}


@dataclass
class Wandering(Walk):
    """A case that wanders through the real database."""

    desk: Desk = field(kw_only=True)
    said: int = 0

    def act(self, action: Action, actor: Actor) -> bool:
        if isinstance(action, Complete):
            action = replace(action, text=WRITTEN, texts=dict.fromkeys(action.texts, FILLED))
        with self.desk.session() as session:
            engine = self.desk.app.extensions[NAME].engine
            try:
                doors.perform(session, engine, self.desk.organisation.id, self.case.id, action, actor, self.now)
            except (Refused, NotFound):
                return True
            session.commit()
        self.look()
        return True

    def look(self) -> None:
        with self.desk.session() as session:
            opened = open_case(session, self.desk.organisation.id, self.case.id, self.now)
        self.world, self.case = opened.world, opened.case
        self.index = consequences(self.world, self.case, ())

    def receive(self) -> None:
        policy = self.world.policy
        facts = dict(self.some_facts(policy.facts, lacking=0.3))
        texts = {name: FILLED for name, fact in policy.facts.items() if fact.type is FactType.TEXT}
        channel = self.chance.choice([name for name, one in policy.channels.items() if one.state is ChannelState.OPEN])
        address = {"name": CALLED, "email": f"{CALLED}@voorbeeld.example", "address": f"{CALLED} 1", "phone": CALLED}
        given = Intake(
            channel, self.now, contact=address, story=STORY, facts=facts, texts=texts,
            way=self.chance.choice(["email", "post"]), files=[UploadedFile(f"{ATTACHED}.txt", ATTACHED.encode())],
            received_by=self.anybody(),
        )  # fmt: skip
        with self.desk.session() as session:
            tenant = session.get_one(Tenant, self.desk.organisation.id)
            engine = self.desk.app.extensions[NAME].engine
            received = doors.receive_complaint(session, engine, tenant, given, COMPLAINANT, self.now)
            session.commit()
        self.case = replace(self.case, id=received.case_id)
        self.look()


def organisation(app: Flask, database: Database, path: Path, chance: random.Random) -> Desk:
    """An organisation with this procedure, whose chart, posts, relatives and absences are drawn."""
    keyring, slug = app.extensions[NAME].keyring, f"doors-{new_id().hex[-12:]}"
    with open_session(database.engine) as session:
        made = add_tenant(session, keyring, slug)
    policy, now = load_version(path.read_text("utf-8")), datetime.now(UTC)
    start = (now - timedelta(days=DAYS_AGO + 20)).date()
    with open_session(database.engine) as session, tenant_scope(session, made.id):
        tenant = session.get_one(Tenant, made.id)
        text = re.sub(r"(?m)^( +prefix:).*$", rf"\1 {tenant.prefix}", path.read_text("utf-8"), count=1)
        staff = [
            people.add_person(session, keyring, made.id, name=f"Mens {n}", email=f"m{n}@example.nl", today=start)
            for n in range(8)
        ]
        for n, person in enumerate(staff):
            above = chance.choice(staff[:n]).id if n else None
            people.set_chart(
                session, person, manager=above, coordinator=chance.choice(staff).id if n else None,
                team=chance.choice(["noord", "zuid"]), external=False,
            )  # fmt: skip
        for name, role in policy.roles.items():
            if role.kind is RoleKind.POST:
                for person in chance.sample(staff, min(role.seats, chance.choice([1, 2]))):
                    session.add(PostHolder(
                        tenant_id=made.id, id=new_id(), person_id=person.id, post=name, from_day=start, to_day=None
                    ))  # fmt: skip
        first, second = chance.sample(staff, 2)
        people.declare_relative(session, first, second.id)
        people.record_absence(session, chance.choice(staff), start, None)
        for person in staff:
            people.make_admin(session, person, now, by=None)
        publish(session, tenant, text, start, today=start, now=now, actor=None)
        session.commit()
    return Desk(app, made, None, database)  # type: ignore[arg-type]  # nobody of the fixed cast works here


def wander(desk: Desk, path: Path, chance: random.Random) -> Wandering:
    """A complaint to which this and that happened, and of which somebody who knew it turns out to be part."""
    now = datetime.now(UTC) - timedelta(days=DAYS_AGO)
    policy = load_version(path.read_text("utf-8"))
    with desk.session() as session:
        world = world_of(session, desk.organisation.id, policy, now)
    walk = Wandering(world, chance, now=now, desk=desk)
    walk.receive()
    for _ in range(chance.randint(1, 6)):
        walk.act(Note(NOTED), walk.insider())
        walk.step()
    for _ in range(2):
        walk.act(Involve(walk.anybody(), chance.choice(["involved", "respondent"]), NOTED), walk.insider())
    walk.now = datetime.now(UTC)
    walk.look()
    desk.write_out()
    return walk


def doors_of(app: Flask, method: str) -> Iterator[Rule]:
    """Every page or form for who works here."""
    for rule in app.url_map.iter_rules():
        who = declared(app.view_functions[rule.endpoint])
        if method in (rule.methods or ()) and who in (Access.STAFF, Access.ADMIN) and not ends_everything(rule):
            yield rule


def ends_everything(rule: Rule) -> bool:
    return rule.endpoint.startswith("login.")


def addresses(rule: Rule, keys: dict[str, list[str]]) -> Iterator[str]:
    """The rule with everything that can stand in it filled in."""
    own = {name: [each.strip(" '\"") for each in said.split(",")] for said, name in CHOICES.findall(rule.rule)}
    known = keys | own
    names = sorted(rule.arguments - (rule.defaults or {}).keys())
    forgotten = [name for name in names if name not in known]
    assert not forgotten, f"{rule.endpoint} asks for {forgotten}: say what there can be, or nobody watches this door"
    for chosen in product(*(known[name] for name in names)):
        path = filled_in(rule.rule, dict(zip(names, chosen, strict=True)))
        for asked in ASKED.get(rule.endpoint, ("",)):
            yield path + asked.format(**{name: values[0] for name, values in keys.items()})


def filled_in(path: str, chosen: dict[str, str]) -> str:
    return re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda found: chosen[found[1]], path)


def keys_of(walk: Wandering, reference: str) -> dict[str, list[str]]:
    """What can stand in an address: all there is of this case, and of the rest something that does not exist."""
    policy, nothing = walk.world.policy, [str(uuid4())]
    with walk.desk.session() as session:
        tenant, case_id = walk.desk.organisation.id, walk.case.id
        opened = open_case(session, tenant, case_id, walk.now)
        mine = select(Message.id).where(Message.tenant_id == tenant, Message.case_id == case_id)
        messages = [str(one) for one in session.scalars(mine)]
        told = read_words(walk.desk.app.extensions[NAME].engine, tenant, opened)
        files = [str(event.open["file"]) for event in told if "file" in event.open]
    return {
        "case_id": [str(case_id)], "reference": [reference], "file_id": files or nothing,
        "message_id": messages or nothing, "measure_id": [str(one) for one in walk.case.measures] or nothing,
        "step": list(policy.steps), "about": [str(walk.anybody())], "key": [*policy.duties, *policy.publication, "x"],
        "person_id": [str(walk.anybody())], "number": ["1"],
        **dict.fromkeys(("dossier_id", "mail_id", "entry_id", "report_id", "job_id", "held_id"), nothing),
        **dict.fromkeys(("advice_id", "improvement_id", "absence_id", "relative_id", "rehearsal_id"), nothing),
    }  # fmt: skip


def hidden(walk: Wandering, person: UUID, reference: str) -> frozenset[str]:
    """What this person may find nowhere. Who is shown a part on purpose knows of the case and what it says; who was
    sent something in his own part, what that says."""
    desk = walk.desk
    with desk.session() as session:
        opened = open_case(session, walk.desk.organisation.id, walk.case.id, walk.now)
        shown = sight(opened.world, opened.case, walk.world.policy, person)
        keyring, world = desk.app.extensions[NAME].keyring, opened.world
        letters = letters_to(session, keyring, desk.organisation.id, world, opened.case, person, "nl")
    assert shown in (Sight.NONE, Sight.GLIMPSE)
    if letters:
        said = repr(letters)
        return frozenset(one for one in (SECRETS if shown is Sight.GLIMPSE else SECRETS | {STORY}) if one not in said)
    return SECRETS if shown is Sight.GLIMPSE else SECRETS | {STORY, reference, str(walk.case.id)}


def reference_of(walk: Wandering) -> str:
    with walk.desk.session() as session:
        return open_case(session, walk.desk.organisation.id, walk.case.id, walk.now).file.reference or ""


def walled(walk: Wandering) -> list[UUID]:
    return [person for person in sorted(walk.world.people.persons) if is_walled(walk.case, person)]


@pytest.mark.parametrize("seed", range(3 * LONGER))
def test_it_tells_who_is_walled_off_nothing_by_any_door(app: Flask, web_database: Database, seed: int) -> None:
    chance = random.Random(seed)  # the same organisations in every run
    path = POLICIES[seed % len(POLICIES)]
    desk = organisation(app, web_database, path, chance)
    walk = wander(desk, path, chance)
    reference, kept_out = reference_of(walk), walled(walk)
    assert kept_out
    for person in kept_out[:2]:
        found_nothing(app, walk, person, reference)
        written_nothing(walk, person)


def found_nothing(app: Flask, walk: Wandering, person: UUID, reference: str) -> None:
    secrets, keys = hidden(walk, person, reference), keys_of(walk, reference)
    client = walk.desk.staff(person).client
    client.environ_base["REMOTE_ADDR"] = f"10.1.{person.bytes[14]}.{person.bytes[15]}"
    for rule in doors_of(app, "GET"):
        for address in addresses(rule, keys):
            answer = client.get(f"/{walk.desk.organisation.slug}{address}")
            assert answer.status_code in (200, 302, 404), (address, answer.status_code)
            told = EXAMPLE.sub(b"", answer.get_data()) + answer.headers.get("Location", "").encode()
            answer.close()
            leaked = [secret for secret in secrets if secret.encode() in told and secret not in address]
            assert not leaked, f"{address} tells {leaked}"


def written_nothing(walk: Wandering, person: UUID) -> None:
    """No mail that was on its way reached him once the wall stood, unless it names his own part."""
    desk, roles = walk.desk, walk.world.policy.roles
    sealer = desk.app.extensions[NAME].keyring.for_case(desk.organisation.id, walk.case.id)
    with desk.session() as session:
        mine = (Message.tenant_id == desk.organisation.id, Message.case_id == walk.case.id)
        for row in session.scalars(select(Message).where(*mine, Message.person_id == person)):
            his = row.role in roles and roles[row.role].kind in (RoleKind.RESPONDENT, RoleKind.FACT)
            assert his or read_body(sealer, row) is None, f"{row.name} reached him as {row.role}"


def test_it_takes_nothing_from_who_is_walled_off_by_any_form(app: Flask, web_database: Database) -> None:
    chance = random.Random(7)  # the same organisation in every run
    walk = wander(organisation(app, web_database, POLICIES[0], chance), POLICIES[0], chance)
    reference = reference_of(walk)
    person = next(one for one in walled(walk) if STORY in hidden(walk, one, reference))
    reader, before = walk.desk.staff(person), walk.case.seq
    token = next(reader.get("/desk/absence").root.one("main").all("input", name="csrf_token")).attributes["value"]
    typed = {"csrf_token": token, "text": "x", "reason": "x", "seq": "1"}
    number = 0
    for rule in doors_of(app, "POST"):
        if "case_id" not in rule.arguments:
            continue
        for address in addresses(rule, keys_of(walk, reference)):
            number += 1
            reader.client.environ_base["REMOTE_ADDR"] = f"10.2.{number % 250}.{person.bytes[15]}"
            answer = reader.client.post(f"/{walk.desk.organisation.slug}{address}", data=typed)
            assert answer.status_code in (302 if rule.endpoint.startswith("office.") else 404, 404), address
    walk.look()
    assert walk.case.seq == before


def test_it_misses_no_door_whose_address_it_cannot_fill_in() -> None:
    new = Rule("/cases/<uuid:unheard_of>/all", endpoint="desk.unheard_of")
    Map([new])
    with pytest.raises(AssertionError, match="nobody watches this door"):
        list(addresses(new, {}))


def test_it_finds_what_is_told_to_who_may_see_the_case(app: Flask, web_database: Database) -> None:
    """The same walk by somebody inside comes upon every secret, so that finding none means something."""
    chance = random.Random(7)  # the same organisation in every run
    walk = wander(organisation(app, web_database, POLICIES[0], chance), POLICIES[0], chance)
    assert walk.index is not None
    insider = sorted(walk.index.parties)[0]
    client = walk.desk.staff(insider).client
    page = client.get(f"/{walk.desk.organisation.slug}/desk/cases/{walk.case.id}").get_data(as_text=True)
    assert {STORY, CALLED, NOTED, ATTACHED} <= {each for each in (STORY, *SECRETS) if each in page}
