"""The operator's pages: which organisations there are, and what may go on. No page here leads into a file."""

from flask import Blueprint

blueprint = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")

from weerklank.web.console import doors, gallery, health, organisations  # noqa: E402, F401 - they add their pages to the blueprint
