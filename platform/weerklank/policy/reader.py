"""Read a policy: YAML text in, a frozen `Policy` and everything that is wrong with it out, all in one run.

The way of a file: bytes -> tree with lines (`tree.py`) -> overrides -> readings in their places (`settle.py`)
-> schemas made from the model (`fields.py`) -> checks that know more than syntax (`checks/`).
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path as FilePath
from typing import Any

from marshmallow import ValidationError

from weerklank.policy import checks
from weerklank.policy.fields import schema_of
from weerklank.policy.findings import Finding, Mark, OpenQuestion, Path, Problem, Severity, dotted
from weerklank.policy.model import Policy
from weerklank.policy.override import override
from weerklank.policy.settle import Settled, settle
from weerklank.policy.tree import MOST_BYTES, Unreadable, decode, read_tree

MOST_FINDINGS = 1000
ROUNDS = 6
# What a policy cannot be made without, for the checks to have one at all when that is what is wrong.
STAND_INS: Mapping[str, Any] = {
    "weerklank": 1,
    "procedure": {"title": "?", "organisation": "?", "prefix": "XX"},
    "scope": {"complaint": "?"},
    "roles": {},
    "channels": {},
    "assignment": {"rules": []},
    "steps": {},
}


@dataclass(frozen=True)
class Reading:
    """What reading gave. `policy` is None as soon as one finding is an error."""

    policy: Policy | None
    findings: tuple[Finding, ...]
    open: tuple[OpenQuestion, ...]
    sha256: str
    places: Settled | None = field(default=None, compare=False, repr=False)

    def finding(self, name: str, problem: Problem) -> Finding:
        """A problem that was found in the policy later on, with its place in the file called `name`."""
        return finding(name, self.places.place(problem.path) if self.places else Mark(1, 1), problem)


class Unusable(ValueError):
    """A stored version that cannot be read (any more)."""


def read_policy(source: FilePath | str | bytes, *, name: str, overrides: Mapping[str, Any] | None = None) -> Reading:
    """Read and check a policy, given as the path of a file, its text or its bytes.

    `name` is what findings call the file. `overrides` replace values before anything is checked: dotted path ->
    plain value, items of a list by their `id` or number, None takes a key away. Raises OSError for a path only.
    """
    raw = bytes_of(source)
    sha256 = hashlib.sha256(raw).hexdigest()
    try:
        tree, mistakes = read_tree(decode(raw))
    except Unreadable as error:
        return Reading(None, (finding(name, error.mark, Problem((), error.message)),), (), sha256)
    unset = list(override(tree, overrides or {}))
    settled = settle(tree)
    policy, problems = validate(settled)
    found = [finding(name, mark, Problem((), message)) for mark, message in mistakes]
    found += [finding(name, mark, problem) for mark, problem in unset]
    beyond = islice(checked(policy, problems, settled), MOST_FINDINGS)
    found += [finding(name, settled.place(one.path), one) for one in (*settled.problems, *problems, *beyond)]
    found = sorted(found, key=lambda one: (one.line, one.column))[:MOST_FINDINGS]
    usable = policy if not any(one.severity is Severity.ERROR for one in found) else None
    return Reading(usable, tuple(found), tuple(settled.open), sha256, settled)


@lru_cache(maxsize=256)
def load_version(text: str) -> Policy:
    """The policy of a stored version. It was checked when it was taken in; newer checks do not undo it.

    Raises Unusable with the first finding.
    """
    try:
        tree, mistakes = read_tree(decode(text.encode()))
    except Unreadable as error:
        raise Unusable(f"{error.mark.line}:{error.mark.column}: {error.message}") from None
    settled = settle(tree)
    policy, problems = validate(settled)
    wrong = [*mistakes, *((settled.place(one.path), one.message) for one in (*settled.problems, *problems))]
    if policy is None or wrong:
        mark, message = wrong[0]
        raise Unusable(f"{mark.line}:{mark.column}: {message}")
    return policy


def check_live(reading: Reading) -> list[OpenQuestion]:
    """What the organisation must answer before it can go live."""
    return list(reading.open)


def bytes_of(source: FilePath | str | bytes) -> bytes:
    """At most one byte more than may be read, so that a huge file costs nothing."""
    if isinstance(source, bytes):
        return source
    if isinstance(source, str):
        return source.encode("utf-8", "surrogatepass")
    with source.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def validate(settled: Settled) -> tuple[Policy | None, list[Problem]]:
    """The policy by the schemas, and every problem they find.

    What is wrong is taken out and the rest read again, so that the checks have something to look at. Problems of a
    later round follow from what was taken out and are not reported.
    """
    problems: list[Problem] = []
    data = settled.data
    for _ in range(ROUNDS):
        try:
            return schema_of(Policy).load(data), problems
        except ValidationError as error:
            found = list(flatten(error.messages))
            problems = problems or found
            if not isinstance(data, dict):
                break
            data = mended(data, [one.path for one in found])
    return None, problems


def flatten(messages: Any, path: Path = ()) -> Iterator[Problem]:
    """marshmallow's nested messages as problems with paths."""
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from flatten(inner, path if key == "_schema" else (*path, key))
    else:
        for message in messages:
            yield Problem(path, message)


def mended(data: Any, paths: Iterable[Path]) -> Any:
    """A copy of the data without what stands at the paths (a list as a whole; for a missing key what lacks it).

    What no policy can do without is filled in.
    """
    targets = [target(data, path) for path in paths]
    data = copy.deepcopy(data)
    for path in targets:
        node = data
        for part in path[:-1]:
            node = node.get(part, {})
        if path:
            node.pop(path[-1], None)
    for section, stand_in in STAND_INS.items():
        data.setdefault(section, copy.deepcopy(stand_in))
        if isinstance(stand_in, dict):
            data[section] = {**stand_in, **data[section]}
    return data


def target(data: Any, path: Path) -> Path:
    """The part of `path` that leads through mappings to something that is there; nothing for a whole section."""
    for depth, part in enumerate(path):
        if not isinstance(data, dict):
            return path[:depth]
        if part not in data:
            return path[:depth] if depth > 1 else ()
        data = data[part]
    return path


def checked(policy: Policy | None, problems: Iterable[Problem], settled: Settled) -> Iterator[Problem]:
    """What the checks find, left out where a schema already complained: what follows from a mistake is noise.

    Nor is something lacking where an open question stands in its place: then a person is asked.
    """
    if policy is None:
        return
    wrong = {one.path[:2] for one in problems if not one.message.startswith("unknown key")}
    around = {path[:length] for path in wrong for length in range(3)}
    asked = {question.path for question in settled.open if not question.reading}
    graph = not around & {("steps",), ("terms",), ("withdraw",)}
    for one in checks.check(policy, settled.data, graph=graph):
        is_noise = one.path[:2] in around or one.path[:1] in wrong
        if not is_noise and not any(dotted((*one.path, key)) in asked for key in one.lacks):
            yield one


def finding(name: str, mark: Mark, problem: Problem) -> Finding:
    """The problem with its place."""
    path = dotted(problem.path)
    return Finding(name, mark.line, mark.column, problem.severity, problem.message, path, mark.override)
