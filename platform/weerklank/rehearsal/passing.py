"""Time passes in a story: everything that falls due meanwhile really happens, on its own day."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from weerklank.cases.clocks import remind_or_miss
from weerklank.cases.model import Deadline, Message, MessageState
from weerklank.cases.refresh import open_cases, refresh
from weerklank.correspondence.delivery import mark_sent, write_out
from weerklank.rehearsal.learning import let_morning_come, mornings

if TYPE_CHECKING:
    from weerklank.rehearsal.player import Stage

MOST_TICKS = 100


class Untold(Exception):
    """A story that cannot be played: it names somebody or something that is not there."""


def let_time_pass(stage: Stage, until: datetime) -> None:
    """Do everything that falls due before this instant, in the order in which it does; then a new day may begin."""
    for morning in mornings(stage, until):
        let_terms_act(stage, morning)
        stage.now = morning
        let_morning_come(stage, morning)
    let_terms_act(stage, until)
    if stage.day is not None and stage.day != until.astimezone(stage.zone).date():
        look_anew(stage, until)
    stage.now, stage.day = until, until.astimezone(stage.zone).date()


def let_terms_act(stage: Stage, until: datetime) -> None:
    """Remind and escalate whatever is due before this instant."""
    due = select(Deadline.case_id, Deadline.term, Deadline.next_at).where(
        Deadline.tenant_id == stage.tenant.id, Deadline.next_at <= until
    )
    while found := stage.session.execute(due.order_by(Deadline.next_at).limit(1)).one_or_none():
        stage.ticks[found.case_id, found.term] += 1
        if stage.ticks[found.case_id, found.term] > MOST_TICKS or found.next_at is None:
            raise Untold(f"time does not get on: term {found.term} falls due again and again")
        stage.now = max(found.next_at, stage.now or found.next_at)
        remind_or_miss(stage.session, stage.engine, stage.tenant.id, found.case_id, found.term, stage.now)
        deliver_all(stage, stage.now)


def look_anew(stage: Stage, now: datetime) -> None:
    """Whose open work is, as every day begins: an absence begins and ends without anybody doing something."""
    for case_id in open_cases(stage.session, stage.tenant.id):
        refresh(stage.session, stage.engine, stage.tenant.id, case_id, now)


def deliver_all(stage: Stage, now: datetime) -> None:
    """Write out what waits to be sent, as the worker would, and send it nowhere."""
    waiting = select(Message.id).where(Message.tenant_id == stage.tenant.id, Message.state == MessageState.QUEUED.value)
    for message_id in stage.session.scalars(waiting.order_by(Message.id)).all():
        write_out(
            stage.session, stage.engine, stage.tenant.id, message_id, "https://rehearsal.example",
            "post@rehearsal.example", now,
        )  # fmt: skip
        mark_sent(stage.session, stage.tenant.id, message_id, now)
    stage.session.flush()
