"""Starts the services in their order, keeps them running, and stops them in the opposite order."""

from __future__ import annotations

import http.client
import math
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from http import HTTPStatus

import psycopg

from production.places import HERE, NOT_RUN, Places
from production.shape import ROOT, Service, read_shape
from weerklank.cli.run import say
from weerklank.cli.supervisor import Child, supervise
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.postgres import find_runner

DATABASES = ("postgres", "keystore")
BELOW = (*DATABASES, "redis", "objects", "scanner", "mail")
PLATFORM = ("web", "worker", "clock")
ONCE = "migrate"  # between the first tier and the second
# In what order the services start.
TIERS = {**dict.fromkeys(BELOW, 0), **dict.fromkeys(PLATFORM, 1), "front": 2}
# Of these another program runs here, and why.
STAND_INS = {
    "objects": "no S3 server is packaged for Debian: moto, in memory",
    "scanner": "the image's start script fetches signatures: Debian's clamd, with one of our own",
    "mail": "a catcher that puts each mail in a file",
}


class Production:
    """All services of the shape in one folder of this machine. `given` are the variables of docker-compose.yml."""

    def __init__(self, places: Places, given: Mapping[str, str]) -> None:
        self.places = places
        self.url = f"https://localhost:{places.port('front', 8443)}"
        told = {"BASE_URL": self.url, "MAIL_FROM": "klachten@localhost", "CERTIFICATES": "internal", **given}
        self.shape = read_shape(told)
        self.webs = self.shape["web"].replicas
        self.mail = places.folder / "mail"
        self.children: list[Child] = []

    def run(self) -> int:
        """Until a signal says that it is enough. Answers the exit code. Raises BadSurroundings."""
        self.prepare()
        for name in DATABASES:
            self.make_data(self.shape[name])
        self.children = self.all_children()
        steps = self.come_up()
        return supervise(self.children, lambda: next(steps, "up") == "up", self.welcome, say)

    def prepare(self) -> None:
        """Folders and secrets."""
        for service in self.shape.values():
            for outside in service.mounts.values():
                if not outside.startswith("/"):
                    self.places.volume(outside).mkdir(mode=0o700, parents=True, exist_ok=True)
            for number in range(service.replicas):
                self.places.own(service, number + 1).mkdir(mode=0o700, parents=True, exist_ok=True)
        told = {
            "SECRETS": str(self.places.secrets),
            "DATABASE_AT": self.places.address("postgres", 5432),
            "KEYSTORE_AT": self.places.address("keystore", 5432),
            "SMTP_URL": f"smtp://{self.places.address('mail', 1025)}",
        }
        subprocess.run([ROOT / "deploy/secrets"], env={"PATH": os.environ["PATH"], **told}, check=True)

    def make_data(self, service: Service) -> None:
        """As the image does for an empty volume. What was broken off before it was done is made anew."""
        folder = self.places.data(service).parent
        if (folder / "made").exists():
            return
        shutil.rmtree(folder / "data", ignore_errors=True)
        runner = find_runner(folder, folder / "data")
        password = self.places.mounted(service, service.environ["POSTGRES_PASSWORD_FILE"])
        who = ("-U", service.environ["POSTGRES_USER"], f"--pwfile={password}")
        how = service.environ["POSTGRES_INITDB_ARGS"].split()
        done = runner.run(folder, "initdb", "-D", str(folder / "data"), *who, *how)
        if done.returncode:
            raise BadSurroundings(f"PostgreSQL cannot make its data in {folder}: {done.stderr.strip()}")

    def all_children(self) -> list[Child]:
        named = [service for name, service in self.shape.items() if name in TIERS]
        return [self.child(service, number + 1) for service in named for number in range(service.replicas)]

    def child(self, service: Service, replica: int) -> Child:
        command = self.stand_in(service) if service.name in STAND_INS else self.places.command(service, replica)
        environ = {**self.places.environ(service, replica, self.webs), "PYTHONPATH": str(ROOT)}
        tier = TIERS[service.name]
        start_at = math.inf if tier else 0.0
        return Child(f"{service.name}-{replica}", command, environ, start_at=start_at, tier=tier)

    def stand_in(self, service: Service) -> list[str]:
        places = self.places
        match service.name:
            case "mail":
                what = [str(self.mail), str(places.port("mail", 1025))]
            case "objects":
                what = [service.environ["S3_BUCKET"], str(places.port("objects", 7070))]
            case _:
                settings = service.mounts["/etc/clamav/clamd.conf"]
                what = [settings, str(places.volume("viruses")), str(places.port("scanner", 3310))]
        return [sys.executable, "-m", "production.stand_ins", service.name, *what]

    def come_up(self) -> Iterator[None]:
        """Step by step; each time it is asked to go on it looks whether the next step can be taken."""
        while not all(self.listens(child) for child in self.children if child.tier == 0):
            yield
        for name in DATABASES:
            self.make_roles(self.shape[name])
        migrate = self.migration(self.shape[ONCE])
        while (code := migrate.poll()) is None:
            yield
        if code:
            sys.exit(code)
        for tier in (1, 2):
            released = [child for child in self.children if child.tier == tier]
            for child in released:
                child.start_at = 0.0
            while not all(self.is_ready(child) for child in released):
                yield

    def make_roles(self, service: Service) -> None:
        """What the image runs once, when its volume was empty."""
        made = self.places.data(service).parent / "made"
        if not made.exists():
            told = {
                "POSTGRES_USER": service.environ["POSTGRES_USER"],
                "PGHOST": HERE,
                "PGPORT": str(self.places.port(service.name, 5432)),
                "PGPASSWORD": (self.places.secrets / "postgres_password").read_text(encoding="ascii").strip(),
                "SECRETS": str(self.places.secrets),
            }
            script = service.mounts["/docker-entrypoint-initdb.d/roles.sh"]
            subprocess.run([script], env={"PATH": os.environ["PATH"], **told}, check=True)
            made.touch()

    def migration(self, service: Service) -> subprocess.Popen[bytes]:
        environ = self.places.environ(service, 1, self.webs)
        return subprocess.Popen(self.places.command(service, 1), env=environ)

    def listens(self, child: Child) -> bool:
        """Whether a service of the lowest tier takes connections; a database, whether it lets somebody in."""
        name = child.name.rsplit("-", 1)[0]
        port = self.places.first_inside(name)
        if name in DATABASES:
            password = (self.places.secrets / "postgres_password").read_text(encoding="ascii").strip()
            try:
                psycopg.connect(host=HERE, port=port, user="postgres", password=password, connect_timeout=2).close()
            except psycopg.OperationalError:
                return False
            return True
        with closing(socket.socket()) as probe:
            probe.settimeout(2)
            return probe.connect_ex((HERE, port)) == 0

    def is_ready(self, child: Child) -> bool:
        """Whether a process of the platform says so on its port for probes, or the front hands a page on."""
        name, replica = child.name.rsplit("-", 1)
        if name == "front":
            context = ssl._create_unverified_context()  # noqa: S323 - whether it hands on; tests look at the certificate
            return says_yes(http.client.HTTPSConnection("localhost", self.places.port(name, 8443), context=context))
        return says_yes(http.client.HTTPConnection(HERE, self.places.port(name, 9000, int(replica)), timeout=5))

    def welcome(self) -> None:
        authority = self.places.volume("front") / "pki/authorities/local/root.crt"
        print(f"All runs; Weerklank is at {self.url}  (Ctrl-C stops it)")
        print(f"  trust     {authority}")
        print(f"  mail      {self.mail}")
        print(f"  probes    {self.places.address('web', 9000)} (/healthz, /readyz, /metrics)")
        for name, reason in {**STAND_INS, **NOT_RUN}.items():
            print(f"  {name:9} {reason}")
        sys.stdout.flush()


def says_yes(connection: http.client.HTTPConnection) -> bool:
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
