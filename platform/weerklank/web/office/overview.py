"""The office's first page: what needs the admin's attention."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from weerklank.audit.office import Change
from weerklank.correspondence.inbound.model import Mailbox
from weerklank.identity.model import Person
from weerklank.kernel.database import db
from weerklank.policy.reader import read_policy
from weerklank.tenancy.model import State
from weerklank.tenancy.policies import newest, policy_of
from weerklank.web.access import Access, access
from weerklank.web.office import blueprint
from weerklank.web.office.here import day_by, organisation
from weerklank.web.office.trail import note
from weerklank.web.office.trouble import count_all, vacant_posts, version_or_none
from weerklank.web.parts import parts


@blueprint.get("/")
@access(Access.ADMIN)
def overview() -> str:
    """State, vacant posts, the policy in force and its open questions."""
    address = f"{parts().settings.base_url}/{g.tenant.slug}/"
    tenant, found = organisation(), attention()
    steps = steps_to_live(found) if tenant.state in (State.PENDING, State.TRIAL) else []
    return render_template("office/overview.html", tenant=tenant, address=address, steps=steps, **found)


def attention() -> dict[str, Any]:
    """What somebody must see to; nothing of it while there is no policy yet."""
    last = newest(db.session(), g.tenant.id)
    day = day_by(last)
    version = version_or_none(day)
    vacant = vacant_posts(policy_of(version) if version else None, day)
    if version is None:
        return {"version": None, "vacant": [], "questions": (), "later": None, "troubles": count_all()}
    return {
        "version": version,
        "vacant": vacant,
        "troubles": count_all(),
        "questions": read_policy(version.text, name="policy.yaml").open if version.readings else (),
        "later": last if last is not version else None,
    }


def steps_to_live(found: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """What a trial needs before it is live: what it is, where one does it, and whether it is done."""
    session, written = db.session(), found["version"] is not None
    colleagues = session.scalars(select(Person.id).where(Person.active_to.is_(None)).limit(2)).all()
    mailbox = session.get(Mailbox, g.tenant.id)
    return [
        (_("Write your procedure down"), url_for("office.write"), written),
        (_("Add who works here"), url_for("office.people"), len(colleagues) > 1),
        (_("Appoint somebody to each post"), url_for("office.people"), written and not found["vacant"]),
        (_("Answer what the procedure leaves open"), "#questions-title" if found["questions"] else url_for("office.procedure"), written and not found["questions"]),
        (_("Let us read your mailbox, if complaints come by mail"), url_for("office.mailbox"), bool(mailbox)),
        (_("Give your pages your colours and logo"), url_for("office.look"), bool(g.tenant.branding)),
    ]


@blueprint.post("/second-factor")
@access(Access.ADMIN)
def demand_second_factor() -> AnyResponse:
    """Whether admins must log in with an authenticator app too."""
    tenant = organisation()
    demanded = request.form.get("demand") == "yes"
    tenant.settings = {**tenant.settings, "admin_second_factor": demanded}
    note(Change.APP_DEMANDED if demanded else Change.APP_NOT_DEMANDED)
    db.session.commit()
    flash(_("Saved."))
    return redirect(url_for("office.overview"))
