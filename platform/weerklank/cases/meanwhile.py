"""What somebody else filled in while a form was open, beside what was typed in it."""

from __future__ import annotations

from uuid import UUID

from weerklank.cases.act import Opened, as_event
from weerklank.cases.undoing import names_in
from weerklank.policy.apart import may_read_fact, reader_in
from weerklank.policy.events import Kind


def filled_in_since(opened: Opened, seq: int, person: UUID) -> dict[str, UUID | None]:
    """The facts that were recorded after event number `seq` and that this person may see, with who did so last."""
    reader = reader_in(opened.world, opened.case, person)
    events = (as_event(each) for each in opened.stored[max(seq, 0) :])
    found = {name: event.actor.id for event in events if event.kind is Kind.FACTS_RECORDED for name in names_in(event)}
    return {name: by for name, by in found.items() if may_read_fact(opened.world, opened.case, name, reader)}
