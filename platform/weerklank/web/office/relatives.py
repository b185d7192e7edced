"""Who is family of whom among those who work here: what concerns one may concern the other."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.audit.office import Change
from weerklank.cases.refresh import ask_for_refresh
from weerklank.identity import people as rules
from weerklank.kernel.database import db
from weerklank.web.access import Access, access
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.office import blueprint
from weerklank.web.office.people import done, others
from weerklank.web.office.trail import note


@blueprint.post("/people/<uuid:person_id>/relatives")
@limiter.limit(FORM)
@access(Access.ADMIN)
def declare_relative(person_id: UUID) -> AnyResponse:
    """Two people who work here are family or partners."""
    found = rules.find_person(db.session(), person_id)
    relative = Form(request.form).id("relative", [each for each, _name in others(found)])
    if relative is None:
        flash(_("Choose who it is."), "bad")
        return redirect(url_for("office.person", person_id=person_id))
    rules.declare_relative(db.session(), found, relative)
    note(Change.RELATED, found.id, other=relative)
    ask_for_refresh(db.session())
    db.session.commit()
    return done(person_id, _("Recorded."))


@blueprint.post("/people/<uuid:person_id>/relatives/<uuid:relative_id>/end")
@access(Access.ADMIN)
def end_relative(person_id: UUID, relative_id: UUID) -> AnyResponse:
    """They are related no more, or never were."""
    rules.end_relative(db.session(), rules.find_person(db.session(), person_id), relative_id)
    note(Change.UNRELATED, person_id, other=relative_id)
    ask_for_refresh(db.session())
    db.session.commit()
    return done(person_id, _("Recorded."))
