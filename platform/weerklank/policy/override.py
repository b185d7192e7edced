"""Replace values of a policy before it is checked, as a story does that tries another calendar or interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from weerklank.policy.findings import Mark, Problem, suggestion
from weerklank.policy.settle import QUESTION, READING
from weerklank.policy.tree import Node
from weerklank.policy.words import said


def override(tree: Node, values: Mapping[str, Any]) -> Iterator[tuple[Mark, Problem]]:
    """Put each value at its dotted path in the tree; answers the paths that lead nowhere."""
    for dotted_path, value in values.items():
        mark = Mark(1, 1, dotted_path)
        path = tuple(str(dotted_path).split("."))
        node = value_of(tree)
        for depth, part in enumerate(path[:-1]):
            child = child_of(node, part)
            if child is None and depth == 0 and isinstance(node.value, dict):
                child = put(node, part, Node({}, mark), mark)
            if child is None:
                yield (
                    mark,
                    Problem(
                        path, said("there is no {part!r} here{hint}", part=part, hint=suggestion(part, names_in(node)))
                    ),
                )
                break
            node = value_of(child)
        else:
            yield from replace(node, path, value, mark)


def replace(node: Node, path: tuple[str, ...], value: Any, mark: Mark) -> Iterator[tuple[Mark, Problem]]:
    """Put, replace or (None) take away the last part of `path` in `node`."""
    last = path[-1]
    if isinstance(node.value, dict):
        if value is None:
            node.value.pop(last, None)
            node.keys.pop(last, None)
        else:
            put(node, last, node_of(value, mark), mark)
    elif isinstance(node.value, list) and (item := child_of(node, last)) is not None:
        at = next(index for index, child in enumerate(node.value) if child is item)
        node.value[at : at + 1] = [] if value is None else [node_of(value, mark)]
    else:
        yield (
            mark,
            Problem(path, said("there is no {last!r} here{hint}", last=last, hint=suggestion(last, names_in(node)))),
        )


def value_of(node: Node) -> Node:
    """The reading, where a question stands around it."""
    if isinstance(node.value, dict) and set(node.value) == {QUESTION, READING}:
        return value_of(node.value[READING])
    return node


def child_of(node: Node, part: str) -> Node | None:
    """The value of a key; of a list the item with this `id`, or this number counted from 0."""
    children: dict[str, Node] = {}
    if isinstance(node.value, dict):
        children = node.value
    elif isinstance(node.value, list):
        children = {str(number): item for number, item in enumerate(node.value)}
        children |= {str(name): item for item in node.value if (name := id_of(value_of(item))) is not None}
    return children.get(part)


def id_of(node: Node) -> object:
    named = node.value.get("id") if isinstance(node.value, dict) else None
    return named.value if named is not None else None


def names_in(node: Node) -> list[str]:
    return list(node.value) if isinstance(node.value, dict) else []


def put(node: Node, key: str, child: Node, mark: Mark) -> Node:
    node.value[key] = child
    node.keys[key] = mark
    return child


def node_of(value: Any, mark: Mark) -> Node:
    """Plain data as a tree; every part of it stands at the override."""
    if isinstance(value, Mapping):
        children = {str(key): node_of(item, mark) for key, item in value.items()}
        return Node(children, mark, dict.fromkeys(children, mark))
    if isinstance(value, (list, tuple)):
        return Node([node_of(item, mark) for item in value], mark)
    return Node(value, mark)
