"""YAML text into a tree that knows its lines: YAML 1.2, nothing executed, nothing repeated, bounded in time.

Built from ruamel.yaml's events with a stack, so that depth is counted before it costs anything. Anchors, aliases,
tags, merge keys and more than one document are refused: a policy says each thing once, in full.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode

from weerklank.policy.findings import Mark
from weerklank.policy.words import said

MOST_BYTES = 1_000_000
MOST_DEPTH = 30
MOST_VALUES = 20_000
MOST_DIGITS = 18
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
LONG_TAG = re.compile(r"[!%][^\s]{500}")
WIDE_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


class Unreadable(Exception):
    """The text is not a policy's YAML; `mark` says where it stops being so."""

    def __init__(self, message: str, mark: Mark) -> None:
        super().__init__(message)
        self.message = message
        self.mark = mark


@dataclass
class Node:
    """A value with its place; for a mapping also the places of its keys."""

    value: Any
    mark: Mark
    keys: dict[str, Mark] = field(default_factory=dict)


def decode(raw: bytes) -> str:
    """The bytes as text; raises Unreadable when they are too many or not UTF-8."""
    if len(raw) > MOST_BYTES:
        raise Unreadable(said("larger than {most:,} bytes; no procedure needs that much", most=MOST_BYTES), Mark(1, 1))
    if raw.startswith(WIDE_ENCODINGS):
        raise Unreadable(said("saved as UTF-16 or UTF-32; save it as UTF-8"), Mark(1, 1))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        message = said("byte 0x{byte:02x} is not UTF-8; save the file as UTF-8", byte=raw[error.start])
        raise Unreadable(message, Mark(line, column)) from None


def read_tree(text: str) -> tuple[Node, list[tuple[Mark, str]]]:
    """The tree of `text`, and the mistakes that do not keep the rest from being read.

    Raises Unreadable at the first thing after which nothing can be read.
    """
    refuse_characters(text)
    yaml = YAML(typ="safe", pure=True)
    builder = Builder(yaml)
    try:
        for event in yaml.parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)
        raise Unreadable(said("not YAML: {problem}", problem=error.problem or error.context), place) from None
    except (YAMLError, ValueError) as error:
        raise Unreadable(said("not YAML: {problem}", problem=type(error).__name__), Mark(1, 1)) from None
    if builder.root is None or builder.root.value is None:
        raise Unreadable(said("the file is empty"), Mark(1, 1))
    return builder.root, builder.mistakes


def refuse_characters(text: str) -> None:
    """Control characters, NUL above all, and tags too long to be read in time."""
    for pattern in (FORBIDDEN, LONG_TAG):
        if found := pattern.search(text):
            line = text.count("\n", 0, found.start()) + 1
            column = found.start() - text.rfind("\n", 0, found.start())
            raise Unreadable(
                character(found.group()[0]) if pattern is FORBIDDEN else said("too long a tag"), Mark(line, column)
            )


def character(found: str) -> str:
    return said("the character U+{code:04X} cannot be in a policy", code=ord(found))


class Builder:
    """Takes events in their order and builds the tree; holds the mappings and lists that are still open."""

    def __init__(self, yaml: Any) -> None:
        self.resolver = yaml.resolver
        self.root: Node | None = None
        self.open: list[tuple[Node, tuple[str, Mark] | None]] = []
        self.mistakes: list[tuple[Mark, str]] = []
        self.values = 0
        self.documents = 0

    def take(self, event: Event) -> None:
        mark = Mark(event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise Unreadable(said("a second document starts here; a policy is one document"), mark)
            if event.version is not None and tuple(event.version) != (1, 2):
                raise Unreadable(said("a policy is YAML 1.2; leave the %YAML line out"), mark)
        elif isinstance(event, AliasEvent):
            raise Unreadable(said("aliases (*name) are not used in a policy; write the value out"), mark)
        elif isinstance(event, NodeEvent):
            self.refuse_decoration(event, mark)
            self.add(event, mark)
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self.close()

    def refuse_decoration(self, event: Any, mark: Mark) -> None:
        if event.anchor is not None:
            raise Unreadable(said("anchors (&name) are not used in a policy; write the value out"), mark)
        if event.ctag is not None and str(event.ctag) != "!":
            raise Unreadable(said("tags (!name) are not used in a policy"), mark)
        self.values += 1
        if self.values > MOST_VALUES:
            raise Unreadable(said("more than {most:,} values; no procedure needs that many", most=MOST_VALUES), mark)

    def add(self, event: Any, mark: Mark) -> None:
        """Hang a scalar in the open mapping or list, or open a new one."""
        if isinstance(event, ScalarEvent):
            if self.awaits_key():
                self.take_key(event, mark)
            else:
                self.place(Node(self.scalar(event, mark), mark))
            return
        if self.awaits_key():
            raise Unreadable(said("a key must be one word"), mark)
        if len(self.open) >= MOST_DEPTH:
            raise Unreadable(said("more than {most} levels deep", most=MOST_DEPTH), mark)
        node = Node({} if isinstance(event, MappingStartEvent) else [], mark)
        assert isinstance(event, (MappingStartEvent, SequenceStartEvent))
        self.open.append((node, None))

    def awaits_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1][0].value, dict) and self.open[-1][1] is None

    def take_key(self, event: Any, mark: Mark) -> None:
        node, _ = self.open[-1]
        key = str(event.value)
        if event.implicit[0] and self.resolve(event) == "merge":
            raise Unreadable(said("merge keys (<<) are not used in a policy; write the values out"), mark)
        if key in node.keys:
            first = node.keys[key].line
            self.mistakes.append(
                (
                    mark,
                    said(
                        "key {key} is given twice; the first is on line {first}",
                        key=short(key),
                        first=first,
                    ),
                )
            )
        self.open[-1] = (node, (key, mark))

    def place(self, child: Node) -> None:
        if not self.open:
            self.root = child
            return
        node, key = self.open[-1]
        if key is None:
            node.value.append(child)
            return
        self.open[-1] = (node, None)
        if key[0] not in node.value:
            node.value[key[0]] = child
            node.keys[key[0]] = key[1]

    def close(self) -> None:
        node, _ = self.open.pop()
        self.place(node)

    def resolve(self, event: Any) -> str:
        return str(self.resolver.resolve(ScalarNode, event.value, event.implicit)).rpartition(":")[2]

    def scalar(self, event: Any, mark: Mark) -> Any:
        """A plain scalar by YAML 1.2's rules (`no` is a word); quoted ones and times of day stay text."""
        text = str(event.value)
        if found := FORBIDDEN.search(text):
            self.mistakes.append((mark, character(found.group())))
        kind = self.resolve(event) if event.implicit[0] else "str"
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            return self.whole(text, mark)
        if kind == "float":
            return fraction(text)
        if kind == "timestamp":
            return self.day(text, mark)
        return text

    def whole(self, text: str, mark: Mark) -> Any:
        if len(text) > MOST_DIGITS:
            self.mistakes.append((mark, said("this number is too large; put it between quotes if it is a name")))
            return 0
        try:
            return int(text.replace("_", ""), 10)
        except ValueError:
            return text

    def day(self, text: str, mark: Mark) -> Any:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.mistakes.append((mark, said("{text} is not a day; write it as 2026-04-03", text=short(text))))
            return date(2000, 1, 1)


def fraction(text: str) -> Any:
    """A number with a point. The language has none, so it is only kept as written for the message."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def short(text: str) -> str:
    """The text between quotes, cut where it gets too long for a message."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
