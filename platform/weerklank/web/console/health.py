"""How the platform does: numbers for each organisation, and the beats of the clock. No name of anybody, no case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import abort, render_template, request
from flask_babel import format_timedelta

from weerklank.audit.seals import last_sealed
from weerklank.cases.clocks import set_aside
from weerklank.kernel.database import db, open_session, tenant_scope
from weerklank.kernel.outbox import COUNT_TO, Backlog, backlog
from weerklank.kernel.ticks import beats
from weerklank.tenancy.model import Tenant
from weerklank.tenancy.organisations import all_organisations
from weerklank.web.access import Access, access
from weerklank.web.console import blueprint

PAGE = 100
LATE = timedelta(minutes=5)  # a job that waits longer than this, or a seal that was missed so long, deserves a look


@dataclass(frozen=True)
class Health:
    """One organisation in numbers. `sealed` is the moment of its newest seal, if it has one."""

    tenant: Tenant
    jobs: Backlog
    aside: int
    sealed: datetime | None

    @property
    def is_late(self) -> bool:
        """Whether its oldest job waits too long."""
        return self.jobs.overdue is not None and self.jobs.overdue > LATE


@blueprint.get("/health")
@access(Access.OPERATOR)
def health() -> str:
    """A page of organisations, each looked at in its own scope, and the platform's beats."""
    everybody = all_organisations(db.session())
    page = request.args.get("page", 1, type=int)
    if not 1 <= page <= max(1, -(-len(everybody) // PAGE)):
        abort(404)
    before = (page - 1) * PAGE
    return render_template(
        "console/health.html",
        rows=[health_of(tenant) for tenant in everybody[before : before + PAGE]],
        beats=beats(db.session()),
        late=LATE,
        ago=ago,
        count=count,
        page=page,
        total=len(everybody),
        before=before,
    )


def health_of(tenant: Tenant) -> Health:
    """What an organisation's own rows say, counted in its scope."""
    with open_session(db.engine) as session, tenant_scope(session, tenant.id):
        aside = len(set_aside(session, tenant.id))
        return Health(tenant, backlog(session), aside, last_sealed(session, tenant.id))


def ago(length: timedelta) -> str:
    """`5 minutes`, `2 days`."""
    return str(format_timedelta(length))


def count(number: int) -> str:
    """A number that was counted to a limit."""
    return f"{number}+" if number >= COUNT_TO else str(number)
