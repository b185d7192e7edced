"""What the reader says about a policy: findings with their place, and questions that are still open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from weerklank.policy.words import in_words, said

MOST_COMPARED = 100
Path = tuple[str | int, ...]


class Severity(StrEnum):
    """An error keeps a policy from being used; a warning does not; a question is what the rules leave open."""

    ERROR = "error"
    WARNING = "warning"
    QUESTION = "question"


@dataclass(frozen=True)
class Mark:
    """A place in the file, counted from 1, or the override that put a value there."""

    line: int
    column: int
    override: str | None = None


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, with its place; `path` is dotted, such as `terms.decision.within`."""

    file: str
    line: int
    column: int
    severity: Severity
    message: str
    path: str = ""
    override: str | None = None

    def __str__(self) -> str:
        return self.in_(str)

    def in_(self, translate: Callable[[str], str]) -> str:
        """The line of this finding by a catalogue: `translate` answers a text in the reader's language."""
        where = f"{self.file}:{self.line}:{self.column}"
        if self.override is not None:
            where = f"{self.file}: override {self.override}"
        kind = "" if self.severity is Severity.ERROR else f"{translate(self.severity.value)}: "
        return f"{where}: {kind}{in_words(self.message, translate)}"


@dataclass(frozen=True)
class OpenQuestion:
    """A value the organisation has not confirmed; `reading` tells whether one is used meanwhile."""

    path: str
    question: str
    reading: bool
    line: int
    source: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """A finding before its place is looked up. `lacks`: the keys that would mend it, were they there."""

    path: Path
    message: str
    severity: Severity = Severity.ERROR
    lacks: tuple[str, ...] = ()


def dotted(path: Path) -> str:
    return ".".join(str(part) for part in path)


def suggestion(name: str, known: Iterable[str]) -> str:
    """`, did you mean 'received'?`, or nothing when no known name comes near. Bounded work on hostile names."""
    near = [other for other in known if abs(len(other) - len(name)) <= 3] if len(name) <= 60 else []
    close = get_close_matches(name, near[:MOST_COMPARED], n=1, cutoff=0.6)
    return said(", did you mean {name!r}?", name=close[0]) if close else ""
