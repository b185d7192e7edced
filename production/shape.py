"""docker-compose.yml as its own tool reads it: each service with its command, environment, volumes and number."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from weerklank.kernel.errors import BadSurroundings

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "docker-compose.yml"


@dataclass(frozen=True)
class Service:
    """What of a service has a meaning without containers."""

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str]
    mounts: Mapping[str, str]  # path inside -> the volume's name, or the path of a file of this tree
    replicas: int


def read_shape(given: Mapping[str, str]) -> dict[str, Service]:
    """The services, the mail catcher's profile included, with these variables filled in. Raises BadSurroundings."""
    command = ["docker-compose", "--file", str(FILE), "--profile", "development", "config"]
    try:
        said = subprocess.run(
            command, env={"PATH": os.environ["PATH"], **given}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BadSurroundings("docker-compose is needed to read docker-compose.yml; .ci/packages names it.") from None
    if said.returncode:
        raise BadSurroundings(f"docker-compose.yml cannot be read: {said.stderr.strip()}")
    services = YAML(typ="safe").load(said.stdout)["services"]
    return {name: service(name, read) for name, read in services.items()}


def service(name: str, read: Mapping[str, Any]) -> Service:
    mounts = [str(each).split(":")[:2] for each in read.get("volumes", [])]
    return Service(
        name,
        tuple(read.get("command") or ()),
        {key: str(value) for key, value in read.get("environment", {}).items()},
        {inside: outside for outside, inside in mounts},
        read.get("deploy", {}).get("replicas", 1),
    )
