"""A form that comes twice, by two presses or a line that broke, is done once; the second time is told so.

Each page gives its forms a mark of their own. The same words from the same page are the same form; changed words, or
the page loaded anew, are another. What has a guard of its own (`dedupe`), and downloads, have no mark.
"""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from flask import Flask, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases.walls import reader, visible
from weerklank.kernel.database import db
from weerklank.kernel.ids import new_id
from weerklank.kernel.once import is_first
from weerklank.web import texts
from weerklank.web.access import Access, declared
from weerklank.web.errors import page_before
from weerklank.web.parts import now, parts

FIELD = "once"
GUARDED = (Access.STAFF, Access.ADMIN, Access.COMPLAINANT)
HOMES = {"desk": "desk.worklist", "office": "office.overview", "login": "login.account"}


def init_app(app: Flask) -> None:
    app.jinja_env.globals["once"] = lambda: str(new_id())
    app.before_request(do_once)


def do_once() -> AnyResponse | None:
    """Before a view that writes: whoever sent the same before goes on to what came of it."""
    if request.method != "POST" or not is_guarded() or not request.form.get(FIELD):
        return None
    if is_first(db.session(), mark()):
        return None
    db.session.rollback()
    flash(_("You sent this twice. It was done once."))
    return redirect(afterwards())


def is_guarded() -> bool:
    return declared(current_app.view_functions.get(request.endpoint or "")) in GUARDED


def mark() -> UUID:
    """Of all that was sent, by whom and to where."""
    who = g.case_id if "case_id" in g else g.person.id
    typed = sorted(pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token")
    files = [(name, one.filename, digest_of(one.stream.read())) for name, one in request.files.items(multi=True)]
    for one in request.files.values():
        one.stream.seek(0)
    said = repr((str(who), request.path, typed, files)).encode()
    return UUID(bytes=hmac.new(parts().settings.secret_key, said, hashlib.sha256).digest()[:16])


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def afterwards() -> str:
    """Where one sees what came of it."""
    given = request.view_args or {}
    if "case_id" in g:
        return url_for("portal.copy" if request.endpoint == "portal.make_copy" else "portal.receipt")
    if "report_id" in given:
        return url_for("desk.report", report_id=given["report_id"])
    if "case_id" in given and may_see(given["case_id"]):
        return url_for("desk.case", case_id=given["case_id"])
    return ("" if "case_id" in given else page_before()) or url_for(HOMES[request.blueprint or "desk"])


def may_see(case_id: UUID) -> bool:
    looks = reader(db.session(), g.tenant.id, g.person.id, now().astimezone(texts.zone()).date())
    return case_id in visible(db.session(), g.tenant.id, looks, [case_id])
