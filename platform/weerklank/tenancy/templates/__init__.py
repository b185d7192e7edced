"""Policies to start from: a new organisation takes one and changes it."""

import json
from importlib.resources import files

from weerklank.kernel.errors import Refused

TEMPLATES = ("general",)


def filled_in(template: str, organisation: str, prefix: str) -> str:
    """A template's text with the organisation's name and the letters of its references. Refused: `unknown_template`."""
    if template not in TEMPLATES:
        raise Refused("unknown_template")
    text = files(__package__).joinpath(f"{template}.yaml").read_text(encoding="utf-8")
    # A JSON string is a YAML string too, whatever characters the name holds. The name goes in last, or it could hold
    # what is still to be replaced.
    prefixed = text.replace('"@prefix@"', json.dumps(prefix))
    return prefixed.replace('"@organisation@"', json.dumps(organisation, ensure_ascii=False))
