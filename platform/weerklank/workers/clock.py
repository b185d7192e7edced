"""The clock: rings for due jobs, lets due terms act, and keeps the platform's own beats. Many may run at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from operator import itemgetter
from time import monotonic
from uuid import UUID

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from weerklank.assembly import Platform
from weerklank.audit.seals import seal_heads, unsealed_tenants, witness
from weerklank.cases.clocks import claim_terms, due_terms, postpone, remind_or_miss
from weerklank.cases.search.index import ask_to_index
from weerklank.correspondence.digest import ask_for_digests
from weerklank.correspondence.inbound.settings import tenants_with_mailbox
from weerklank.kernel import metrics, outbox, traces
from weerklank.kernel.crash import crash_point
from weerklank.kernel.database import open_session, without_tenant
from weerklank.kernel.health import Progress
from weerklank.kernel.ticks import claim_tick, hold_tick
from weerklank.learning.clock import every_day
from weerklank.tenancy.organisations import all_organisations
from weerklank.workers.doctoring import ask_to_look, ask_to_look_thoroughly, look_after_house
from weerklank.workers.mailboxes import ask_to_read
from weerklank.workers.refreshing import ask_every_day
from weerklank.workers.scanning import ask_to_scan
from weerklank.workers.sweeping import ask_to_sweep, sweep_sign_ups

BATCH = 500
PORTION = 20  # terms that a clock holds at a time: as many as it keeps well within their lease
SECONDS_BETWEEN = 1.0
RING_AGAIN_AFTER = 30.0  # seconds before a job that is still due is rung for again
STUCK_AFTER = 60.0  # seconds for one step of a beat: a case, a tenant, a question to the database
GOING, KEEPING = Progress(STUCK_AFTER), Progress(STUCK_AFTER)  # of what is due, and of the beats beside it
SECONDS_TO_FINISH = 20.0
BEAT_LEASE = timedelta(seconds=60)  # a clock that died leaves its beat no longer than this
HOLD_AFTER = 20.0  # seconds before the lease of a beat is renewed
TRY_AGAIN = timedelta(minutes=10)  # before a beat is repeated of which something failed
log = structlog.get_logger()

Ring = Callable[[UUID, UUID], None]
Among = Callable[[Platform], Sequence[UUID]]
Work = Callable[[Platform, UUID, datetime], None]


@dataclass
class Rung:
    """Which jobs were rung for lately, so that a waiting queue is not filled again each second.

    `heard`: whether the bell took the last of them.
    """

    at: dict[tuple[UUID, UUID], float] = field(default_factory=dict)
    heard: bool = True

    def new_of(self, waiting: Sequence[tuple[UUID, UUID]]) -> list[tuple[UUID, UUID]]:
        """Those that nobody was rung for lately. One that was taken in hand and waits again is new."""
        ago = monotonic() - RING_AGAIN_AFTER
        self.at = {job: self.at[job] for job in waiting if self.at.get(job, ago) > ago}
        return [job for job in waiting if job not in self.at]


def run_clock(platform: Platform, ring: Ring, stop: threading.Event) -> None:
    """Beat once a second until told to stop. What visits many organisations goes beside it: no term waits for that."""
    rung = Rung()
    beside = threading.Thread(target=keep_on, args=(platform, keep_beats, KEEPING, stop), daemon=True)
    beside.start()
    keep_on(platform, lambda platform, now: beat(platform, ring, rung, now), GOING, stop)
    beside.join(SECONDS_TO_FINISH)


def keep_on(
    platform: Platform, work: Callable[[Platform, datetime], None], going: Progress, stop: threading.Event
) -> None:
    """Do this once a second; once that it fails is logged, and the next one comes all the same."""
    while not stop.is_set():
        going.made()
        try:
            with metrics.BEAT_SECONDS.time():
                work(platform, platform.now())
        except Exception as failure:
            log.error("clock_beat_failed", error=type(failure).__name__)
        stop.wait(SECONDS_BETWEEN)


def beat(platform: Platform, ring: Ring, rung: Rung, now: datetime) -> None:
    """Everything that is due at this instant: terms first, since they make jobs."""
    let_terms_act(platform, now)
    ring_for_jobs(platform, ring, rung)


def let_terms_act(platform: Platform, now: datetime) -> None:
    """Remind and escalate whatever is due, each case in a transaction of its own."""
    with open_session(platform.clock) as session:
        due = due_terms(session, now, BATCH)
    for tenant_id, found in groupby(sorted(due), key=itemgetter(0)):
        terms = [(case_id, term) for _, case_id, term in found]
        for first in range(0, len(terms), PORTION):
            let_some_act(platform, tenant_id, terms[first : first + PORTION], now)


def let_some_act(platform: Platform, tenant_id: UUID, terms: Sequence[tuple[UUID, str]], now: datetime) -> None:
    """Those of these terms that no other clock has: a clock that dies leaves them until their lease is over."""
    with platform.tenant(tenant_id) as session:
        ours = claim_terms(session, tenant_id, terms, now)
        session.commit()
    crash_point("clock.claimed")
    for case_id, term in ours:
        GOING.made()
        let_term_act(platform, tenant_id, case_id, term, now)


def let_term_act(platform: Platform, tenant_id: UUID, case_id: UUID, term: str, now: datetime) -> None:
    """One term; a case that breaks is tried again after a while, and set aside after three times."""
    bind_contextvars(tenant=str(tenant_id), case=str(case_id))
    try:
        with traces.span("term", **get_contextvars()), platform.tenant(tenant_id) as session:
            remind_or_miss(session, platform.engine, tenant_id, case_id, term, now)
            crash_point("clock.before_commit")
            session.commit()
        crash_point("clock.acted")
        metrics.TERMS.labels("acted").inc()
    except Exception as failure:
        log.error("term_failed", error=type(failure).__name__)
        with platform.tenant(tenant_id) as session:
            postpone(session, tenant_id, case_id, term)
            session.commit()
        metrics.TERMS.labels("failed").inc()
    finally:
        clear_contextvars()


def ring_for_jobs(platform: Platform, ring: Ring, rung: Rung) -> None:
    """Ring for every job that waits. A bell out of order is left alone until the next beat: workers look as well."""
    with open_session(platform.clock) as session:
        waiting = outbox.due(session, BATCH)
    crash_point("relay.found")
    for job in rung.new_of(waiting):
        try:
            ring(*job)
        except Exception as failure:
            if rung.heard:
                log.error("bell_silent", error=type(failure).__name__)
            rung.heard = False
            metrics.FAILURES.labels("queue").inc()
            return
        rung.at[job] = monotonic()
        crash_point("relay.rung")
        if not rung.heard:
            log.warning("bell_heard_again")
        rung.heard = True


def keep_beats(platform: Platform, now: datetime) -> None:
    """The platform's own repeating work, once for each slot however many clocks run."""
    for name, (slot_of, among, work) in BEATS.items():
        keep_beat(platform, name, slot_of(now), partial(for_each, platform, among, work, now))
    keep_beat(platform, "sign_ups", today(now), lambda slot: sweep_sign_ups(platform))
    keep_beat(platform, "house", this_minute(now), lambda slot: look_after_house(platform, now))


def keep_beat(platform: Platform, name: str, slot_at: date | datetime, work: Callable[[Slot], None]) -> None:
    """Do the work of this slot if nobody else does or did. Who dies over it leaves it to the others."""
    slot = Slot(platform, name, slot_at)
    if slot.is_ours():
        crash_point("clock.tick")
        work(slot)
        slot.end()


@dataclass
class Slot:
    """A slot of a beat, and how far we are with it."""

    platform: Platform
    name: str
    at: date | datetime
    held_at: float = 0.0
    failed: bool = False

    def is_ours(self) -> bool:
        """Whether this clock is the first to come to it, or the first since another broke it off."""
        with open_session(self.platform.database) as session:
            mine = claim_tick(session, self.name, self.at, BEAT_LEASE)
            session.commit()
        metrics.TICKS.labels(self.name).inc(mine)
        self.held_at = monotonic()
        return mine

    def go_on(self) -> None:
        """We are still at it."""
        KEEPING.made()
        if monotonic() - self.held_at > HOLD_AFTER:
            self.hold(BEAT_LEASE)

    def end(self) -> None:
        """It is done; with what failed it is done again after a while, if no later slot comes before that."""
        self.hold(TRY_AGAIN if self.failed else None)

    def hold(self, lease: timedelta | None) -> None:
        with open_session(self.platform.database) as session:
            hold_tick(session, self.name, self.at, lease)
            session.commit()
        self.held_at = monotonic()


def for_each(platform: Platform, among: Among, work: Work, now: datetime, slot: Slot) -> None:
    """Do this for one tenant after another, each in its own scope; one that fails keeps no other from it."""
    for tenant_id in among(platform):
        slot.go_on()
        bind_contextvars(tenant=str(tenant_id), kind=slot.name)
        try:
            work(platform, tenant_id, now)
        except Exception as failure:
            log.error("beat_failed", error=type(failure).__name__)
            slot.failed = True
        finally:
            clear_contextvars()


def everybody(platform: Platform) -> Sequence[UUID]:
    """Every organisation."""
    with open_session(platform.database) as session, without_tenant(session, "a beat visits every organisation"):
        return [tenant.id for tenant in all_organisations(session)]


def with_unsealed(platform: Platform) -> Sequence[UUID]:
    """Where something happened since the last seal."""
    with open_session(platform.clock) as session, without_tenant(session, "in whose chains something is not sealed"):
        return unsealed_tenants(session)


def with_mailbox(platform: Platform) -> Sequence[UUID]:
    """Where a mailbox is read."""
    with open_session(platform.clock) as session, without_tenant(session, "of whom a mailbox is read"):
        return tenants_with_mailbox(session)


def seal(platform: Platform, tenant_id: UUID, now: datetime) -> None:
    """Seal the newest heads of this tenant's chains, and ask for the words of the cases that they are of."""
    with platform.tenant(tenant_id) as session:
        seal_heads(session, platform.engine.audit_key, tenant_id, now)
        ask_to_index(session, tenant_id)
        session.commit()
        witness(session, platform.settings.audit_folder, tenant_id)


def this_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)


def these_ten_minutes(now: datetime) -> datetime:
    return now.replace(minute=now.minute // 10 * 10, second=0, microsecond=0)


def this_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def today(now: datetime) -> date:
    return now.date()


def learn(platform: Platform, tenant_id: UUID, now: datetime) -> None:
    """Open the reports that are due, remind of them, and tell what was not done. Once an hour, each thing once."""
    with platform.tenant(tenant_id) as session:
        every_day(session, platform.engine, tenant_id, now)
        session.commit()


def tell_in_one(platform: Platform, tenant_id: UUID, now: datetime) -> None:
    """Ask for the mails of a day or a week that are due. Once an hour, each mail once a day."""
    with platform.tenant(tenant_id) as session:
        ask_for_digests(session, tenant_id, now)
        session.commit()


BEATS: Mapping[str, tuple[Callable[[datetime], date | datetime], Among, Work]] = {
    "seal": (this_minute, with_unsealed, seal),
    "mail": (this_minute, with_mailbox, ask_to_read),
    "scan": (these_ten_minutes, everybody, ask_to_scan),
    "doctor": (these_ten_minutes, everybody, ask_to_look),
    "words": (this_hour, everybody, seal),  # a seal that was broken off before its words were asked for
    "refresh": (this_hour, everybody, ask_every_day),
    "digest": (this_hour, everybody, tell_in_one),
    "learn": (this_hour, everybody, learn),
    "sweep": (today, everybody, ask_to_sweep),
    "thorough": (today, everybody, ask_to_look_thoroughly),
}
