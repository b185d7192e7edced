"""Cookies that belong to one organisation: its short name is in theirs and they live below its address only.

In production every one is Secure and bound to its host, by the browser's own rule for names that start with
`__Host-`, or below a path `__Secure-`.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from weerklank.web import tenants
from weerklank.web.parts import parts


def cookie_name(purpose: str) -> str:
    """What the cookie for this purpose is called here."""
    tenant = tenants.current()
    name = f"weerklank-{tenant.slug}-{purpose}" if tenant else f"weerklank-{purpose}"
    if not is_secure():
        return name
    return f"{'__Secure' if request.script_root else '__Host'}-{name}"


def is_secure() -> bool:
    """Whether this installation is reached by https only."""
    return parts().settings.base_url.startswith("https://")


def cookie_path() -> str:
    return f"{request.script_root}/"


def read_cookie(purpose: str) -> str:
    """The cookie's value, empty without one."""
    return request.cookies.get(cookie_name(purpose), "")


def give_cookie(response: Response, purpose: str, value: str, lasts: timedelta | None = None) -> None:
    """Have the browser keep a value, out of reach of scripts; without `lasts` until it is closed."""
    response.set_cookie(
        cookie_name(purpose),
        value,
        max_age=lasts,
        path=cookie_path(),
        secure=is_secure(),
        httponly=True,
        samesite="Lax",
    )


def take_cookie(response: Response, purpose: str) -> None:
    """Have the browser forget a value."""
    response.delete_cookie(cookie_name(purpose), path=cookie_path(), secure=is_secure(), httponly=True, samesite="Lax")


class TenantSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, used for form tokens and one-off notices and never for being logged in.

    Its signature holds for one organisation only.
    """

    def get_cookie_name(self, app: Flask) -> str:
        return cookie_name("form")

    def get_cookie_path(self, app: Flask) -> str:
        return cookie_path()

    def get_cookie_secure(self, app: Flask) -> bool:
        return is_secure()

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        tenant = tenants.current()
        signer = super().get_signing_serializer(app)
        if signer is not None:
            signer.salt = f"form {tenant.id if tenant else 'platform'}".encode()
        return signer
