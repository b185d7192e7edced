"""What every area uses: stylesheet, an organisation's colours and logo, the first page, and the probes of machines."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache, lru_cache
from pathlib import Path

from flask import Blueprint, Response, g, render_template, request, send_from_directory, url_for
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from weerklank.kernel.database import db
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.schema import check
from weerklank.tenancy.branding import CORNERS, VOICES, Branding, in_the_dark, read_branding
from weerklank.tenancy.organisations import all_organisations, logo_of
from weerklank.web.access import Access, access
from weerklank.web.limits import limiter
from weerklank.web.parts import parts

shared = Blueprint("shared", __name__)
STATIC = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"  # the address changes with the content
SHEETS = {"plain": ("app.css",), "portal": ("app.css", "portal.css"), "desk": ("app.css", "desk.css"),
          "gallery": ("app.css", "gallery.css")}  # fmt: skip
MOST_EDITIONS = 4096
MOST_PACKED = 256
LOOK = ":root{{--brand:{0.brand};--on-brand:{0.on_brand};--brand-tint:{0.tint};--accent:{0.accent};{1}}}\n"
DARK = (
    "@media screen and (prefers-color-scheme:dark){{:root{{--brand-text:{0.brand};--action:{0.brand};--tint:{0.tint};"
    "--mark:{0.accent}}}}}\n"
)


@shared.get("/static/<path:name>")
@limiter.exempt
@access(Access.ANYWHERE, personal=False)
def static(name: str) -> Response:
    """The platform's own files."""
    response = send_from_directory(STATIC, name)
    if request.args.get("v") == fingerprint(name):
        response.headers["Cache-Control"] = FOR_EVER
    return response


@cache
def fingerprint(name: str) -> str:
    """Names the content of one of the platform's files."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of one of the platform's files, by which it may be kept for ever."""
    return url_for("shared.static", name=name, v=fingerprint(name))


@shared.get(f"/style-<any({', '.join(SHEETS)}):area>.css")
@limiter.exempt
@access(Access.ANYWHERE, personal=False)
def style(area: str) -> Response:
    """All rules of an area's pages and the organisation's colours in one sheet: a page is drawn when it is there."""
    small = request.accept_encodings.best_match(["gzip"]) is not None
    response = Response(packed(area, colours()) if small else rules_of(area) + colours(), mimetype="text/css")
    response.vary.add("Accept-Encoding")
    if small:
        response.headers["Content-Encoding"] = "gzip"
    current = request.args.get("v") == edition(area, colours())
    response.headers["Cache-Control"] = FOR_EVER if current else "private, no-cache"
    return response


def rules_of(area: str) -> str:
    """The platform's own sheets for the pages of an area."""
    return "".join((STATIC / name).read_text("utf-8") for name in SHEETS[area])


def colours() -> str:
    """The look of the organisation whose page this is."""
    return in_rules(read_branding(g.tenant.branding if g.tenant else {}))


@lru_cache(MOST_EDITIONS)
def in_rules(look: Branding) -> str:
    """A look was checked when it was saved: a colour is six digits, which can end no rule and start no other."""
    more = f"--corner:{CORNERS[look.corners]};--voice:{VOICES[look.voice]}"
    return LOOK.format(look, more) + DARK.format(in_the_dark(look))


@lru_cache(MOST_PACKED)
def packed(area: str, colours: str) -> bytes:
    """A sheet as it travels: it holds nothing that is secret."""
    return gzip.compress((rules_of(area) + colours).encode(), mtime=0)


@lru_cache(MOST_EDITIONS)
def edition(area: str, colours: str) -> str:
    """Names the content of a sheet."""
    return hashlib.sha256((rules_of(area) + colours).encode()).hexdigest()[:12]


def style_address(area: str = "plain") -> str:
    """Where the pages of an area find their sheet, by which it may be kept for ever."""
    return url_for("shared.style", area=area, v=edition(area, colours()))


@shared.get("/brand/logo-<digest>")
@limiter.exempt
@access(Access.PUBLIC)
def logo(digest: str) -> Response:
    """An organisation's logo. Whoever opens it by itself gets a picture that can run nothing."""
    found = logo_of(db.session(), digest)
    response = Response(found.data, mimetype=found.kind)
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@shared.get("/")
@access(Access.ANYWHERE, personal=False)
def front() -> str:
    """The first page: an organisation's, or the platform's own."""
    if g.tenant is not None:
        from weerklank.web.portal.landing import landing

        return landing()
    # In development one wants to see what there is; elsewhere who uses the platform is nobody's business.
    listed = parts().settings.environment != "production"
    return render_template("home.html", organisations=all_organisations(db.session()) if listed else [])


@shared.get("/healthz")
@limiter.exempt
@access(Access.ANYWHERE, personal=False)
def healthz() -> Response:
    """This process answers."""
    return Response("ok\n", mimetype="text/plain")


@shared.get("/readyz")
@limiter.exempt
@access(Access.ANYWHERE, personal=False)
def readyz() -> Response:
    """This process can work: its database answers, with the tables it needs, as a role that can pass no wall."""
    try:
        with db.engine.connect() as connection:
            check(connection)
    except (SQLAlchemyError, BadSurroundings):
        get_logger().warning("not ready", exc_info=True)
        return Response("not ready\n", status=503, mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")
