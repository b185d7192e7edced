"""Reading a story's YAML, with file, line and column for everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from weerklank.policy.fields import schema_of
from weerklank.policy.findings import Finding, Mark, Problem
from weerklank.policy.findings import Path as Where
from weerklank.policy.reader import bytes_of, finding, flatten
from weerklank.policy.settle import Settled, settle
from weerklank.policy.tree import Unreadable, decode, read_tree
from weerklank.rehearsal.model import Expect, Happening, Story

VERBS = (
    "receive", "do", "sign", "record", "involve", "release", "extend", "agree", "ask", "answered", "add", "note",
    "plan", "move", "carry_out", "verify", "withdraw", "archive", "destroy", "absent", "appoint", "leave_post", "chart",
    "begin", "write", "release_report", "decide_on", "present", "evaluate", "recommend", "consult", "accept", "reject",
    "log", "enter", "strike", "check", "announce", "tell",
    "represent", "unrepresent", "join", "link", "unlink", "merge", "split", "restrict", "lift",
)  # fmt: skip


@dataclass(frozen=True)
class Read:
    """A story that was read, with the line of each happening, or what is wrong with it."""

    file: str
    story: Story | None
    findings: tuple[Finding, ...]
    places: Settled | None = None

    def line_of(self, number: int, *path: str) -> int:
        """The line of a part of the happening with this number (from 0), or of the nearest thing around it."""
        return self.place(("happenings", number, *path))

    def place(self, path: Where) -> int:
        """The line of any part of the story."""
        assert self.places is not None
        return self.places.place(path).line


def read_story(path: Path, name: str) -> Read:
    """Read one story; everything that is wrong with it is a finding."""
    try:
        tree, mistakes = read_tree(decode(bytes_of(path)))
    except Unreadable as error:
        return Read(name, None, (finding(name, error.mark, Problem((), error.message)),))
    except OSError as error:
        return Read(name, None, (finding(name, Mark(1, 1), Problem((), f"cannot be read: {error.strerror}")),))
    settled = settle(tree)
    spell_out(settled.data)
    try:
        story, problems = schema_of(Story).load(settled.data), list[Problem]()
    except ValidationError as error:
        story, problems = None, list(flatten(error.messages))
    problems += list(unsaid(story)) if story else []
    found = [finding(name, mark, Problem((), message)) for mark, message in mistakes]
    found += [finding(name, settled.place(one.path), one) for one in (*settled.problems, *problems)]
    return Read(name, None if found else story, tuple(found), settled)


def spell_out(data: Any) -> None:
    """Short forms in full: a bare day for a moment or a term, a bare name for a message."""
    happenings = data.get("happenings") if isinstance(data, dict) else None
    for happening in happenings if isinstance(happenings, list) else ():
        if isinstance(happening, dict):
            _spell_moment(happening, "at")
            _spell_moment(happening.get("receive"), "registered")
            _spell_expectations(happening.get("expect"))


def _spell_moment(data: Any, key: str) -> None:
    if isinstance(data, dict) and isinstance(data.get(key), date):
        data[key] = data[key].isoformat()


def _spell_expectations(expect: Any) -> None:
    if not isinstance(expect, dict):
        return
    if isinstance(expect.get("due"), dict):
        expect["due"] = {term: {"day": due} if isinstance(due, date) else due for term, due in expect["due"].items()}
    for key in ("sent", "not_sent"):
        given = expect.get(key)
        every = given if isinstance(given, list) else [given]
        if given is not None:
            expect[key] = [{"message": one} if isinstance(one, str) else one for one in every]


def unsaid(story: Story) -> Iterator[Problem]:
    """What the format asks beyond single keys: one verb a happening, and something to expect in the whole."""
    for number, happening in enumerate(story.happenings):
        verbs = [verb for verb in VERBS if getattr(happening, verb) is not None]
        if len(verbs) > 1:
            yield Problem(("happenings", number), f"one thing at a time: {', '.join(verbs)} are {len(verbs)}")
        if not verbs and not happening.add_file and not expects(happening):
            yield Problem(("happenings", number), "nothing happens here and nothing is expected")
    if not any(expects(happening) for happening in story.happenings):
        yield Problem((), "this story expects nothing; say with `expect` or `refused` what must be true")


def expects(happening: Happening) -> bool:
    """Whether something must be true after it: an empty `expect` is no expectation."""
    return happening.refused is not None or happening.expect not in (None, Expect())
