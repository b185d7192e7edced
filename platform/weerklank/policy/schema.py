"""JSON Schema (draft 2020-12) of a policy, for editors: made from the same model as the reader.

It knows syntax only; names, languages and the rest are for `weerklank policy check`.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from weerklank.deadlines import Duration
from weerklank.policy.fields import (
    LANGUAGE,
    MOST_ITEMS,
    MOST_NUMBER,
    MOST_TEXT,
    NAME,
    is_concept,
    is_required,
    without_none,
    yaml_name,
)
from weerklank.policy.model import Policy, Scalar
from weerklank.policy.words import Text

Schema = dict[str, Any]

DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
WORDS: Schema = {"type": "string", "minLength": 1, "maxLength": MOST_TEXT}
TEXT: Schema = {
    "description": "Text, or text per language.",
    "anyOf": [
        WORDS,
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "patternProperties": {f"^{LANGUAGE.pattern}$": WORDS},
            "properties": {"unconfirmed": WORDS},
        },
    ],
}
DURATION: Schema = {
    "description": "A duration such as `2 working_days`.",
    "type": "string",
    "pattern": "^[0-9]{1,6} (hour|day|working_day|week|month|year)s?$",
}
SCALAR: Schema = {"type": ["string", "integer", "boolean"]}
QUESTION: Schema = {"type": "string", "minLength": 1, "description": "What the organisation still has to confirm."}


def json_schema() -> Schema:
    """The schema of a whole policy file."""
    definitions: dict[str, Schema] = {"Text": TEXT, "Duration": DURATION}
    root = concept(Policy, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Weerklank policy, version 1",
        **root,
        "$defs": definitions,
    }


def concept(model: type, definitions: dict[str, Schema]) -> Schema:
    """The schema of one class of the model."""
    hints = typing.get_type_hints(model)
    declared = dataclasses.fields(model)
    properties = {
        yaml_name(each): {
            "description": each.metadata["help"],
            **or_open(value(hints[each.name], each.metadata, definitions)),
        }
        for each in declared
    }
    return {
        "description": (model.__doc__ or "").strip(),
        "type": "object",
        "properties": {"unconfirmed": QUESTION, **properties},
        "required": [yaml_name(each) for each in declared if is_required(each)],
        "additionalProperties": False,
    }


def or_open(schema: Schema) -> Schema:
    """The value, or the question in its place with or without a reading."""
    question = {
        "type": "object",
        "properties": {"unconfirmed": QUESTION, "reading": schema},
        "required": ["unconfirmed"],
        "additionalProperties": False,
    }
    return {"anyOf": [schema, question]}


def value(annotation: Any, bounds: Mapping[str, Any], definitions: dict[str, Schema]) -> Schema:
    """The schema of what an annotation of the model describes; classes go to `definitions` once."""
    annotation = without_none(annotation)
    arguments, origin = typing.get_args(annotation), typing.get_origin(annotation)
    if origin is tuple:
        return several(value(arguments[0], bounds, definitions), bounds)
    if origin is Mapping:
        return named(value(arguments[1], bounds, definitions), bounds)
    if annotation in (Text, Duration):
        return {"$ref": f"#/$defs/{annotation.__name__}"}
    if annotation == Scalar:
        return SCALAR
    if is_concept(annotation):
        if annotation.__name__ not in definitions:
            definitions[annotation.__name__] = {}
            definitions[annotation.__name__] = concept(annotation, definitions)
        return {"$ref": f"#/$defs/{annotation.__name__}"}
    return plain(annotation, bounds)


def plain(kind: type, bounds: Mapping[str, Any]) -> Schema:
    if issubclass(kind, StrEnum):
        return {"enum": [member.value for member in kind]}
    if bounds.get("one_of"):
        return {"enum": list(bounds["one_of"])}
    if kind is bool:
        return {"type": "boolean"}
    if kind is int:
        return {"type": "integer", "minimum": 0, "maximum": bounds.get("most", MOST_NUMBER)}
    if kind is date:
        return DAY
    pattern = {"pattern": f"^(?:{bounds['pattern']})$"} if bounds.get("pattern") else {}
    return {"type": "string", "minLength": 1, "maxLength": bounds.get("most") or MOST_TEXT, **pattern}


def several(item: Schema, bounds: Mapping[str, Any]) -> Schema:
    """A list; with `many` a lone value too."""
    listed = {"type": "array", "items": or_open(item), "maxItems": MOST_ITEMS}
    return {"anyOf": [listed, item]} if bounds.get("many") else listed


def named(item: Schema, bounds: Mapping[str, Any]) -> Schema:
    """A mapping from names."""
    return {
        "type": "object",
        "properties": {"unconfirmed": QUESTION},
        "propertyNames": {} if bounds.get("free") else {"pattern": f"^{NAME.pattern}$"},
        "additionalProperties": or_open(item),
        "maxProperties": MOST_ITEMS,
    }
