"""When something is not right: a page that says in plain words what happened, what is kept and what one can do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import LazyString, lazy_gettext
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from sqlalchemy.exc import DBAPIError, OperationalError
from structlog import get_logger
from werkzeug.exceptions import HTTPException

from weerklank.kernel.database import db
from weerklank.kernel.errors import Conflict, NotFound, Refused
from weerklank.web import texts
from weerklank.web.limits import seconds_to_wait

# The last resort: a page that needs nothing that could be broken.
BARE = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title} · Weerklank</title></head>'
    "<body><header></header><main><h1>{title}</h1><p>{what}</p><p>{do}</p>{form}</main><footer></footer></body></html>"
)
BARE_FORM = Markup('<form method="post">{fields}<button type="submit">{send}</button></form>')
BARE_FIELD = Markup('<input type="hidden" name="{}" value="{}">')
MOST_REPEATED = 100  # fields of a form that are shown again after its token ran out
AGAIN = (401, 429)  # and whatever is ours to mend: the same form may well be taken a moment later
GO_BACK = (400, 409, 413, 422)  # what one does then is done on the page with the form
LEAST_WRITTEN = 20  # letters; less is quickly typed again
SECRETS = ("password", "code", "token", "csrf")


@dataclass(frozen=True)
class Words:
    """What a page says: what happened, and what one can do now."""

    title: LazyString
    what: LazyString
    do: LazyString


WORDS = {
    400: Words(
        lazy_gettext("We could not read this"),
        lazy_gettext("What your browser sent us was not complete or not in order. Nothing was changed."),
        lazy_gettext("Go back to the page you came from and try it again."),
    ),
    401: Words(
        lazy_gettext("You are no longer logged in"),
        lazy_gettext("It took too long, or you logged out somewhere else. What you just sent was not saved."),
        lazy_gettext("Log in again in another tab. Then come back to this one and send it again."),
    ),
    403: Words(
        lazy_gettext("You cannot open this page"),
        lazy_gettext("This page is not open to you. Nothing was changed."),
        lazy_gettext("Do you think you should be able to? Ask whoever manages this for your organisation."),
    ),
    404: Words(
        lazy_gettext("This page is not here"),
        lazy_gettext("The address may have been typed or copied wrongly, or the page may be gone."),
        lazy_gettext("Check the address, or begin at the first page."),
    ),
    405: Words(
        lazy_gettext("This cannot be opened this way"),
        lazy_gettext("You came here by an address that only works from a form. Nothing was changed."),
        lazy_gettext("Begin at the page with the form."),
    ),
    409: Words(
        lazy_gettext("Somebody else was just before you"),
        lazy_gettext("While you were busy, somebody else changed the same thing. What you sent was not saved."),
        lazy_gettext("Go back, load the page again to see what changed, and decide whether it is still needed."),
    ),
    413: Words(
        lazy_gettext("This is too much at once"),
        lazy_gettext("What you sent is larger than we can take in one go. It was not saved; what you saved before is."),
        lazy_gettext("Go back and send fewer or smaller files. A photo is often smaller when you send it by itself."),
    ),
    422: Words(
        lazy_gettext("This is not possible"),
        lazy_gettext("A rule stands in the way. Nothing was changed."),
        lazy_gettext("Go back to the page you came from."),
    ),
    429: Words(
        lazy_gettext("Too many tries"),
        lazy_gettext("We got more requests from you in a short time than we can allow. Nothing was changed."),
        lazy_gettext("Wait some minutes and try it again."),
    ),
    500: Words(
        lazy_gettext("Something went wrong on our side"),
        lazy_gettext("It is not your fault. We have been told. What you just sent was probably not saved."),
        lazy_gettext("Try it again in a moment. Does it go wrong again? Tell us the number below."),
    ),
    503: Words(
        lazy_gettext("We cannot be reached for a moment"),
        lazy_gettext("A part of our system is away. What you sent before is kept; what you just sent was not saved."),
        lazy_gettext("Try it again in some minutes. Days and terms of your complaint do not change by this."),
    ),
}
ALIKE = {414: 400, 415: 400, 406: 400, 408: 400, 416: 400, 421: 404, 431: 400, 502: 503, 504: 503, 501: 405}


def init_app(app: Flask) -> None:
    """Have every kind of trouble end in a page of ours."""
    app.register_error_handler(CSRFError, ask_again)
    app.register_error_handler(HTTPException, by_status)
    app.register_error_handler(NotFound, lambda error: page(404))
    app.register_error_handler(Conflict, lambda error: page(409))
    app.register_error_handler(Refused, by_rule)
    app.register_error_handler(OperationalError, by_surroundings)
    app.register_error_handler(OSError, by_surroundings)
    app.register_error_handler(Exception, by_surprise)


def by_status(error: HTTPException) -> Response:
    """An error with a status of its own."""
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    response = page(status)
    allowed = error.get_response().headers.get("Allow")
    if allowed:
        response.headers["Allow"] = allowed
    if status == 429:
        response.headers["Retry-After"] = str(seconds_to_wait())
    return response


def by_rule(error: Refused) -> Response:
    """A refusal that its view did not show at the form."""
    return page(422, said=texts.no(error))


def by_surroundings(error: DBAPIError | OSError) -> Response:
    """The database or the store of files is away, silent, or has no room left."""
    get_logger().error("database" if isinstance(error, DBAPIError) else "surroundings", exc_info=error)
    return page(503)


def by_surprise(error: Exception) -> Response:
    get_logger().error("unexpected", exc_info=error)
    return page(500)


def page(status: int, said: str = "") -> Response:
    """The page for a status. What was begun in the database is undone first; what was typed can be sent again."""
    undo()
    words = WORDS.get(ALIKE.get(status, status)) or WORDS[400 if status < 500 else 500]
    typed = list(typed_again()) if request.method == "POST" and status != 413 and came_from_here() else []
    fields = typed if status >= 500 or status in AGAIN else []
    written = [value for _name, value in typed if status == 409 and len(value) > LEAST_WRITTEN]
    kept = {"fields": fields, "files": bool(fields and request.files), "number": g.get("request_id", "")}
    kept |= {"written": written, "login": g.get("log_in_at", "") if fields else ""}
    kept["back"] = page_before() if request.method == "POST" and status in GO_BACK and came_from_here() else ""
    try:
        html = render_template("error.html", words=words, said=said, status=status, **kept)
    except Exception:  # what went wrong is in the frame that every page shares
        get_logger().error("page of an error failed", exc_info=True)
        html = bare(words, fields)
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def page_before() -> str:
    """Where on this host the form stood, as far as the browser says so."""
    before = urlsplit(request.referrer or "")
    return f"{before.path}?{before.query}".rstrip("?") if before.netloc == request.host else ""


def bare(words: Words, fields: Sequence[tuple[str, str]]) -> str:
    """The page of last resort. Its form has no token, and is answered by one that has."""
    inside = Markup().join(BARE_FIELD.format(*field) for field in (("csrf_token", ""), *fields))
    form = BARE_FORM.format(fields=inside, send=lazy_gettext("Send again"))
    return BARE.format(
        language=texts.language(), title=words.title, what=words.what, do=words.do, form=form if fields else ""
    )


def undo() -> None:
    try:
        db.session.rollback()
    except Exception:  # the connection is gone, and what was begun with it
        get_logger().warning("rollback failed", exc_info=True)


def ask_again(error: CSRFError) -> Response:
    """A form whose token ran out: what was typed is given back with a fresh one, to be sent by one more press.

    Only to somebody who sent it from here: a form on another site is not made to look like ours.
    """
    if not came_from_here():
        return page(400)
    undo()
    html = render_template("again.html", fields=list(typed_again()), files=bool(request.files))
    response = make_response(html, 400)
    response.headers["Cache-Control"] = "no-store"
    return response


def came_from_here() -> bool:
    """Whether the browser says that the form stood on a page of this very host."""
    told = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    return told == "same-origin" if told else urlsplit(origin).netloc == request.host


def typed_again() -> Iterator[tuple[str, str]]:
    """What was typed, but for secrets; nothing of what could not be read."""
    try:
        typed = list(request.form.items(multi=True))[:MOST_REPEATED]
    except HTTPException:
        return
    yield from ((name, value) for name, value in typed if not any(word in name for word in SECRETS))
