"""Whose page is asked: a host name or the first part of the path becomes an organisation, or nothing does.

Outermost but for the proxy's headers: what follows sees a plain path below SCRIPT_NAME and need not know which of
the two named the organisation. The platform's own pages are those without one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Flask, g, request

from weerklank.kernel.database import db
from weerklank.kernel.errors import NotFound
from weerklank.kernel.settings import Settings
from weerklank.tenancy.model import Tenant
from weerklank.tenancy.organisations import find_by_host, find_by_slug

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEY = "weerklank.tenant"
TROUBLE = "weerklank.trouble"  # an exception, raised again where it can be shown
UNKNOWN_HOST = "weerklank.unknown_host"
NOWHERE = "unknown.invalid"

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
PROBES = ("/healthz", "/readyz")  # asked by machines, by whatever name they know this one

REMEMBERED_SECONDS = 5.0
MOST_REMEMBERED = 4096


class TenantMiddleware:
    """Puts the organisation of a request into its environment, or None.

    `reserved` are the first parts of paths that belong to the platform and can be nobody's short name.
    """

    def __init__(self, app: Flask, inner: WSGIApplication, settings: Settings, reserved: Iterable[str]) -> None:
        self.inner = inner
        self.platform_hosts = platform_hosts(settings)
        self.reserved = frozenset(reserved)
        self.find = Remembering(Finder(app), 0.0 if settings.environment == "test" else REMEMBERED_SECONDS)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[KEY] = None
        if environ["PATH_INFO"] not in PROBES:
            try:
                self.place(environ)
            except Exception as trouble:  # the database is away, say: shown by the application, not by the server
                environ[TROUBLE] = trouble
            if environ[KEY] is not None and not environ["PATH_INFO"]:
                return redirect_to_folder(environ, start_response)
        return self.inner(environ, start_response)

    def place(self, environ: WSGIEnvironment) -> None:
        host = host_of(environ)
        if host in self.platform_hosts:
            self.place_by_path(environ)
            return
        label, _, rest = host.partition(".")
        if rest in self.platform_hosts and label not in self.reserved:
            environ[KEY] = self.find("slug", label)
        elif host:
            environ[KEY] = self.find("host", host)
        if environ[KEY] is None:
            environ[UNKNOWN_HOST] = True
            environ["HTTP_HOST"] = NOWHERE  # what was asked for may be anything, and goes no further

    def place_by_path(self, environ: WSGIEnvironment) -> None:
        first, slash, rest = environ["PATH_INFO"].lstrip("/").partition("/")
        if first in self.reserved or not SLUG.fullmatch(first):
            return
        environ[KEY] = self.find("slug", first)
        if environ[KEY] is not None:
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{first}"
            environ["PATH_INFO"] = f"{slash}{rest}"


def platform_hosts(settings: Settings) -> frozenset[str]:
    """The names under which the platform itself answers, without ports."""
    own = {bare_host(settings.base_url.split("://", 1)[1]), *(bare_host(name) for name in settings.hosts)}
    return frozenset(own if settings.environment == "production" else {*own, *LOCAL_HOSTS}) - {""}


def host_of(environ: WSGIEnvironment) -> str:
    """The name that was asked for, without port; empty when it can be none."""
    return bare_host(environ.get("HTTP_HOST") or environ.get("SERVER_NAME", ""))


def bare_host(given: str) -> str:
    host = given.lower().split("/", 1)[0]
    name = re.sub(r":\d{1,5}$", "", host).rstrip(".")
    return name if HOST.fullmatch(name) or name in LOCAL_HOSTS else ""


def redirect_to_folder(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """`/name` becomes `/name/`, below which its cookies live."""
    query = environ.get("QUERY_STRING", "")
    target = quote(environ["SCRIPT_NAME"]) + "/" + (f"?{query}" if query else "")
    start_response("308 Permanent Redirect", [("Location", target), ("Content-Length", "0")])
    return []


class Finder:
    """Reads an organisation from the database, by its short name or by a verified host name of its own."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def __call__(self, kind: str, name: str) -> Tenant | None:
        """The organisation, detached from any session, so that it can be kept."""
        with self.app.app_context():
            tenant = self.by_slug(name) if kind == "slug" else find_by_host(db.session(), name)
            if tenant is not None:
                db.session.expunge(tenant)
            return tenant

    def by_slug(self, name: str) -> Tenant | None:
        try:
            return find_by_slug(db.session(), name)
        except NotFound:
            return None


class Remembering:
    """Remembers for some seconds what was found, also that nothing was: a change shows soon enough."""

    def __init__(
        self, find: Callable[[str, str], Tenant | None], seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.find = find
        self.seconds = seconds
        self.clock = clock
        self.kept: dict[tuple[str, str], tuple[float, Tenant | None]] = {}

    def __call__(self, kind: str, name: str) -> Tenant | None:
        found_at, tenant = self.kept.get((kind, name), (float("-inf"), None))
        if self.clock() - found_at < self.seconds:
            return tenant
        tenant = self.find(kind, name)
        if len(self.kept) >= MOST_REMEMBERED:
            self.kept.clear()
        self.kept[kind, name] = (self.clock(), tenant)
        return tenant


def current() -> Tenant | None:
    """The organisation whose page is asked, if any. May be asked before the views' own preparations."""
    tenant: Tenant | None = request.environ.get(KEY)
    return tenant


def remember_tenant() -> None:
    """Before everything else of a request: give templates and views the organisation as `g.tenant`."""
    g.tenant = current()
    trouble = request.environ.get(TROUBLE)
    if trouble is not None:
        raise trouble
