"""The pages: the application is put together here."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from weerklank.assembly import assemble
from weerklank.kernel import logs, traces
from weerklank.kernel.database import PAGE_SECONDS, REQUEST_SECONDS, be_patient, db, driver_url, engine_options
from weerklank.kernel.settings import Settings, load
from weerklank.web import access, cookies, errors, limits, log, mailbox, manual, once, shared, tenants, texts, uploads
from weerklank.web.limits import limiter
from weerklank.web.parts import hand_in
from weerklank.web.turns import TURNS, Turns

# Every audience's pages: a package with a `blueprint`.
AREAS = ("portal", "login", "desk", "office", "console", "manual")

MOST_FORM_BYTES = 512 * 1024  # of all that is no file
MOST_FIELDS = 500
FORM_SECONDS = 12 * 60 * 60  # how long a form may stand open

csrf = CSRFProtect()


def create_app(settings: Settings | None = None) -> Flask:
    """The application by these settings, else by those of the environment. Raises BadSurroundings."""
    settings = settings or load()
    app = Flask("weerklank.web", root_path=str(Path(__file__).parent), static_folder=None)
    configure(app, settings)
    hand_in(app, assemble(settings))
    db.init_app(app)
    app.session_interface = cookies.TenantSessions()
    prepare_requests(app)
    errors.init_app(app)
    add_pages(app, settings)
    access.require_declarations(app)
    wrap(app, settings)
    return app


def configure(app: Flask, settings: Settings) -> None:
    logs.configure(settings.environment, settings.log_level)
    traces.start(settings.traces_to, "web")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=[settings.old_secret_key] if settings.old_secret_key else None,
        TESTING=settings.environment == "test",
        SQLALCHEMY_DATABASE_URI=driver_url(settings.database_url),
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url, PAGE_SECONDS),
        MAX_CONTENT_LENGTH=uploads.MOST_WITHOUT,  # more where files come along, see `limit_body`
        MAX_FORM_MEMORY_SIZE=MOST_FORM_BYTES,
        MAX_FORM_PARTS=MOST_FIELDS,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=FORM_SECONDS,
        WTF_CSRF_SSL_STRICT=False,  # the token is tied to a cookie of this host; some browsers send no Referer
        RATELIMIT_HEADERS_ENABLED=False,
        **limits.storage(settings.redis_url),
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "autoescape": True}


def prepare_requests(app: Flask) -> None:
    """What happens around every view, in this order; afterwards in the opposite one."""
    app.teardown_request(log.end)
    app.teardown_request(lambda error: be_patient(None))
    app.before_request(lambda: be_patient(REQUEST_SECONDS))
    app.before_request(uploads.limit_body)
    app.before_request(log.begin)
    app.before_request(tenants.remember_tenant)
    app.after_request(log.finish)
    app.after_request(access.protect)
    texts.init_app(app)
    manual.init_app(app)
    limiter.init_app(app)
    app.before_request(access.gate)
    csrf.init_app(app)
    once.init_app(app)
    app.teardown_request(access.close_scope)


def add_pages(app: Flask, settings: Settings) -> None:
    app.jinja_env.globals.update(
        asset=shared.asset, style_address=shared.style_address, most_at_once=uploads.MOST_WITH_FILES
    )
    app.register_blueprint(shared.shared)
    for area in (*AREAS, *(["mailbox"] if mailbox.is_open(settings) else [])):
        app.register_blueprint(import_module(f"weerklank.web.{area}").blueprint)


def wrap(app: Flask, settings: Settings) -> None:
    """Outside of the application: the proxies that are trusted, then whose page it is, then its turn."""
    reserved = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules() if is_platform_only(app, rule.endpoint)}
    turns = app.extensions[TURNS] = Turns(app.wsgi_app, settings.web_threads, partial(uploads.most_bytes, app))
    inner = tenants.TenantMiddleware(app, turns, settings, reserved | {"static", "healthz", "readyz"})
    trusted = settings.proxies
    app.wsgi_app = ProxyFix(inner, x_for=trusted, x_proto=trusted, x_host=trusted) if trusted else inner  # type: ignore[method-assign]  # Flask's own way to wrap


def is_platform_only(app: Flask, endpoint: str) -> bool:
    return access.declared(app.view_functions[endpoint]) in access.WITHOUT_TENANT
