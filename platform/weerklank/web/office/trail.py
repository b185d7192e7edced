"""What administrators changed: written down with the change itself, and shown with the names of today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import g, render_template, request
from flask_babel import LazyString, lazy_gettext

from weerklank.audit import office
from weerklank.audit.office import PAGE, Change, Noted
from weerklank.identity.people import names
from weerklank.kernel.database import db
from weerklank.kernel.errors import NotFound
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.office import blueprint
from weerklank.web.office.here import policy_now, post_labels, today
from weerklank.web.parts import now, parts

WORDS: Mapping[Change, LazyString] = {
    Change.PERSON_ADDED: lazy_gettext("%(person)s was added"),
    Change.PERSON_CHANGED: lazy_gettext("Particulars of %(person)s: %(fields)s"),
    Change.APPOINTED: lazy_gettext("%(person)s holds the post %(post)s from %(day)s"),
    Change.POST_ENDED: lazy_gettext("%(person)s holds the post %(post)s until %(day)s"),
    Change.AWAY: lazy_gettext("%(person)s is away from %(day)s until %(until)s"),
    Change.BACK: lazy_gettext("%(person)s is back from %(day)s"),
    Change.RELATED: lazy_gettext("%(person)s and %(other)s are family or partners"),
    Change.UNRELATED: lazy_gettext("%(person)s and %(other)s are no family or partners"),
    Change.INVITED: lazy_gettext("%(person)s was invited"),
    Change.ADMIN_MADE: lazy_gettext("%(person)s became administrator"),
    Change.ADMIN_ENDED: lazy_gettext("%(person)s is no longer administrator"),
    Change.APP_FORGOTTEN: lazy_gettext("The authenticator app of %(person)s was removed"),
    Change.LEFT: lazy_gettext("%(person)s no longer works here"),
    Change.CAME_BACK: lazy_gettext("%(person)s works here again"),
    Change.PUBLISHED: lazy_gettext("Version %(number)s of the procedure was published, from %(day)s"),
    Change.COLOURS: lazy_gettext("Other colours"),
    Change.LOGO: lazy_gettext("Another logo"),
    Change.STATEMENT: lazy_gettext("Another text on the page “%(page)s”: version %(number)s"),
    Change.HOST_ASKED: lazy_gettext("The address %(host)s was asked for"),
    Change.HOST_LEFT: lazy_gettext("The address %(host)s was given up"),
    Change.APP_DEMANDED: lazy_gettext("An authenticator app is demanded of administrators"),
    Change.APP_NOT_DEMANDED: lazy_gettext("No authenticator app is demanded of administrators any more"),
    Change.MAILBOX: lazy_gettext("The mailbox that is read was set"),
    Change.MAILBOX_OFF: lazy_gettext("The mailbox is read no more"),
    Change.EXPORT_ASKED: lazy_gettext("An export of the whole organisation was asked for"),
    Change.EXPORT_AGREED: lazy_gettext("Agreed to the export of the whole organisation"),
    Change.EXPORT_STOPPED: lazy_gettext("The export of the whole organisation was stopped"),
    Change.EXPORT_TAKEN: lazy_gettext("The export of the whole organisation was saved"),
    Change.EXPORTED: lazy_gettext("Whoever runs the platform made an export of the whole organisation"),
}
FIELDS: Mapping[str, LazyString] = {
    "name": lazy_gettext("name"),
    "email": lazy_gettext("e-mail address"),
    "phone": lazy_gettext("work telephone"),
    "manager": lazy_gettext("manager"),
    "coordinator": lazy_gettext("coordinator"),
    "team": lazy_gettext("team"),
    "external": lazy_gettext("from outside or employed"),
    "locale": lazy_gettext("language"),
}

STATEMENTS: Mapping[str, LazyString] = {
    "privacy": lazy_gettext("Your complaint and your privacy"),
    "accessibility": lazy_gettext("Can everybody use these pages?"),
    "terms": lazy_gettext("Rules of these pages"),
}


def note(change: Change, about: UUID | None = None, **details: Any) -> int:
    """Write down what whoever is logged in changes, in the same transaction; its number."""
    engine = parts().engine
    return office.note(
        db.session(), engine.keyring, engine.audit_key, g.tenant.id, g.person.id, change, now(), about, **details
    )


@dataclass(frozen=True)
class Told:
    """A change in words: when, by whom, what."""

    at: datetime
    by: str
    what: str


@blueprint.get("/trail")
@access(Access.ADMIN)
def trail() -> str:
    """What was changed, newest first, a page at a time."""
    today()
    asked = request.args.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else None
    found = office.changes(db.session(), g.tenant.id, before)
    after = found[-1].seq if len(found) == PAGE and found[-1].seq > 1 else None
    return render_template("office/trail.html", told=list(tell(found)), after=after, first=before is None)


def tell(found: Sequence[Noted]) -> Iterator[Told]:
    others = [UUID(one.details["other"]) for one in found if "other" in one.details]
    concerned = {each for one in found for each in (one.by, one.about) if each} | set(others)
    called = names(db.session(), parts().keyring, g.tenant.id, concerned)
    try:
        posts = dict(post_labels(policy_now()))
    except NotFound:
        posts = {}
    for one in found:
        values = {"person": called.get(one.about, "") if one.about else "", **in_words(one.details, called, posts)}
        yield Told(one.at, called.get(one.by, "") if one.by else "", str(WORDS[one.change]) % values)


def in_words(details: Mapping[str, Any], called: Mapping[UUID, str], posts: Mapping[str, str]) -> dict[str, str]:
    """What is known of a change as people say it."""
    told = {name: str(value) for name, value in details.items()}
    for name in ("day", "until"):
        if name in details:
            told[name] = texts.day(date.fromisoformat(details[name])) if details[name] else "…"
    if "page" in details:
        told["page"] = str(STATEMENTS[details["page"]])
    if "post" in details:
        told["post"] = posts.get(details["post"], details["post"])
    if "fields" in details:
        told["fields"] = ", ".join(str(FIELDS[name]) for name in details["fields"])
    if "other" in details:
        told["other"] = called.get(UUID(details["other"]), "")
    return told
