"""The board: open cases by the phases of the procedure, those with the nearest day first."""

from __future__ import annotations

from flask import g, render_template

from weerklank.cases.agenda import board as columns_of
from weerklank.identity.people import names
from weerklank.kernel.database import db
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import phase_name, today
from weerklank.web.desk.worklist import me, number
from weerklank.web.parts import parts


@blueprint.get("/board")
@access(Access.STAFF)
def board() -> str:
    """A column for each phase."""
    mine, policy = me()
    columns = columns_of(db.session(), parts().engine, g.tenant.id, mine, policy)
    people = {person for column in columns for card in column.cards for person in card.handlers}
    return render_template(
        "desk/board.html",
        columns=[(column, phase_name(column.phase.value), number(column.count)) for column in columns],
        names=names(db.session(), parts().keyring, g.tenant.id, people),
        sees_all=mine.sees_all,
        today=today(),
    )
