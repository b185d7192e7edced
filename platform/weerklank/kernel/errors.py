"""Errors that more than one room knows. Their texts hold no personal data: they end up in logs."""

from collections.abc import Mapping


class BadSurroundings(Exception):
    """The machine, not the program, is at fault: its text is one clear sentence; commands exit with 2."""


class WeerklankError(Exception):
    """What the program itself refuses."""


class NoScope(WeerklankError):
    """A session was used without saying for which tenant, or for another tenant than its own."""


class NotFound(WeerklankError):
    """There is no such thing, or it is another tenant's, or not for this reader: a door answers 404 to all."""


class Conflict(WeerklankError):
    """Somebody else was first. Nothing was changed: read again and let the person decide again."""


class Refused(WeerklankError):
    """A rule says no to what a person asked. `code` names the rule; a door puts it into words, with `values`."""

    def __init__(self, code: str, values: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.values = dict(values or {})
