"""Who may ask for a page. Every view says so; one that does not stops the application from starting.

    @blueprint.get("/cases")
    @access(Access.STAFF)
    def worklist(): ...

The gate runs before every view: it refuses the platform's pages below an organisation and the other way round,
opens the organisation's scope on the session, and finds out who is asking: `g.person` and `g.staff_session`,
`g.operator` and `g.operator_session`, or `g.case_id` for a complainant.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from structlog.contextvars import bind_contextvars
from werkzeug.wrappers import Response as AnyResponse

from weerklank.identity.login import needs_second_factor, session_of
from weerklank.identity.operators import operator_session_of
from weerklank.kernel.database import db, tenant_scope, without_tenant
from weerklank.web import cookies, tenants
from weerklank.web.parts import now

View = TypeVar("View", bound=Callable[..., Any])

STAFF_COOKIE = "staff"
OPERATOR_COOKIE = "operator"
CASE_COOKIE = "case"

# Where somebody who is not logged in is sent. The page gets `next`, a path within the same address.
STAFF_LOGIN = "login.log_in_page"
OPERATOR_LOGIN = "console.log_in"
CODE_PAGE = "portal.status"


class Access(Enum):
    """Who may ask."""

    ANYWHERE = "everybody, with an organisation or without"
    PLATFORM = "everybody, on the platform's own pages"
    PUBLIC = "everybody, on an organisation's pages"
    COMPLAINANT = "who gave a complaint's secret code"
    STAFF = "who is logged in at the organisation"
    ADMIN = "who is logged in and manages the organisation's settings"
    OPERATOR = "who runs the platform"


WITHOUT_TENANT = (Access.PLATFORM, Access.OPERATOR)
PERSONAL = (Access.COMPLAINANT, Access.STAFF, Access.ADMIN, Access.OPERATOR)


def access(kind: Access, *, personal: bool | None = None) -> Callable[[View], View]:
    """Declare who may ask for a view; stands directly above it, below the route.

    `personal` says that its pages hold something of somebody and are kept by no browser; those of who is logged in do.
    """

    def declare(view: View) -> View:
        view.access = kind  # type: ignore[attr-defined]  # a function takes attributes; its type does not say so
        view.personal = kind in PERSONAL if personal is None else personal  # type: ignore[attr-defined]  # as above
        return view

    return declare


def declared(view: object) -> Access | None:
    """Who may ask for this view; None when nobody said."""
    return getattr(view, "access", None)


def require_declarations(app: Flask) -> None:
    """Refuse to start with a route that nobody thought about."""
    forgotten = sorted(name for name, view in app.view_functions.items() if declared(view) is None)
    if forgotten:
        raise RuntimeError(f"these views declare no access: {', '.join(forgotten)}")


def gate() -> AnyResponse | None:
    """Before every view: let through, turn away (404 where the page does not exist for who asks), or ask to log in."""
    view = current_app.view_functions.get(request.endpoint or "")
    kind = declared(view)
    if kind is None:
        return None  # no such page, or not by this method: the router says so
    check_place(kind)
    open_scope(kind)
    return GUARDS[kind]() if kind in GUARDS else None


def check_place(kind: Access) -> None:
    if request.environ.get(tenants.UNKNOWN_HOST) and request.endpoint not in ("shared.static", "shared.style"):
        abort(404)
    if kind is not Access.ANYWHERE and (g.tenant is None) != (kind in WITHOUT_TENANT):
        abort(404)


def open_scope(kind: Access) -> None:
    """Until the request ends the session works for this organisation, or only for the platform's own tables."""
    scope: AbstractContextManager[None] | None = None
    if g.tenant is not None:
        scope = tenant_scope(db.session(), g.tenant.id)
    elif kind is Access.OPERATOR:
        scope = without_tenant(db.session(), "an operator works with the platform's own tables")
    if scope is not None:
        scope.__enter__()
        g.scope = scope


def close_scope(error: BaseException | None = None) -> None:
    """After every request. Before the session is removed, which undoes what was not committed."""
    scope: AbstractContextManager[None] | None = g.pop("scope", None)
    if scope is not None:
        scope.__exit__(None, None, None)


def guard_staff() -> AnyResponse | None:
    if not g.tenant.lets_staff_in:
        abort(403)
    found = session_of(db.session(), cookies.read_cookie(STAFF_COOKIE), now())
    if found is None:
        return ask_to_log_in(STAFF_LOGIN)
    g.staff_session, g.person, g.manages = found
    keep_seen()
    return None


def guard_admin() -> AnyResponse | None:
    turned_away = guard_staff()
    if turned_away is None:
        if not g.manages:
            abort(403)
        g.second_factor_due = needs_second_factor(db.session(), g.tenant, g.staff_session)
    return turned_away


def guard_operator() -> AnyResponse | None:
    found = operator_session_of(db.session(), cookies.read_cookie(OPERATOR_COOKIE), now())
    if found is None:
        return ask_to_log_in(OPERATOR_LOGIN)
    g.operator_session, g.operator = found
    keep_seen()
    return None


def guard_complainant() -> AnyResponse | None:
    from weerklank.web.portal.sessions import case_of  # the portal is built on this module

    g.case_id = case_of(db.session(), cookies.read_cookie(CASE_COOKIE), now())
    keep_seen()
    if g.case_id is None:
        return ask_to_log_in(CODE_PAGE)
    bind_contextvars(case=str(g.case_id))
    return None


def keep_seen() -> None:
    """Keep that somebody was here, now and then: it is what ends a forgotten session."""
    if db.session.dirty:
        db.session.commit()


def ask_to_log_in(endpoint: str) -> AnyResponse:
    """To the page where one logs in. Who was sending something keeps it on a page that leads there and back."""
    if request.method not in ("GET", "HEAD"):
        g.log_in_at = url_for(endpoint)
        abort(401)
    asked = request.full_path.rstrip("?") if request.query_string else request.path
    return redirect(url_for(endpoint, next=asked))


def safe_next(default: str) -> str:
    """Where to go after logging in: the page that was asked for if it is one here, else `default`."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    odd = parts.scheme or parts.netloc or not wanted.startswith("/") or wanted.startswith(("//", "/\\"))
    return default if odd or not wanted.isprintable() else f"{request.script_root}{wanted}"


GUARDS: dict[Access, Callable[[], AnyResponse | None]] = {
    Access.STAFF: guard_staff,
    Access.ADMIN: guard_admin,
    Access.OPERATOR: guard_operator,
    Access.COMPLAINANT: guard_complainant,
}

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
}
TRANSPORT = "max-age=31536000; includeSubDomains"


def protect(response: Response) -> Response:
    """After every request: what a browser may do with the answer, and whether it may keep it."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if cookies.is_secure():
        response.headers["Strict-Transport-Security"] = TRANSPORT
    if "Cache-Control" not in response.headers:
        view = current_app.view_functions.get(request.endpoint or "")
        response.headers["Cache-Control"] = "no-store" if getattr(view, "personal", True) else "private, no-cache"
    return response
