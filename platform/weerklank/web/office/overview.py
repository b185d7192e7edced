"""The office's first page: what needs the admin's attention."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.audit.office import Change
from weerklank.identity.people import directory
from weerklank.kernel.database import db
from weerklank.policy.reader import read_policy
from weerklank.tenancy.branding import Branding, read_branding
from weerklank.tenancy.model import State
from weerklank.tenancy.policies import newest, policy_of
from weerklank.web.access import Access, access
from weerklank.web.office import blueprint
from weerklank.web.office.here import day_by, organisation
from weerklank.web.office.trail import note
from weerklank.web.office.trouble import count_all, mailbox_here, vacant_among, version_or_none
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
    session = db.session()
    last = newest(session, g.tenant.id)
    day = day_by(last)
    version, people, mailbox = version_or_none(day), directory(session, g.tenant.id, day), mailbox_here()
    return {
        "version": version,
        "vacant": vacant_among(policy_of(version), people) if version else [],
        "troubles": count_all(mailbox),
        "questions": read_policy(version.text, name="policy.yaml").open if version and version.readings else (),
        "later": last if version and last is not version else None,
        "has_colleagues": len(people.persons) > 1,
        "has_mailbox": mailbox is not None,
    }


def steps_to_live(found: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """What a trial needs before it is live: what it is, where one does it, and whether it is done."""
    written, posts_held = found["version"] is not None, not found["vacant"]
    has_look = "logo" in g.tenant.branding or read_branding(g.tenant.branding) != Branding()
    questions = "#questions-title" if found["questions"] else url_for("office.procedure")
    return [
        (_("Write your procedure down"), url_for("office.write"), written),
        (_("Add who works here"), url_for("office.people"), found["has_colleagues"]),
        (_("Appoint somebody to each post"), url_for("office.people"), written and posts_held),
        (_("Answer what the procedure leaves open"), questions, written and not found["questions"]),
        (_("Let us read your mailbox, if complaints come by mail"), url_for("office.mailbox"), found["has_mailbox"]),
        (_("Give your pages your colours and logo"), url_for("office.look"), has_look),
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
