"""The staff's pages: what there is to do, one case and all that can be done in it, registering, and colleagues."""

from flask import Blueprint

blueprint = Blueprint("desk", __name__, url_prefix="/desk", template_folder="templates")

from weerklank.web.desk import (  # noqa: E402, F401 - they add their pages to the blueprint
    acts,
    archive,
    beside,
    board,
    calendar,
    case,
    dossier,
    export,
    hand_over,
    inbox,
    learning,
    marked,
    measures,
    overview,
    own,
    people,
    prints,
    quality,
    register,
    reports,
    search,
    steps,
    tasks,
    version,
    views,
    worklist,
)
