"""Settle what is unconfirmed: put readings in the place of their questions and keep the places of all values.

The one rule of the language that holds anywhere: `{unconfirmed: question, reading: value}` is the value,
`{unconfirmed: question}` alone is no value, and `unconfirmed` beside an element's other keys makes the element itself
the reading. What comes out is plain data for the schemas.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from weerklank.policy.findings import Mark, OpenQuestion, Path, Problem, dotted
from weerklank.policy.tree import Node
from weerklank.policy.words import said

QUESTION = "unconfirmed"
READING = "reading"


@dataclass
class Settled:
    """Plain data, the place of each path in it, the questions that are open and what was wrong with them."""

    data: Any = None
    places: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    open: list[OpenQuestion] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path) -> Mark:
        """Where `path` stands: its key if it has one, else the nearest thing around it."""
        while path not in self.keys and path not in self.places and path:
            path = path[:-1]
        return self.keys.get(path) or self.places.get(path) or Mark(1, 1)


ABSENT = object()


def settle(tree: Node) -> Settled:
    """Settle the whole tree."""
    settled = Settled()
    data = settle_node(tree, (), (), settled)
    settled.data = {} if data is ABSENT else data
    return settled


def settle_node(node: Node, path: Path, source: tuple[str, ...], settled: Settled) -> Any:
    """Plain data of one node, or ABSENT when only a question stands there. `source`: of the element around it."""
    settled.places[path] = node.mark
    if isinstance(node.value, list):
        return settle_list(node, path, source, settled)
    if not isinstance(node.value, dict):
        return node.value
    source = own_source(node) or source
    if QUESTION in node.value:
        ask(node, path, source, settled)
        if READING in node.value and len(node.value) == 2:
            return settle_node(node.value[READING], path, source, settled)
        if len(node.value) == 1:
            return ABSENT
    return settle_mapping(node, path, source, settled)


def settle_list(node: Node, path: Path, source: tuple[str, ...], settled: Settled) -> list[Any]:
    items: list[Any] = []
    for child in node.value:
        item = settle_node(child, (*path, len(items)), source, settled)
        if item is not ABSENT:
            items.append(item)
    return items


def settle_mapping(node: Node, path: Path, source: tuple[str, ...], settled: Settled) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, child in node.value.items():
        settled.keys[(*path, key)] = node.keys[key]
        value = settle_node(child, (*path, key), source, settled)
        if value is not ABSENT:
            data[key] = value
    if READING in data and QUESTION in data:
        settled.problems.append(Problem((*path, READING), said("`reading` stands with `unconfirmed` and nothing else")))
        del data[READING]
    if not isinstance(data.get(QUESTION, ""), str):
        del data[QUESTION]
    return data


def ask(node: Node, path: Path, source: tuple[str, ...], settled: Settled) -> None:
    """Record the question of a mapping that has one."""
    question = node.value[QUESTION].value
    if not isinstance(question, str) or not question.strip():
        settled.problems.append(Problem((*path, QUESTION), said("`unconfirmed` needs the question as text")))
        question = ""
    settled.open.append(OpenQuestion(dotted(path), question, len(node.value) > 1, node.keys[QUESTION].line, source))


def own_source(node: Node) -> tuple[str, ...]:
    """The clauses a mapping itself names."""
    written = node.value.get("source")
    if written is None:
        return ()
    names = written.value if isinstance(written.value, list) else [written]
    return tuple(name.value for name in names if isinstance(name.value, str))
