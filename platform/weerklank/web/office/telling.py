"""Telling others what an administrator did for himself."""

from __future__ import annotations

from flask import g
from sqlalchemy import select

from weerklank.cases.walls import posts_that_see_all
from weerklank.correspondence.office import tell
from weerklank.identity.model import Admin, Person
from weerklank.identity.people import directory
from weerklank.kernel.database import db
from weerklank.policy.model import Policy
from weerklank.web.office.here import today


def tell_of_own_post(policy: Policy, change: int, person: Person, post: str) -> None:
    """Who gives himself sight of every case: the other administrators are told, and who holds such a post already."""
    if person.id != g.person.id or post not in posts_that_see_all(policy):
        return
    people = set(db.session().scalars(select(Admin.person_id).where(Admin.ended_at.is_(None))))
    held = directory(db.session(), g.tenant.id, today()).posts
    people |= {holder for name in posts_that_see_all(policy) for holder in held.get(name, ())}
    tell(db.session(), change, people - {person.id})
