"""How staff get in: logging in and out, one-time links, one's own password and second factor; and signing up."""

from flask import Blueprint

blueprint = Blueprint("login", __name__, template_folder="templates")

from weerklank.web.login import account, doors, sign_up  # noqa: E402, F401 - they add their pages to the blueprint
