"""A copy of the database for whoever reads all there is, such as an export. It follows the database, a little later.

How far behind it is, it says itself: the clock claims a tick every minute, and the newest one that has come over is
as old as the copy at most. One that says nothing, or lags too far, is not asked; the database is, as without a copy.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

LONGEST_LAG = timedelta(minutes=3)  # a tick a minute, and some patience with the clock
NEWEST = text("SELECT now() - max(claimed_at) FROM tick")


def lag(copy: Engine) -> timedelta | None:
    """How far the copy may be behind; None when it does not answer, or no clock has ever run."""
    try:
        with copy.connect() as connection:
            found: timedelta | None = connection.scalar(NEWEST)
            return found
    except SQLAlchemyError:
        return None


def keeps_up(copy: Engine) -> bool:
    """Whether the copy is there and near enough to be shown."""
    behind = lag(copy)
    return behind is not None and behind <= LONGEST_LAG


def for_reading(copy: Engine | None, database: Engine) -> Engine:
    """The copy while there is one that keeps up, else the database; every transaction of it refuses to write."""
    chosen = copy if copy is not None and keeps_up(copy) else database
    return chosen.execution_options(postgresql_readonly=True)
