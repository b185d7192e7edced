"""One line for every request, with ids and numbers only; and the number somebody can tell us."""

from __future__ import annotations

import secrets
import time

from flask import Response, g, request
from structlog import get_logger
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from weerklank.kernel import metrics, traces
from weerklank.web import tenants

NOT_FOUND = 404
METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
PROBES = ("/healthz", "/readyz")  # asked every few seconds by machines; said only when everything is


def begin() -> None:
    g.began = time.perf_counter()
    g.request_id = secrets.token_hex(6)
    clear_contextvars()
    tenant, case = tenants.current(), (request.view_args or {}).get("case_id")
    bind_contextvars(request_id=g.request_id)
    if tenant:
        bind_contextvars(tenant=str(tenant.id))
    if case:
        bind_contextvars(case=str(case))


def finish(response: Response) -> Response:
    """The route as it is declared, never the address that was asked: that may hold anything.

    Somebody who looks at a case that is not for him finds nothing there, and that is said with who he is.
    """
    route = request.url_rule.rule if request.url_rule else None
    seconds = time.perf_counter() - g.began if "began" in g else 0.0
    count(route or "none", response.status_code, seconds)
    say = get_logger().debug if route in PROBES else get_logger().info
    traces.describe(f"{request.method} {route}", status=str(response.status_code), **get_contextvars())
    say("request", method=request.method, route=route, status=response.status_code, ms=round(seconds * 1000, 1))
    if response.status_code == NOT_FOUND and "case_id" in (request.view_args or {}) and g.get("person"):
        case = str((request.view_args or {})["case_id"])
        get_logger().warning("case_kept_from", route=route, case=case, user_id=str(g.person.id))
    response.headers["X-Request-Id"] = g.get("request_id", "")
    return response


def count(route: str, status: int, seconds: float) -> None:
    """A method is a word that anybody may make up."""
    method = request.method if request.method in METHODS else "other"
    metrics.REQUESTS.labels(route, method, str(status)).inc()
    metrics.REQUEST_SECONDS.labels(route).observe(seconds)


def end(error: BaseException | None) -> None:
    """What is logged from here on is about no request."""
    clear_contextvars()
