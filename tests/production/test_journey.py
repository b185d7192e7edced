"""Complaints through the TLS front, over two webs, two workers and two clocks, while each of them is killed once."""

from __future__ import annotations

import http.client
import os
import random
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from faults.browser import SECONDS, Browser
from faults.people import Fact, Oracle, Plan, World, acknowledge
from tests.journeys.house import House, Post
from tests.journeys.people import Works, email_of, hire
from tests.journeys.visitor import PASSWORD
from weerklank.assembly import Platform, assemble
from weerklank.kernel.database import open_session, without_tenant
from weerklank.kernel.settings import ROOT, load
from weerklank.tenancy.hosts import verify_host
from weerklank.tenancy.model import Tenant, TenantHost
from weerklank.tenancy.organisations import find_by_slug

PATIENCE = 180.0  # seconds, on a machine that does other things as well
SLUG = "staatvandienst"
KILLED = ("web-1", "worker-1", "clock-1", "redis-1", "web-2", "worker-2", "clock-2")


@dataclass
class Running:
    """production-local in a folder of its own, as a process."""

    folder: Path
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        found = re.search(r"All runs; Weerklank is at (\S+)", self.said())
        assert found
        return found.group(1)

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def until(self, true: Callable[[], Any], what: str) -> Any:
        """What it answers, as soon as that is something; production-local must still run by then."""
        give_up_at = time.monotonic() + PATIENCE
        while time.monotonic() < give_up_at:
            if answer := true():
                return answer
            with suppress(subprocess.TimeoutExpired):
                code = self.process.wait(0.05)
                raise AssertionError(f"it ended with {code} before {what}: {self.said()[-4000:]}")
        raise AssertionError(f"it did not happen: {what}: {self.said()[-4000:]}")

    def environ(self, pid: int) -> dict[str, str]:
        pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
        return dict(pair.split("=", 1) for pair in pairs if "=" in pair)

    def pid(self, name: str) -> int | None:
        """The process that runs this replica now: by the folder that is its own, or the volume it works in."""
        own, home = self.process.pid, str(self.folder / "containers" / name)
        volume = str(self.folder / "volumes" / name.rsplit("-", 1)[0])
        for pid in Path(f"/proc/{own}/task/{own}/children").read_text().split():
            with suppress(FileNotFoundError, ProcessLookupError):
                if self.environ(int(pid)).get("HOME") == home or os.readlink(f"/proc/{pid}/cwd") == volume:
                    return int(pid)
        return None

    def kill(self, name: str) -> int:
        pid = self.until(lambda: self.pid(name), f"{name} runs")
        os.kill(pid, signal.SIGKILL)
        return int(pid)

    def is_back(self, name: str, killed: int) -> bool:
        """Whether another process took its place and says that it works."""
        pid = self.pid(name)
        if pid is None or pid == killed:
            return False
        port = self.environ(pid).get("PROBE_PORT")
        return port is None or readily("127.0.0.1", int(port))

    def mails(self) -> list[EmailMessage]:
        parser = BytesParser(policy=default)
        return [parser.parsebytes(path.read_bytes()) for path in sorted((self.folder / "mail").glob("*.eml"))]  # type: ignore[misc]  # the policy makes EmailMessages

    def front(self) -> ssl.SSLContext:
        """Trusts the front's own authority, and nobody else."""
        return ssl.create_default_context(cafile=self.folder / "volumes/front/pki/authorities/local/root.crt")


def readily(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@dataclass
class Client(Browser):
    """Somebody with a browser, who comes in by the front."""

    trusts: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def connection(self) -> http.client.HTTPConnection:
        (port,) = self.ports()
        return http.client.HTTPSConnection("localhost", port, timeout=SECONDS, context=self.trusts)


@dataclass
class Through(World):
    """The people of the campaign, through the front."""

    trusts: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def browser(self, seed: str, **cookies: str) -> Browser:
        return Client(self.ports, random.Random(seed), self.log, cookies=dict(cookies), trusts=self.trusts)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    folder = tmp_path
    kept = {name: value for name, value in os.environ.items() if not name.endswith(("_URL", "_KEY", "_FILE"))}
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "production", str(folder / "here")]
        process = subprocess.Popen(command, env=kept, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        running = Running(folder / "here", process, folder / "log")
        try:
            running.until(lambda: "All runs" in running.said(), "all runs")
            yield running
        finally:
            process.terminate()
            process.wait(60)
    assert process.returncode == 0, running.said()[-4000:]


@pytest.fixture
def platform(running: Running) -> Iterator[Platform]:
    """This process's own way in: as a worker is told."""
    pid = running.pid("worker-1")
    assert pid is not None
    platform = assemble(load(running.environ(pid)))
    yield platform
    platform.database.dispose()
    platform.keyring.keystore.dispose()


@pytest.fixture
def world(running: Running, platform: Platform) -> World:
    """The complainants, and the quality officer who acknowledges, logged in."""
    hire(House(running.url, platform, Post()), SLUG, {"prins": Works("Pia Prins", posts=("quality_officer",))})
    port = int(running.url.rsplit(":", 1)[1])
    world = Through(lambda: [port], Oracle(running.folder / "oracle"), [], {}, trusts=running.front())
    officer = world.browser("officer")
    page = officer.send(officer.get("/desk/"), {"email": email_of("prins", SLUG), "password": PASSWORD})
    assert page.status == 200 and page.path.endswith("/desk/"), page.words()
    world.staff_cookies.update(officer.cookies)
    return world


def pending(platform: Platform) -> int:
    with open_session(platform.database) as session, without_tenant(session, "a test counts"):
        tenants = list(session.execute(text("SELECT id FROM tenant")).scalars())
    return sum(pending_of(platform, tenant_id) for tenant_id in tenants)


def pending_of(platform: Platform, tenant_id: Any) -> int:
    with platform.tenant(tenant_id) as session:
        return int(session.execute(text("SELECT count(*) FROM outbox WHERE state = 'pending'")).scalar_one())


def complain(world: World, plan: Plan, meanwhile: Callable[[], int]) -> tuple[Fact, int]:
    """The form page by page, while something happens; answers what was acknowledged, and what happened."""
    browser = world.browser(plan.mark)
    page = browser.send(browser.get("/complain"), {"story": plan.story})
    facts = {"fact-relation": "client", "fact-about": "contact_person", "fact-contact_person": "Bas Bos"}
    page = browser.send(page, facts)
    happened = meanwhile()
    page = browser.send(page, {"do": "next"}, files={"bijlage.txt": f"{plan.mark} een brief".encode()})
    page = browser.send(page, {"acting": "self"})
    page = browser.send(page, {"name": plan.name, "email": plan.email, "way": "email", "tongue": "nl"})
    page = browser.send(page, {})
    reference = re.search(r"[A-Z]{2,8}-\d{4}-\d{4,}", page.words())
    code = re.search(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){3}", page.words())
    assert reference and code, page.words()
    fact = Fact("complaint", plan.mark, reference.group(), code.group())
    browser.send(page, {})
    return fact, happened


def test_it_carries_complaints_to_delivered_mail_while_each_process_is_killed_once(
    running: Running, platform: Platform, world: World
) -> None:
    """One test, since all of it takes one start."""
    made = carry_and_kill(running, platform, world)
    arrived_once(running, world, made)
    stored_once(platform, made)
    keeps_nothing_of_its_own(running)
    has_a_certificate_for_proven_names_only(running, platform)


def carry_and_kill(running: Running, platform: Platform, world: World) -> dict[str, Fact]:
    """A complaint for each process that is killed meanwhile; answers what was acknowledged, by address."""
    made: dict[str, Fact] = {}
    killed: dict[str, int] = {}

    def at_rest(name: str) -> int:
        """Kill it half-way through a form, but not between a mail server's yes and our note of it: that may repeat."""
        running.until(lambda: pending(platform) == 0, "no job waits")
        return running.kill(name)

    for number, name in enumerate(KILLED):
        plan = Plan(f"K{number}", f"Klager {number}", f"K{number} Niemand belde mij terug.", "", "", "", True)
        made[plan.email], killed[name] = complain(world, plan, lambda name=name: at_rest(name))  # type: ignore[misc]  # bound now
        acknowledge(world, plan, made[plan.email])
        running.until(lambda plan=plan: letters_to(running, plan.email), f"the acknowledgement to {plan.email}")
    for name, pid in killed.items():
        running.until(lambda name=name, pid=pid: running.is_back(name, pid), f"{name} is back")
    running.until(lambda: pending(platform) == 0, "no job waits")
    return made


def arrived_once(running: Running, world: World, made: dict[str, Fact]) -> None:
    """Each complaint is there and was answered by one letter, and no mail came twice."""
    for email, fact in made.items():
        browser = world.browser(f"again {email}")
        page = browser.send(browser.get("/status"), {"code": fact.code})
        assert page.status == 200 and fact.reference in page.words()
        (letter,) = letters_to(running, email)
        assert fact.reference in str(letter["Subject"])
    counted = Counter(str(mail["Message-ID"]) for mail in running.mails())
    assert "None" not in counted and set(counted.values()) == {1}


def stored_once(platform: Platform, made: dict[str, Fact]) -> None:
    """Of each complaint one file, in the object store."""
    assert platform.settings.bucket is not None
    assert len(list(platform.files.store.names())) == len(made)


def letters_to(running: Running, email: str) -> list[EmailMessage]:
    return [mail for mail in running.mails() if email in str(mail["To"])]


def keeps_nothing_of_its_own(running: Running) -> None:
    """What a container would lose is nothing: only the volumes hold something."""
    own = running.folder / "containers"
    left = [path for name in ("web", "worker", "clock") for path in own.glob(f"{name}-*/**/*") if path.is_file()]
    assert left == []


def has_a_certificate_for_proven_names_only(running: Running, platform: Platform) -> None:
    """A name that was asked for gets none; as soon as it is confirmed it does, and shows its organisation's page."""
    with platform.tenant(tenant_of(platform)) as session:
        session.add(TenantHost(host="klachten.example", tenant_id=tenant_of(platform), asked_at=platform.now()))
        session.commit()
        assert visit(running, "klachten.example") is None
        verify_host(session, session.get_one(Tenant, tenant_of(platform)), "klachten.example", platform.now())
        session.commit()
    page = running.until(lambda: visit(running, "klachten.example"), "a certificate for the proven name")
    assert "Staatvandienst" in page
    assert visit(running, "other.example") is None


def tenant_of(platform: Platform) -> UUID:
    with open_session(platform.database) as session:
        return find_by_slug(session, SLUG).id


def visit(running: Running, name: str) -> str | None:
    """The first page under this name; None where the front has no certificate for it."""
    port = int(running.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as plain:
        try:
            secure = running.front().wrap_socket(plain, server_hostname=name)
        except ssl.SSLError:
            return None
        with secure:
            secure.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
            answer = http.client.HTTPResponse(secure)
            answer.begin()
            return answer.read().decode()
