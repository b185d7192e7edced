"""The complainant's own copy of the file: what he could read here, with every letter and the files he sent."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from weerklank.cases.act import Refused, open_case
from weerklank.documents.dossier import asking
from weerklank.documents.model import DossierState
from weerklank.kernel.database import db
from weerklank.kernel.errors import Conflict
from weerklank.policy.events import COMPLAINANT
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.downloads import attachment
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts
from weerklank.web.portal import blueprint

MOST_COPIES = 5


@blueprint.get("/status/copy")
@access(Access.COMPLAINANT)
def copy() -> str:
    """What was made before, and the button to have one made."""
    made = asking.asked(db.session(), parts().keyring, g.tenant.id, g.case_id, None)
    waiting = any(one.state is DossierState.WAITING for one in made)
    return render_template("portal/copy.html", made=made, waiting=waiting, more=len(made) < MOST_COPIES)


@blueprint.post("/status/copy")
@limiter.limit(FORM)
@access(Access.COMPLAINANT)
def make_copy() -> Response:
    """A worker makes it."""
    made = asking.asked(db.session(), parts().keyring, g.tenant.id, g.case_id, None)
    try:
        if len(made) < MOST_COPIES:
            asking.ask_for_own(
                db.session(), parts().engine, g.tenant.id, g.case_id, texts.language(), COMPLAINANT, now()
            )
            db.session.commit()
            flash(_("Your copy is being made. This takes a moment, longer with many files."), "good")
    except (Refused, Conflict):
        db.session.rollback()
        flash(_("This did not work now. Try it again."), "warn")
    return make_response(redirect(url_for("portal.copy")))


@blueprint.get("/status/copy/<uuid:dossier_id>/<any('zip', 'pdf'):kind>")
@access(Access.COMPLAINANT)
def save_copy(dossier_id: UUID, kind: str) -> Response:
    """To be saved by the complainant."""
    media_type = asking.ZIP if kind == "zip" else asking.PDF
    reference = open_case(db.session(), g.tenant.id, g.case_id, now()).file.reference or ""
    found = asking.read(
        db.session(), parts().keyring, parts().files, g.tenant.id, g.case_id, dossier_id, None, media_type, reference
    )
    return attachment(found.name, found.media_type, found.data)
