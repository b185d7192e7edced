"""The reference of the policy language as Markdown, made from the model: what `docs/policy.md` holds."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from weerklank.deadlines import Duration
from weerklank.policy.checks.messages import PIECES, PLACEHOLDERS
from weerklank.policy.fields import is_concept, is_required, without_none, yaml_name
from weerklank.policy.model import Element, Policy, Scalar
from weerklank.policy.moments import MADE, PLAIN
from weerklank.policy.words import Text

INTRODUCTION = """\
# The policy language, version 1

This page is made from the code by `weerklank policy reference`; change `platform/weerklank/policy/model.py`, not this
file.

A policy is one file, `tenants/<name>/policy.yaml`: YAML 1.2, UTF-8, at most a megabyte, without anchors, aliases,
merge keys and tags. `weerklank policy check` names every mistake with file, line and column; `weerklank policy schema`
gives editors a JSON Schema; `weerklank policy show` prints the procedure as people will read it.

## How values are written

- A **text** is a plain string, or one string per language: `{nl: Klacht, en: Complaint}`.
- A **duration** is a number and a unit: `12 hours`, `7 days`, `2 working_days`, `6 weeks`, `3 months`, `1 year`.
- A **day** is written `2026-04-03`.
- A **name** starts with a letter and goes on with letters, digits and `_`. Other keys refer to it.
- Where *one or more* is allowed, a single value may stand for a list of one.
- `yes`, `no` and `on` are words, as YAML 1.2 has it; true and false are `true` and `false`.

## What is not confirmed

Where the organisation still has to say something, the question stands in the place of the value:

- `{unconfirmed: "question", reading: value}`: the value is used, and the question is open;
- `{unconfirmed: "question"}`: there is no value; the platform asks a person;
- `unconfirmed: "question"` among the other keys of an element: the element as written is the reading.

`weerklank policy check --live` lists every open question and exits with 1: with one, an organisation cannot go live.

## Sources

Every element carries `source`: the clause or clauses it carries out, or `platform` for what the platform adds.
An element inside another (an outcome of a step, the extension of a term) may leave it to the one around it.
"""


def reference() -> str:
    """The whole page."""
    parts = [INTRODUCTION, moments(), placeholders(), section(Element), *(section(model) for model in models(Policy))]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def models(root: type, seen: dict[type, None] | None = None) -> list[type]:
    """Every class of the model, each once, in the order a reader meets them."""
    seen = {} if seen is None else seen
    seen[root] = None
    hints = typing.get_type_hints(root)
    for declared in dataclasses.fields(root):
        for inner in classes_in(hints[declared.name]):
            if inner not in seen:
                models(inner, seen)
    return list(seen)


def classes_in(annotation: Any) -> Iterator[type]:
    for argument in (*typing.get_args(annotation), annotation):
        if isinstance(argument, type) and is_concept(argument):
            yield argument
        elif argument is not annotation:
            yield from classes_in(argument)


def moments() -> str:
    """The vocabulary of moments."""
    rows = [f"| `{name}` | {said} |" for name, said in PLAIN.items()]
    made = [f"- {said}" for said in MADE.values()]
    return "\n".join(["## Moments", "", "| moment | what happened |", "|---|---|", *rows, "", *made, ""])


def placeholders() -> str:
    """What messages can hold."""
    plain = ", ".join(f"`{{{name}}}`" for name in PLACEHOLDERS)
    pieces = ", ".join(f"`{name}`" for name in PIECES)
    return (
        f"## Placeholders\n\nIn `subject` and `body` of a message: {plain}, `{{due.<term>}}`, `{{fact.<fact>}}`.\n"
        f"In `contains`: {pieces}, `fact.<fact>`, `due.<term>`, `redress.<body>`.\n"
    )


def section(model: type) -> str:
    """One class: what it is, and a row for each key."""
    hints = typing.get_type_hints(model)
    shared = {each.name for each in dataclasses.fields(Element)} if issubclass(model, Element) else set()
    own = [each for each in dataclasses.fields(model) if each.name not in shared]
    also = ", ".join(f"`{name}`" for name in sorted(shared))
    lines = [f"## {heading(model)}", "", (model.__doc__ or "").strip(), ""]
    lines += [f"Also: {also} (see Element).", ""] if shared and model is not Element else []
    lines += ["| key | value | when left out | what it says |", "|---|---|---|---|"]
    rows = own if model is not Element else list(dataclasses.fields(Element))
    lines += [row(each, hints[each.name]) for each in rows]
    return "\n".join(lines) + "\n"


def heading(model: type) -> str:
    return "The whole file" if model is Policy else model.__name__


def row(declared: dataclasses.Field[Any], annotation: Any) -> str:
    value = kind(annotation, declared.metadata)
    cells = (f"`{yaml_name(declared)}`", value, left_out(declared), declared.metadata["help"])
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def kind(annotation: Any, bounds: Mapping[str, Any]) -> str:
    """What a value must be, in words."""
    annotation = without_none(annotation)
    arguments, origin = typing.get_args(annotation), typing.get_origin(annotation)
    if origin is tuple:
        return f"{'one or more: ' if bounds.get('many') else 'list: '}{kind(arguments[0], bounds)}"
    if origin is Mapping:
        return f"names to {kind(arguments[1], bounds)}"
    if bounds.get("refers"):
        return {"moment": "moment", "ending": "`step.outcome`"}.get(bounds["refers"], f"name of a {bounds['refers']}")
    if bounds.get("one_of"):
        return ", ".join(f"`{word}`" for word in bounds["one_of"])
    if annotation == Scalar:
        return "text, number, day, `true` or `false`"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{member.value}`" for member in annotation)
    names = {
        Text: "text",
        Duration: "duration",
        date: "day",
        str: "plain text",
        int: "number",
        bool: "`true` or `false`",
    }
    return names.get(annotation) or heading(annotation)


def left_out(declared: dataclasses.Field[Any]) -> str:
    """What holds when the key is not there."""
    if is_required(declared):
        return "*required*"
    if declared.default is dataclasses.MISSING:
        return ""
    default = declared.default
    if default is None or default == () or default == types.MappingProxyType({}):
        return ""
    if isinstance(default, tuple):
        return ", ".join(f"`{item}`" for item in default)
    return f"`{str(default).lower()}`" if isinstance(default, bool) else f"`{default}`"
