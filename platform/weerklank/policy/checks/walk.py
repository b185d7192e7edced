"""Walk through a policy: every concept in it with its path as written in the file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from weerklank.deadlines import Duration
from weerklank.policy.fields import yaml_name
from weerklank.policy.findings import Path
from weerklank.policy.words import Text

LEAVES = (Text, Duration)


def concepts(value: Any, path: Path = (), source: tuple[str, ...] = ()) -> Iterator[tuple[Path, Any, tuple[str, ...]]]:
    """Every concept below `value`: its path, itself and its sources (or those around it)."""
    if dataclasses.is_dataclass(value) and not isinstance(value, LEAVES):
        source = getattr(value, "source", ()) or source
        yield path, value, source
        for declared in dataclasses.fields(value):
            yield from concepts(getattr(value, declared.name), (*path, yaml_name(declared)), source)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from concepts(inner, (*path, key), source)
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from concepts(inner, (*path, index), source)


def keys(policy: Any) -> Iterator[tuple[Path, dataclasses.Field[Any], Any]]:
    """Every key that has a value: its path, its declaration and the value."""
    for path, concept, _ in concepts(policy):
        for declared in dataclasses.fields(concept):
            value = getattr(concept, declared.name)
            if value is not None:
                yield (*path, yaml_name(declared)), declared, value
