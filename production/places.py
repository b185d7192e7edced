"""Where on this machine is what the services know by other addresses, folders and names of programs.

Nothing else is translated: what a service is told and which command it runs is what docker-compose.yml says.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from production.shape import Service
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.postgres import find_runner

HERE = "127.0.0.1"
FIRST_PORT, LAST_PORT = 20_000, 32_000  # below those that the system gives to outgoing connections
# The ports that a service listens on inside its container. A web's processes take the port for probes and the next.
PORTS: Mapping[str, tuple[int, ...]] = {
    "postgres": (5432,),
    "keystore": (5432,),
    "redis": (6379,),
    "objects": (7070,),
    "scanner": (3310,),
    "mail": (1025,),
    "web": (8000, 9000, 9001),
    "worker": (9000,),
    "clock": (9000,),
    "front": (8443, 8080, 8089),
}
NOT_RUN = {
    "tools": "runs no command of its own: `.venv/bin/weerklank` is at hand",
    "pooler": "connections are few on one machine; tests/kernel/test_pooler.py runs it",
}


@dataclass(frozen=True)
class Places:
    """One run: its folder, and the first of its ports."""

    folder: Path
    first_port: int

    def port(self, service: str, inside: int, replica: int = 1) -> int:
        """The port here of what listens on `inside` there; replicas lie ten apart."""
        order = [(name, port) for name, ports in PORTS.items() for port in ports]
        return self.first_port + order.index((service, inside)) + 20 * (replica - 1)

    def address(self, service: str, inside: int, replica: int = 1) -> str:
        return f"{HERE}:{self.port(service, inside, replica)}"

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    def own(self, service: Service, replica: int) -> Path:
        """What a container would have for itself, and lose."""
        return self.folder / "containers" / f"{service.name}-{replica}"

    def environ(self, service: Service, replica: int, webs: int) -> dict[str, str]:
        """What this replica is told, with the addresses and folders of this machine."""
        told = {name: self.translated(service, replica, value) for name, value in service.environ.items()}
        for name, inside in (("PORT", 8000), ("PROBE_PORT", 9000)):
            if told.get(name):
                told[name] = str(self.port(service.name, inside, replica))
        if service.name == "front":
            upstreams = [self.address("web", 8000, number) for number in range(1, webs + 1)]
            told |= {name: str(self.port("front", inside)) for name, inside in FRONT_PORTS.items()}
            told |= {"UPSTREAMS": " ".join(["to", *upstreams]), "BUFFERS": buffers()}
        return {"PATH": os.environ["PATH"], "HOME": str(self.own(service, replica)), **told}

    def command(self, service: Service, replica: int) -> list[str]:
        """The command, as a program of this machine, with the addresses and folders that an image has built in."""
        first, *rest = (self.translated(service, replica, word) for word in service.command)
        return [*PROGRAMS[first](self, service), *rest]

    def translated(self, service: Service, replica: int, text: str) -> str:
        for name, ports in PORTS.items():
            for inside in ports:
                text = text.replace(f"{name}:{inside}", self.address(name, inside))
        return HERE if text == "0.0.0.0" else self.mounted(service, text, replica)

    def mounted(self, service: Service, path: str, replica: int = 1) -> str:
        """Where a path of the container is here; anything else as it is."""
        for inside, outside in self.mounts(service, replica).items():
            if path == inside or path.startswith(f"{inside}/"):
                return f"{outside}{path.removeprefix(inside)}"
        return path

    def mounts(self, service: Service, replica: int) -> dict[str, str]:
        """Path there -> path here."""
        volumes = {
            inside: outside if outside.startswith("/") else str(self.folder / "volumes" / outside)
            for inside, outside in service.mounts.items()
        }
        return {**volumes, "/run/secrets": str(self.secrets), "/tmp": str(self.own(service, replica))}

    def volume(self, name: str) -> Path:
        return self.folder / "volumes" / name

    def data(self, service: Service) -> Path:
        """The data folder of a database."""
        return self.volume(service.mounts["/var/lib/postgresql/data"]) / "data"

    def first_inside(self, service: str) -> int:
        """The port here of the first that a service listens on."""
        return self.port(service, PORTS[service][0])


FRONT_PORTS = {"HTTPS_PORT": 8443, "HTTP_PORT": 8080, "HEALTH_PORT": 8089}


def weerklank(places: Places, service: Service) -> list[str]:
    return [sys.executable, "-m", "weerklank"]


def postgres(places: Places, service: Service) -> list[str]:
    """Unprivileged, also when root starts it; on its own port and nowhere else."""
    data = places.data(service)
    runner = find_runner(data.parent, data)
    where = ("-D", str(data), "-p", str(places.port(service.name, 5432)))
    address = ("-c", f"listen_addresses={HERE}", "-c", "unix_socket_directories=")
    return [*runner.prefix, str(runner.programs / "postgres"), *where, *address]


def redis(places: Places, service: Service) -> list[str]:
    folder = places.volume(service.mounts["/data"])
    return ["redis-server", "--bind", HERE, "--port", str(places.port("redis", 6379)), "--dir", str(folder)]


def caddy(places: Places, service: Service) -> list[str]:
    return ["caddy"]


PROGRAMS = {"weerklank": weerklank, "postgres": postgres, "valkey-server": redis, "caddy": caddy}


def buffers() -> str:
    """The words for gathering a body that the Caddy of this machine knows."""
    said = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=False).stdout
    major, minor = (int(number) for number in re.findall(r"\d+", said)[:2])
    return "buffered_2_6" if (major, minor) <= (2, 6) else "buffered"


def needed_programs() -> None:
    """Raises BadSurroundings with the programs that are missing here."""
    programs = ("caddy", "clamd", "docker-compose", "psql", "redis-server")
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        raise BadSurroundings(f"Here is no {', '.join(missing)}; .ci/packages names the packages.")


def free_ports() -> int:
    """The first of as many free ports as a run takes."""
    count = 20 * 3
    steps = (LAST_PORT - FIRST_PORT) // count
    for step in range(steps):
        first = FIRST_PORT + (os.getpid() + step) % steps * count  # two that start at once try different ones
        if are_free(first, count):
            return first
    raise BadSurroundings(f"No {count} free ports between {FIRST_PORT} and {LAST_PORT}.")


def are_free(first: int, count: int) -> bool:
    with ExitStack() as held:
        try:
            for port in range(first, first + count):
                probe = held.enter_context(socket.socket())
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((HERE, port))
        except OSError:
            return False
    return True
