"""How it goes with all complaints together: for whoever the procedure gives its reports to."""

from __future__ import annotations

from flask import abort, g, render_template
from flask_babel import gettext as _

from weerklank.learning.labels import code_title, word
from weerklank.learning.overview import Quarter, may_oversee, overview
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import phase_name
from weerklank.web.desk.learning import here, here_to_read, titles


@blueprint.get("/overview")
@access(Access.STAFF)
def oversee() -> str:
    """Numbers of what is open, what is late, and the last two years by quarter; 404 for whom no report is for."""
    if not may_oversee(here(), g.person.id):
        abort(404)
    place = here_to_read()
    policy, language = place.world.policy, texts.language()
    return render_template(
        "desk/overview.html",
        found=overview(place, g.person.id),
        phase_name=phase_name,
        quarter=quarter,
        rating_word=lambda code: word(code, language),
        value=lambda fact, code: code_title(policy, fact, code, language),
        **titles(place),
    )


def quarter(one: Quarter) -> str:
    """What people call a quarter of a year."""
    return str(_("%(year)s, quarter %(number)s", year=one.period.first.year, number=one.period.first.month // 3 + 1))
