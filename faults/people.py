"""The generator: complainants and a colleague who hand in, add to and acknowledge complaints, all of it invented.

What each will do is decided before anything runs, from the seed. Whatever was acknowledged to somebody is a line in a
file outside the system, synchronised before he goes on: the oracle.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from faults.browser import Asked, Browser, Page

CODE = re.compile(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){3}")
REFERENCE = re.compile(r"[A-Z]{2,8}-\d{4}-\d{4,}")
WORDS = (
    "afspraak balie brief collega dossier formulier gesprek kantoor loket maandag naam oproep papier rapport"
    " toezegging uitleg vergadering wachttijd wijziging telefoon traject verslag vraag voorstel"
).split()
NAMES = "Anna Bram Carla Daan Eva Floor Gijs Hana Iris Joris Kees Lotte Mees Noor".split()


@dataclass(frozen=True)
class Plan:
    """What will be done with one complaint. `shape` tells complaints apart whose course must not be the same."""

    mark: str  # stands in its story, and in no other
    name: str
    story: str
    file: str
    addition: str
    added_file: str
    acknowledge: bool

    @property
    def email(self) -> str:
        return f"{self.mark.lower()}@klager.example"

    @property
    def shape(self) -> str:
        parts = {"file": self.file, "addition": self.addition, "added file": self.added_file, "ack": self.acknowledge}
        return " + ".join(name for name, there in parts.items() if there) or "bare"

    def files(self) -> list[str]:
        """What its files hold, as checksums."""
        return sorted(digest(each.encode()) for each in (self.file, self.added_file) if each)


def plans(label: str, count: int, chance: random.Random) -> list[Plan]:
    """So many complaints of all shapes."""
    return [plan(f"{label}x{number:04}", chance) for number in range(count)]


def plan(mark: str, chance: random.Random) -> Plan:
    adds = chance.random() < 0.5
    return Plan(
        mark=mark,
        name=f"{chance.choice(NAMES)} {chance.choice(WORDS).title()}",
        story=f"{mark} {words(chance, 40)}",
        file=f"{mark} bijlage {words(chance, 200)}" if chance.random() < 0.4 else "",
        addition=f"{mark} aanvulling {words(chance, 20)}" if adds else "",
        added_file=f"{mark} nagezonden {words(chance, 200)}" if adds and chance.random() < 0.5 else "",
        acknowledge=chance.random() < 0.5,
    )


def words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(WORDS, k=count))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


@dataclass(frozen=True)
class Fact:
    """Something that the system said it has: the complaint, an addition, an acknowledgement."""

    what: str
    mark: str
    reference: str
    code: str


class Oracle:
    """Facts, each kept for good before anything is built on it."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(exist_ok=True)
        self.file = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        self.lock = threading.Lock()
        self.facts: list[Fact] = []

    def note(self, fact: Fact) -> None:
        with self.lock:
            os.write(self.file, (json.dumps(asdict(fact)) + "\n").encode())
            os.fsync(self.file)
            self.facts.append(fact)


@dataclass
class World:
    """What the people share: where pages are, what they note, who acknowledges, and how to find a case's address."""

    ports: Callable[[], Sequence[int]]
    oracle: Oracle
    log: list[Asked]
    staff_cookies: dict[str, str]
    twice: bool = False

    def browser(self, seed: str, **cookies: str) -> Browser:
        return Browser(self.ports, random.Random(seed), self.log, self.twice, dict(cookies))


def live(world: World, plan: Plan) -> None:
    """One complaint from the form to whatever follows. Raises GaveUp."""
    browser = world.browser(plan.mark)
    fact = hand_in(world, browser, plan)
    if plan.addition:
        add(world, browser, plan, fact)
    if plan.acknowledge:
        acknowledge(world, plan, fact)


def hand_in(world: World, browser: Browser, plan: Plan) -> Fact:
    """The form, page by page; then the confirmation is read and kept, and he goes on to his complaint."""
    page = browser.send(browser.get("/complain"), {"story": plan.story})
    page = browser.send(
        page, {"fact-relation": "client", "fact-about": "contact_person", "fact-contact_person": "Bas Bos"}
    )
    files = {"bijlage.txt": plan.file.encode()} if plan.file else {}
    page = browser.send(page, {"do": "next"}, files=files)
    page = browser.send(page, {"acting": "self"})
    page = browser.send(page, {"name": plan.name, "email": plan.email, "way": "email", "tongue": "nl"})
    page = browser.send(page, {})
    reference, code = REFERENCE.search(page.words()), CODE.search(page.words())
    assert reference and code, f"no confirmation on {page.path}: {page.words()[:500]}"
    fact = Fact("complaint", plan.mark, reference.group(), code.group())
    world.oracle.note(fact)
    browser.send(page, {})
    return fact


def add(world: World, browser: Browser, plan: Plan, fact: Fact) -> None:
    """Words, and perhaps a file, that come later."""
    files = {"nagezonden.txt": plan.added_file.encode()} if plan.added_file else {}
    page = browser.send(give_code(browser, fact), {"text": plan.addition}, files=files)
    assert page.status == 200, f"{page.status} on {page.path}: {page.words()[:500]}"
    world.oracle.note(Fact("addition", plan.mark, fact.reference, fact.code))


def give_code(browser: Browser, fact: Fact) -> Page:
    """The page on which one adds something, by the secret code."""
    page = browser.get("/status/add")
    if not page.path.endswith("/status/add"):
        browser.send(browser.get("/status"), {"code": fact.code})
        page = browser.get("/status/add")
    return page


def acknowledge(world: World, plan: Plan, fact: Fact) -> None:
    """The quality officer sends the acknowledgement. Who had no answer finds the step done when he sends it again."""
    browser = world.browser(f"staff {plan.mark}", **world.staff_cookies)
    case = browser.get(f"/desk/find?{urlencode({'reference': fact.reference})}")
    page = browser.get(f"{case.path}/steps/acknowledge")
    target, _ = page.form("/steps/acknowledge")
    if target:
        page = browser.send(page, {"acknowledge-text": f"{plan.mark} is in goede handen."}, action="/steps/acknowledge")
        assert page.status in (200, 409), f"{page.status} on {page.path}: {page.words()[:500]}"
    world.oracle.note(Fact("acknowledged", plan.mark, fact.reference, fact.code))


def run_all(world: World, every: Sequence[Plan], at_once: int) -> tuple[list[threading.Thread], list[Any]]:
    """Begin to live these complaints, so many at the same time; the threads, and what went wrong in them."""
    waiting, broken, lock = list(reversed(every)), list[Any](), threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not waiting:
                    return
                plan = waiting.pop()
            try:
                live(world, plan)
            except Exception as failure:
                broken.append((plan.mark, failure))

    threads = [threading.Thread(target=work, name=f"client-{number}", daemon=True) for number in range(at_once)]
    for thread in threads:
        thread.start()
    return threads, broken
