"""What the organisation published: a list, and a page for each."""

from __future__ import annotations

from uuid import UUID

from flask import abort, g, render_template

from weerklank.cases import publishing
from weerklank.kernel.database import db
from weerklank.kernel.errors import NotFound
from weerklank.web.access import Access, access
from weerklank.web.portal import blueprint
from weerklank.web.portal.landing import policy_today


@blueprint.get("/published")
@access(Access.PUBLIC)
def published() -> str:
    """Everything, newest first; it is linked to where the procedure publishes something."""
    policy_today()
    items = publishing.published(db.session(), g.tenant.id)
    return render_template("portal/published.html", items=items)


@blueprint.get("/published/<uuid:item_id>")
@access(Access.PUBLIC)
def published_item(item_id: UUID) -> str:
    """One of them."""
    policy_today()
    try:
        item = publishing.published_one(db.session(), g.tenant.id, item_id)
    except NotFound:
        abort(404)
    return render_template("portal/published_item.html", item=item)
