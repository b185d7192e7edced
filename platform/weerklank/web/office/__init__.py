"""The admin's pages of an organisation: people, posts and absence; the procedure; the look."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

blueprint = Blueprint("office", __name__, url_prefix="/office", template_folder="templates")


@blueprint.before_request
def second_factor_first() -> Response | None:
    """Where the organisation demands a second factor of its admins, nothing here opens before it is set up."""
    if g.get("second_factor_due"):
        flash(_("Your organisation asks administrators to log in with an app too. Set it up first."), "warn")
        return redirect(url_for("login.account"))
    return None


from weerklank.web.office import (  # noqa: E402, F401 - they add their pages
    hosts,
    look,
    mailbox,
    overview,
    people,
    procedure,
    relatives,
    statements,
    trail,
    trouble,
)
