"""The doctor's rounds: asked for by the clock, done by a free thread; the platform itself is looked at by the clock,
which must see it too when no worker does anything."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from weerklank.assembly import Platform
from weerklank.correspondence.channels.mail import make_mail
from weerklank.doctor.findings import DoctorFinding, keep, kept
from weerklank.doctor.house import HouseFault, look_at_house
from weerklank.doctor.letters import letter_about_house, letter_to_operator, letters_to_administrators
from weerklank.doctor.quick import QUICK, look_quickly
from weerklank.doctor.thorough import THOROUGH, look_thoroughly
from weerklank.kernel import outbox
from weerklank.kernel.database import open_session
from weerklank.kernel.ids import new_id
from weerklank.kernel.outbox import Job
from weerklank.kernel.ticks import claim_tick, hold_tick
from weerklank.tenancy.model import Tenant
from weerklank.workers.sending import hand_over, own_envelope, own_mails, send_each

CHECK_UP, ALARM = "check_up", "doctor_alarm"  # kinds of jobs; the args of the first are {"asked", "thorough"}
FRESH = timedelta(minutes=10)  # a round asked for longer ago is left to the next one
TELL_AGAIN = timedelta(minutes=5)  # when the mail to the operator did not go
log = structlog.get_logger()


def ask_to_look(platform: Platform, tenant_id: UUID, now: datetime) -> None:
    """The beat: the quick round, every ten minutes."""
    _ask(platform, tenant_id, f"check_up:{now:%Y%m%d%H%M}", now, thorough=False)


def ask_to_look_thoroughly(platform: Platform, tenant_id: UUID, now: datetime) -> None:
    """The beat: the long round, every day."""
    _ask(platform, tenant_id, f"check_up:{now:%Y%m%d}", now, thorough=True)


def _ask(platform: Platform, tenant_id: UUID, key: str, now: datetime, *, thorough: bool) -> None:
    with platform.tenant(tenant_id) as session:
        args = {"asked": now.isoformat(), "thorough": thorough}
        outbox.enqueue(session, CHECK_UP, dedupe_key=key, args=args)
        session.commit()


def check_up(platform: Platform, job: Job, now: datetime) -> None:
    """The job: look, keep what was found, and have people told of what is new."""
    thorough = bool(job.args["thorough"])
    if thorough or now - datetime.fromisoformat(job.args["asked"]) <= FRESH:
        examine(platform, job.tenant_id, now, thorough=thorough)
    with platform.tenant(job.tenant_id) as session:
        outbox.done(session, job)
        session.commit()


def examine(platform: Platform, tenant_id: UUID, now: datetime, *, thorough: bool) -> None:
    """Look at an organisation and bring its list of findings up to date."""
    if thorough:
        folder = platform.settings.audit_folder
        found = list(look_thoroughly(platform.database, platform.engine, platform.files, folder, tenant_id, now))
    with platform.tenant(tenant_id) as session:
        if not thorough:
            found = list(look_quickly(session, tenant_id, now))
        new = keep(session, tenant_id, found, THOROUGH if thorough else QUICK, now)
        if any(row.told_at is None for row in kept(session, tenant_id)):
            key = f"doctor:{now:%Y%m%d%H}"
            outbox.enqueue(session, ALARM, dedupe_key=key, args={}, max_attempts=outbox.FIVE_DAYS)
        session.commit()
    for sort in sorted({one.sort for one in new}):
        count = sum(one.sort is sort for one in new)
        log.warning("doctor_found", tenant=str(tenant_id), kind=sort.value, count=count)


def alarm(platform: Platform, job: Job, now: datetime) -> None:
    """The job: tell the administrators, and whoever runs the platform, what is on the list. Once an hour at most."""
    with platform.tenant(job.tenant_id) as session:
        tenant, found = session.get_one(Tenant, job.tenant_id), kept(session, job.tenant_id)
        home, console = f"{platform.settings.base_url}/{tenant.slug}", f"{platform.settings.base_url}/console/health"
        letters = list(letters_to_administrators(session, platform.keyring, tenant, home))
        if found and platform.settings.operator_mail:
            letters.append((platform.settings.operator_mail, letter_to_operator(tenant.id, found, console)))
        name = tenant.name
    send_each(platform, job, own_mails(platform.settings, job, name, letters, now))
    with platform.tenant(job.tenant_id) as session:
        _told(session, job.tenant_id, [(row.sort, row.about) for row in found], now)
        outbox.done(session, job)
        session.commit()


def _told(session: Session, tenant_id: UUID, found: list[tuple[str, str]], now: datetime) -> None:
    for sort, about in found:
        mine = (DoctorFinding.tenant_id == tenant_id, DoctorFinding.sort == sort, DoctorFinding.about == about)
        session.execute(update(DoctorFinding).where(*mine).values(told_at=now))


def look_after_house(platform: Platform, now: datetime) -> None:
    """What the clock sees of the platform each minute; each fault is mailed once a day at most."""
    with open_session(platform.database) as session, open_session(platform.clock) as clock_session:
        faults = list(look_at_house(session, clock_session, platform.settings.var))
        untold = [one for one in faults if claim_tick(session, _alarm(one), now.date(), TELL_AGAIN)]
        session.commit()
    for one in faults:
        log.error("house_fault", kind=one.fault.value, action=one.about)
    if untold and platform.settings.operator_mail:
        _tell_operator(platform, platform.settings.operator_mail, untold, now)
    with open_session(platform.database) as session:
        for one in untold:
            hold_tick(session, _alarm(one), now.date(), None)
        session.commit()


def _alarm(fault: HouseFault) -> str:
    return f"alarm.{fault.fault}.{fault.about}"


def _tell_operator(platform: Platform, to: str, faults: list[HouseFault], now: datetime) -> None:
    settings = platform.settings
    letter = letter_about_house(faults, f"{settings.base_url}/console/health")
    envelope = own_envelope(settings, new_id().hex, "Weerklank", to, now)
    hand_over(settings, make_mail(letter, envelope, settings.base_url))
