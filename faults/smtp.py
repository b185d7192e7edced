"""Mail servers on bad days: what passes is tried again until it went, what does not is soon shown to a person."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from faults.campaign import OFFICER
from faults.ground import Ground, free_port, until
from faults.post import BEHAVIOURS, FOR_EVER, Post
from faults.table import Row, Size
from weerklank.cases.actions.complete import Complete
from weerklank.cases.doors import Intake, perform, receive_complaint
from weerklank.cases.trouble import Sort, troubles
from weerklank.correspondence.delivery import went_by_letter
from weerklank.policy.events import COMPLAINANT, Actor, ActorKind
from weerklank.tenancy.model import Tenant

NUMBER = 10  # mails of each behaviour at a time
FINE = "fine"
FOR_GOOD = frozenset(name for name, each in BEHAVIOURS.items() if each.times == FOR_EVER)
SOON = 60.0  # seconds, by goal 20
HELD = 30.0  # seconds that a thread waits for a mail server
THREADS = "8"
WAITING = "SELECT count(*) FROM outbox WHERE state = 'pending'"
UNTRIED = f"{WAITING} AND error_class IS NULL"
FAILED = "SELECT id, case_id FROM message WHERE state = 'failed' AND kind = 'policy' AND case_id = ANY (%s)"


@dataclass
class Handed:
    """What was handed in: each complainant's address, his case, and when."""

    cases: dict[str, UUID] = field(default_factory=dict)
    at: dict[str, float] = field(default_factory=dict)


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    row, held, late = Row("mail servers on bad days", 20), 0.0, 0.0
    for number in range(size.of(1, 10)):
        with Post() as post, Post("220 go on") as broken, Post() as plain:
            handed, shown = one_round(ground, seed, f"r{number}", (post, broken, plain))
            count(row, handed, post)
            row.recovery.append(shown)
            held = max([held, *post.kept, *broken.kept, *plain.kept])
            fine = [post.taken[each][0][0] - at for each, at in handed.at.items() if each.startswith(FINE)]
            late = max([late, *fine])
            row.wrong += ["a mail went over a line that was to be encrypted"] if broken.taken or plain.taken else []
    shown = max(row.recovery)
    row.wrong += [f"a thread was held for {held:.0f} s"] if held > HELD else []
    row.wrong += [f"other mail waited {late:.0f} s"] if late > SOON else []
    row.wrong += [f"a failure was shown after {shown:.0f} s"] if shown > SOON else []
    row.note = f"held {held:.1f} s at most, others waited {late:.1f} s, a failure was shown after {shown:.1f} s"
    yield row


def one_round(ground: Ground, seed: random.Random, label: str, posts: tuple[Post, Post, Post]) -> tuple[Handed, float]:
    """Servers that take nothing first, then one that takes most in the end; answers how soon every failure showed."""
    post, broken, plain = posts
    handed = Handed()
    encrypted = [each.url.replace("smtp:", "smtp+starttls:") for each in (broken, plain)]
    for name, url in zip(("nobody", "tls", "open"), (f"smtp://127.0.0.1:{free_port()}", *encrypted), strict=True):
        with workers(ground, url):
            hand_in(ground, handed, [f"{name}.{label}x{n}@klager.example" for n in range(NUMBER)])
            until(lambda: ground.ask(UNTRIED)[0][0] == 0, f"all is tried once ({name})")
    people = [f"{name}.{label}x{n}@klager.example" for n in range(NUMBER) for name in (*BEHAVIOURS, FINE)]
    seed.shuffle(people)
    with workers(ground, post.url):
        hand_in(ground, handed, people)
        bad = [handed.cases[each] for each in people if name_of(each) in FOR_GOOD]
        until(lambda: len(ground.ask(FAILED, bad)) == len(bad), "each failure is noted", 2 * SOON)
        shown = time.monotonic() - min(handed.at[each] for each in people)
        see_to(ground, ground.ask(FAILED, bad))
        until(lambda: ground.ask(WAITING)[0][0] == 0, "nothing waits any more", 4 * SOON)
    return handed, shown


def name_of(address: str) -> str:
    return address.partition(".")[0]


@contextmanager
def workers(ground: Ground, url: str) -> Iterator[None]:
    """Two workers that know this mail server, in place of the usual ones."""
    ground.remove(*ground.named("worker"))
    for number in (1, 2):
        ground.worker(f"worker-smtp-{number}", SMTP_URL=url, WORKER_THREADS=THREADS)
    try:
        yield
    finally:
        ground.remove(*ground.named("worker"))
        ground.start_all()


def hand_in(ground: Ground, handed: Handed, addresses: Sequence[str]) -> None:
    """A complaint from each of these, to whom it is acknowledged at once."""
    engine, officer = ground.platform.engine, Actor(ActorKind.PERSON, ground.people[OFFICER])
    for address in addresses:
        now = ground.platform.now()
        contact = {"name": "Noor Balie", "email": address}
        intake = Intake("portal", contact=contact, story="Het loket was dicht.")
        with ground.tenant() as session:
            tenant = session.get_one(Tenant, ground.tenant_id)
            received = receive_complaint(session, engine, tenant, intake, COMPLAINANT, now)
            acknowledge = Complete("acknowledge", text="Uw klacht is in goede handen.")
            perform(session, engine, ground.tenant_id, received.case_id, acknowledge, officer, now)
            session.commit()
        handed.cases[address], handed.at[address] = received.case_id, time.monotonic()


def see_to(ground: Ground, failed: Sequence[tuple[UUID, UUID]]) -> None:
    """What an administrator does: he finds each on his page, and brings it over by letter."""
    admin = next(iter(ground.people.values()))
    with ground.tenant() as session:
        seen = {one.id for one in troubles(session, ground.tenant_id, admin) if one.sort is Sort.MESSAGE}
        for message_id, _ in failed:
            assert message_id in seen, "a failure that no page shows"
            went_by_letter(session, ground.tenant_id, message_id, admin, ground.platform.now())
        session.commit()


def count(row: Row, handed: Handed, post: Post) -> None:
    """Every mail came, once but where the server hid that it took it; what it refused for good did not."""
    for address in handed.cases:
        ids = [message_id for _, message_id in post.taken[address]]
        row.lost += not ids and name_of(address) not in FOR_GOOD
        row.phantom += bool(ids) and name_of(address) in FOR_GOOD
        row.repeats += max(len(ids) - 1, 0)
        row.wrong += [f"{name_of(address)}: another Message-ID"] if len(set(ids)) > 1 else []
        row.wrong += [f"{name_of(address)}: repeated"] if len(ids) > 1 and name_of(address) != "drop" else []
    row.runs += len({name_of(address) for address in handed.cases} - {FINE})
