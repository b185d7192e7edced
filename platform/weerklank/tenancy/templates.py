"""Policies to start from: a new organisation takes one over and fills in what is its own."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from weerklank.kernel.errors import Refused
from weerklank.kernel.settings import ROOT
from weerklank.policy.words import Text

FOLDER = ROOT / "tenants" / "_templates"
# What stands in every template's `procedure` until an organisation takes it over; nowhere else in it.
ORGANISATION = 'organisation: "[naam van uw organisatie]"'
PREFIX = "prefix: ABC"


@dataclass(frozen=True)
class Template:
    """A policy to start from: the name of its folder, what people call it and for whom it is."""

    name: str
    label: Text
    meant_for: Text


@cache
def templates() -> tuple[Template, ...]:
    """All there are, in the order in which they are offered."""
    described = ((path.parent.name, YAML(typ="safe", pure=True).load(path)) for path in FOLDER.glob("*/template.yaml"))
    ordered = sorted(described, key=lambda each: (each[1]["order"], each[0]))
    return tuple(Template(name, Text.of(said["label"]), Text.of(said["for"])) for name, said in ordered)


def names() -> tuple[str, ...]:
    """What may be chosen."""
    return tuple(template.name for template in templates())


def file_of(template: str) -> Path:
    """Where a template's policy lies. Refused: `unknown_template`."""
    if template not in names():
        raise Refused("unknown_template")
    return FOLDER / template / "policy.yaml"


def filled_in(template: str, organisation: str, prefix: str) -> str:
    """A template's text with the organisation's name and the letters of its references. Refused: `unknown_template`."""
    text = file_of(template).read_text(encoding="utf-8")
    # A JSON string is a YAML string too, whatever characters the name holds. The name goes in last, or it could hold
    # what is still to be replaced.
    prefixed = text.replace(PREFIX, f"prefix: {json.dumps(prefix)}", 1)
    return prefixed.replace(ORGANISATION, f"organisation: {json.dumps(organisation, ensure_ascii=False)}", 1)
