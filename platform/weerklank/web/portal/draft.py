"""The form that this browser is filling in."""

from __future__ import annotations

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.correspondence import drafts
from weerklank.correspondence.drafts import Draft
from weerklank.kernel.database import db
from weerklank.web import cookies
from weerklank.web.parts import now, parts
from weerklank.web.portal.questions import PAGES

DRAFT_COOKIE = "draft"


def find_draft(*, lock: bool = False) -> Draft | None:
    """What this browser has begun, if it is still there."""
    secret = cookies.read_cookie(DRAFT_COOKIE)
    return drafts.find(db.session(), parts().keyring, g.tenant.id, secret, now(), lock=lock)


def staged(draft: Draft) -> list[drafts.Staged]:
    """The files that go along."""
    return drafts.staged(db.session(), parts().keyring, g.tenant.id, draft)


def start_again() -> AnyResponse:
    """What was begun is gone: sent, too old, taken on by another device, or the browser keeps nothing."""
    flash(_("We no longer have what you began here. Did you save it? Then go on with your code."), "warn")
    return redirect(url_for("portal.fill_in", page=PAGES[0]))
