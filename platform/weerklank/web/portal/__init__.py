"""The complainant's pages: the procedure, the form, and where a complaint stands."""

from flask import Blueprint

blueprint = Blueprint("portal", __name__, template_folder="templates")

from weerklank.web.portal import (  # noqa: E402, F401 - they add their pages to the blueprint
    acting,
    complain,
    copy,
    landing,
    later,
    letters,
    lost,
    published,
    sending,
    statements,
    status,
)
