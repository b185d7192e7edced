"""Languages: which one a reader gets, the catalogues, and days and moments as people say them.

The program's texts are English and are their own keys; `translations/<area>/nl` says them in Dutch. Pages for
complainants speak four languages more, from `translations/{portal,shared,complaint}/<language>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from flask import Flask, Response, g, request
from flask_babel import Babel, get_locale, get_translations, lazy_gettext

from weerklank.cases.act import Refused as RefusedByPolicy
from weerklank.cases.labels import day_text
from weerklank.kernel.errors import Refused
from weerklank.policy.refusals import REFUSALS as OF_POLICIES
from weerklank.policy.refusals import Refusal
from weerklank.policy.words import Text, direction, in_words, written_in
from weerklank.tenancy.model import Tenant
from weerklank.web import cookies, tenants
from weerklank.web.refusals import OF_ORGANISATIONS_AND_PEOPLE

LANGUAGES = {"nl": "Nederlands", "en": "English"}
TONGUES = {**LANGUAGES, "de": "Deutsch", "pl": "Polski", "ar": "العربية", "uk": "Українська"}  # of complainants' pages
STAFF = frozenset({"desk", "office", "console", "login"})
ROOT = Path(__file__).resolve().parents[3] / "translations"
COOKIE = "language"
REMEMBERED = timedelta(days=365)
HOME_ZONE = "Europe/Amsterdam"  # of pages that are no organisation's


def init_app(app: Flask) -> None:
    """Load all areas' catalogues and give templates their words."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(str(folder) for folder in compile_catalogues(ROOT))
    Babel(app, locale_selector=language, default_locale="en")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by its extension for translations
        gettext=lambda words: catalogue().ugettext(words),
        ngettext=lambda one, more, number: catalogue().ungettext(one, more, number),
        newstyle=True,
    )
    app.jinja_env.filters.update(
        say=say,
        in_words=in_reader_words,
        day=day,
        short_day=short_day,
        instant=instant,
        size=size,
        iso=lambda value: value.isoformat(),
    )
    app.jinja_env.globals.update(
        language=language,
        languages=TONGUES,
        offered=offered,
        in_language=in_language,
        direction=direction,
        contact_line=contact_line,
        other_language=other_language,
        language_name=language_name,
    )
    app.after_request(remember_language)


def compile_catalogues(root: Path) -> list[Path]:
    """The folders of catalogues below `root`; what was changed since it was compiled is compiled again."""
    for source in sorted(root.glob("*/*/LC_MESSAGES/messages.po")):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            compile_catalogue(source, compiled)
    return sorted(folder for folder in root.glob("*") if folder.is_dir())


def compile_catalogue(source: Path, compiled: Path) -> None:
    """Written aside and put in place in one go: several processes start at once."""
    with source.open("rb") as lines:
        catalogue = read_po(lines, locale=source.parts[-3])
    aside = compiled.with_suffix(f".{id(catalogue)}.tmp")
    with aside.open("wb") as out:
        write_mo(out, catalogue)
    aside.replace(compiled)


def catalogue() -> Any:
    """The words of this request's language: looked up once, as a page asks for some hundred."""
    if "catalogue" not in g:
        g.catalogue = get_translations()
    return g.catalogue


def language() -> str:
    """One of `offered`: as the address asks, as chosen before, as the browser prefers, as the organisation speaks."""
    if "language" not in g:
        g.language = language_asked()
    return str(g.language)


def language_asked() -> str:
    can = offered()
    for given in (request.args.get("lang"), cookies.read_cookie(COOKIE)):
        if given in can:
            return given
    tenant = tenants.current()
    own = tenant.locale if tenant and tenant.locale in LANGUAGES else "nl"
    preferred = (code.partition("-")[0].lower() for code, quality in request.accept_languages if quality > 0)
    return next((code for code in preferred if code in can), own)


def offered() -> dict[str, str]:
    """The languages of this page, each by its own name: of staff's pages two, of the others those the brand names."""
    if request.blueprint in STAFF:
        return LANGUAGES
    return tongues_of(tenants.current())


def tongues_of(tenant: Tenant | None) -> dict[str, str]:
    """The languages of a complainant's pages of this organisation, each by its own name."""
    chosen = tenant.branding.get("languages") if tenant else None
    return {code: TONGUES[code] for code in TONGUES if not chosen or code in LANGUAGES or code in chosen}


def other_language() -> str:
    """What the reader calls the language in which the organisation writes; empty when it also writes in his."""
    tenant = tenants.current()
    if tenant is None or language() in LANGUAGES:
        return ""
    return language_name(tenant.locale)


def by_its_own_name(code: str) -> str:
    """`English`, marked as being in that language."""
    return written_in(TONGUES[code], code, language())


def language_name(code: str) -> str:
    """What the reader calls a language: `Arabisch`."""
    return str(Locale.parse(code).get_language_name(locale().language) or code)


def contact_line() -> str:
    """How an organisation is reached, as its brand tells it; empty when it does not."""
    tenant = tenants.current()
    own = tenant.locale if tenant else ""
    told = tenant.branding.get("contact") if tenant else None
    return say(Text.of({code: told[code] for code in sorted(told, key=lambda code: code != own)})) if told else ""


def remember_language(response: Response) -> Response:
    """A language that was asked for stays; caches keep languages apart."""
    asked = request.args.get("lang")
    if asked in offered() and cookies.read_cookie(COOKIE) != asked:
        cookies.give_cookie(response, COOKIE, asked, REMEMBERED)
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = language()
        response.vary.update(("Accept-Language", "Cookie"))
    return response


def in_language(code: str) -> str:
    """The address of this page in another language."""
    args = {name: value for name, value in request.args.items() if name != "lang"}
    query = "&".join(f"{name}={value}" for name, value in args.items() if name.isalnum() and value.isalnum())
    return f"?{query}&lang={code}" if query else f"?lang={code}"


def say(text: Text | str | None) -> str:
    """A policy's text in the reader's language; empty for none."""
    return text.in_(language()) if isinstance(text, Text) else text or ""


def in_reader_words(message: str) -> str:
    """A finding of the policy's reader, in the reader's language."""
    return in_words(message, lambda template: str(catalogue().ugettext(template)))


def locale() -> Locale:
    return get_locale() or Locale("en")


def zone() -> ZoneInfo:
    """The zone in which this page's moments are told; a view sets `g.zone` where it knows the policy."""
    found: ZoneInfo | None = g.get("zone")
    return found or ZoneInfo(HOME_ZONE)


def day(value: date | None) -> str:
    """`vrijdag 27 november 2026`, as this language writes it."""
    return day_text(_day_of(value), language()) if value else ""


def short_day(value: date | None) -> str:
    """`27 nov. 2026`."""
    pattern = "d MMM y" if language() in LANGUAGES else "medium"
    return format_date(_day_of(value), pattern, locale=locale()) if value else ""


def instant(value: datetime | None) -> str:
    """`vrijdag 27 november 2026, 16:05`."""
    if value is None:
        return ""
    local = value.astimezone(zone())
    return f"{day(local.date())}, {format_time(time(local.hour, local.minute), 'HH:mm', locale=locale())}"


def _day_of(value: date) -> date:
    return value.astimezone(zone()).date() if isinstance(value, datetime) else value


def size(count: int) -> str:
    """Bytes as people say them."""
    if count < 1024 * 1024:
        return f"{max(1, round(count / 1024))} kB"
    return f"{format_decimal(round(count / 1024 / 1024, 1), locale=locale())} MB"


def no(error: Refused) -> str:
    """A rule's no in the reader's words: the procedure's own where it comes from there."""
    if isinstance(error, RefusedByPolicy):
        return error.refusal.text(language())
    return refused(error.code, error.values)


def refused(code: str, values: Mapping[str, str]) -> str:
    """The words for a code of `kernel.errors.Refused`; an unknown one says only that it is not possible."""
    if code not in REFUSALS and code in OF_POLICIES:
        return Refusal(code, "", (), values).text(language())
    return str(REFUSALS.get(code, REFUSALS["refused"])) % {**values}


REFUSALS = {
    **OF_ORGANISATIONS_AND_PEOPLE,
    "refused": lazy_gettext("This is not possible."),
    "not_an_email": lazy_gettext("This is not an e-mail address. Check it, such as name@example.nl."),
    "mailbox_port": lazy_gettext("Only the usual ports can be read: 993 and 143."),
    "mailbox_plain": lazy_gettext("Choose a safe connection."),
    "message_not_failed": lazy_gettext("Somebody was first: this message does not wait for anybody any more."),
    "too_many_views": lazy_gettext("You can save at most %(most)s views. Remove one first."),
    "name_needed": lazy_gettext("Fill in a name of at most %(most)s characters."),
}
