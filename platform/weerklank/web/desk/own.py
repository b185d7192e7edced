"""The complaints that concern whoever is logged in himself: his own list, beside the cases that he handles."""

from __future__ import annotations

from flask import g, render_template

from weerklank.cases.own import OwnCase, own_cases
from weerklank.kernel.database import db
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import policy_today, today


@blueprint.get("/about-me")
@access(Access.STAFF)
def own() -> str:
    """The cases that he is part of, with what is asked of him."""
    policy_today()
    found = concerning_me()
    return render_template("desk/own.html", cases=found, today=today())


@blueprint.app_template_global()
def concerning_me() -> tuple[OwnCase, ...]:
    """Asked only where a page shows it."""
    return own_cases(db.session(), g.tenant.id, g.person.id)
