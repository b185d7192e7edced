"""The office's first page: what needs the admin's attention."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.audit.office import Change
from weerklank.kernel.database import db
from weerklank.policy.reader import read_policy
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
    return render_template("office/overview.html", tenant=organisation(), address=address, **attention())


def attention() -> dict[str, object]:
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
