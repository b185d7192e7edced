"""The tables of learning. Words are sealed by the organisation's key; `seq` counts a row's events in the trail."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKeyConstraint, UniqueConstraint, Uuid
from sqlalchemy import Text as Words
from sqlalchemy.orm import Mapped, mapped_column

from weerklank.kernel.database import Base, TenantOwned


class Kind(StrEnum):
    """Every kind of event of learning; its open part names the elements of the policy it carries out."""

    REPORT_OPENED = "report_opened"
    REPORT_WRITTEN = "report_written"
    REPORT_COUNTED = "report_counted"
    REPORT_RELEASED = "report_released"
    REPORT_DECIDED = "report_decided"
    REPORT_PRESENTED = "report_presented"
    REPORT_EVALUATED = "report_evaluated"
    REPORT_RECORDED = "report_recorded"
    TOLD = "told"
    IMPROVEMENT_PLANNED = "improvement_planned"
    IMPROVEMENT_CARRIED_OUT = "improvement_carried_out"
    IMPROVEMENT_VERIFIED = "improvement_verified"
    RECOMMENDED = "recommended"
    RECOMMENDATION_CONSULTED = "recommendation_consulted"
    RECOMMENDATION_ACCEPTED = "recommendation_accepted"
    RECOMMENDATION_CARRIED_OUT = "recommendation_carried_out"
    RECOMMENDATION_REJECTED = "recommendation_rejected"
    DUTY_DONE = "duty_done"
    REGISTERED = "register_entered"
    STRUCK = "register_struck"
    PLACE_CHECKED = "place_checked"
    MOMENT_EXPECTED = "moment_expected"
    MOMENT_TOLD = "moment_told"


class ReportState(StrEnum):
    """How far a report is: the last thing that happened to it."""

    DRAFT = "draft"
    RELEASED = "released"
    DECIDED = "decided"
    PRESENTED = "presented"
    EVALUATED = "evaluated"
    RECORDED = "recorded"


class CountState(StrEnum):
    """How far the numbers of a report are: a worker counts them, they are there, or that did not go."""

    RUNNING = "counting"
    READY = "counted"
    FAILED = "failed"


class Advice(StrEnum):
    """How far a recommendation is."""

    MADE = "made"
    CONSULTED = "consulted"
    ACCEPTED = "accepted"
    CARRIED_OUT = "carried_out"
    REJECTED = "rejected"


class Report(TenantOwned, Base):
    """A report over a period (both days included). `due_on` is its last legal day, or none was named.

    `figures` are counts, codes and ids of cases, never words; `words` its sections and what was said in talks.
    `told` holds which reminders went out. `counting`, `done` and `total` say how far a worker is with the figures that
    were asked for at `count_asked_at`; until then those of `counted_at` stand.
    """

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("tenant_id", "name", "first_day"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]
    due_on: Mapped[date | None]
    opened_at: Mapped[datetime]
    figures: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    counted_at: Mapped[datetime]
    counting: Mapped[str] = mapped_column(server_default=CountState.READY.value)
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    count_asked_at: Mapped[datetime | None]
    words: Mapped[bytes | None]
    told: Mapped[list[str]] = mapped_column(ARRAY(Words))
    released_at: Mapped[datetime | None]
    deciders: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    decided_at: Mapped[datetime | None]
    presented_on: Mapped[date | None]
    evaluated_on: Mapped[date | None]
    participants: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    recorded_at: Mapped[datetime | None]
    seq: Mapped[int]

    @property
    def state(self) -> ReportState:
        reached = (
            (self.recorded_at, ReportState.RECORDED),
            (self.presented_on, ReportState.PRESENTED),
            (self.evaluated_on, ReportState.EVALUATED),
            (self.decided_at, ReportState.DECIDED),
            (self.released_at, ReportState.RELEASED),
        )
        return next((state for when, state in reached if when), ReportState.DRAFT)


def of_report() -> ForeignKeyConstraint:
    """The key to the report, led by the tenant."""
    return ForeignKeyConstraint(["tenant_id", "report_id"], ["report.tenant_id", "report.id"])


class Improvement(TenantOwned, Base):
    """A measure that was decided on outside a single case. `cases` are the complaints that it comes from."""

    __tablename__ = "improvement"
    __table_args__ = (of_report(),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    report_id: Mapped[UUID]
    kind: Mapped[str]
    owner_id: Mapped[UUID]
    day: Mapped[date]
    cases: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    words: Mapped[bytes | None]
    carried_out_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    seq: Mapped[int]


class Recommendation(TenantOwned, Base):
    """A numbered recommendation to a role; `words` are its text, who was consulted, and why it was rejected."""

    __tablename__ = "recommendation"
    __table_args__ = (UniqueConstraint("tenant_id", "number"), of_report())

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int]
    duty: Mapped[str]
    addressee: Mapped[str]
    state: Mapped[str]
    report_id: Mapped[UUID | None]
    case_id: Mapped[UUID | None]
    made_by: Mapped[UUID]
    made_on: Mapped[date]
    words: Mapped[bytes | None]
    seq: Mapped[int]


class LogEntry(TenantOwned, Base):
    """Something noted under an element of the policy: a duty done, a place checked, a client told, a deviation.

    `day` is the legal day it happened; none while it is only expected. `case_id` is the case whose words were struck,
    `version_id` the policy version for which a place was checked. Once struck, `words` hold the reason only.
    """

    __tablename__ = "log_entry"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    element: Mapped[str]
    kind: Mapped[str]
    day: Mapped[date | None]
    by_id: Mapped[UUID | None]
    case_id: Mapped[UUID | None]
    version_id: Mapped[UUID | None]
    words: Mapped[bytes | None]
    struck_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    seq: Mapped[int]


# A row whose changes stand in the trail, and that may hold sealed words.
Traced = Report | Improvement | Recommendation | LogEntry
