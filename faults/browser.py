"""Somebody with a browser who does not give up: what was not answered is sent again, to any web process."""

from __future__ import annotations

import http.client
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode, urljoin, urlsplit

from faults.ground import SLUG

SECONDS = 15.0  # for one answer
PATIENCE = 90.0  # until somebody gives up
BOUNDARY = "c4b3a29180f1e2d3"
FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
FIELD = re.compile(r"<(input|button|textarea|select)\b([^>]*)>(.*?)(?=<)", re.DOTALL)
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


class GaveUp(Exception):
    """Nobody answered for too long."""


@dataclass(frozen=True)
class Asked:
    """One request as the client saw it: when it began and ended (monotonic), and its status; 0 when none came."""

    began: float
    ended: float
    method: str
    status: int


@dataclass(frozen=True)
class Page:
    """An answer, redirects followed."""

    path: str
    status: int
    text: str

    def forms(self) -> list[tuple[str, dict[str, str]]]:
        """The forms that write: where to, and what stands in their hidden and filled fields."""
        found = []
        for head, inside in FORM.findall(self.text):
            attributes = attributes_of(head)
            if attributes.get("method") == "post":
                found.append((urljoin(self.path, attributes.get("action") or self.path), fields_of(inside)))
        return found

    def form(self, action: str = "") -> tuple[str, dict[str, str]]:
        """The form that writes to an address with this in it; without `action` to the page's own."""
        every = self.forms()
        return next((form for form in every if (action in form[0] if action else form[0] == self.path)), ("", {}))

    def words(self) -> str:
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.text)).split())


def attributes_of(text: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in ATTRIBUTE.findall(text)}


def fields_of(inside: str) -> dict[str, str]:
    fields = {}
    for tag, head, _ in FIELD.findall(inside):
        each = attributes_of(head)
        kind = each.get("type", "text")
        if tag == "input" and "name" in each and (kind == "hidden" or "checked" in each):
            fields[each["name"]] = each.get("value", "")
    return fields


@dataclass
class Browser:
    """Cookies, and a way to whichever port answers. `chance` chooses the port; every request is noted in `log`."""

    ports: Callable[[], Sequence[int]]
    chance: random.Random
    log: list[Asked]
    twice: bool = False  # send every form two times, as who presses a button twice
    cookies: dict[str, str] = field(default_factory=dict)
    patience: float = PATIENCE

    def get(self, path: str) -> Page:
        return self.follow("GET", f"/{SLUG}{path}" if not path.startswith(f"/{SLUG}") else path, b"", "")

    def send(
        self, page: Page, values: Mapping[str, str], *, action: str = "", files: Mapping[str, bytes] | None = None
    ) -> Page:
        """Fill in a form of the page and send it."""
        target, hidden = page.form(action)
        assert target, f"no form {action} on {page.path}: {page.words()[:600]}"
        body, kind = encoded({**hidden, **values}, files or {})
        if self.twice:
            self.ask("POST", target, body, kind)
        return self.follow("POST", target, body, kind)

    def follow(self, method: str, path: str, body: bytes, kind: str) -> Page:
        for _ in range(6):
            status, headers, text = self.ask(method, path, body, kind)
            location = headers.get("location")
            if location is None:
                return Page(path, status, text)
            method, path, body = "GET", urlsplit(urljoin(path, location)).path, b""
        raise AssertionError("redirected in a circle")

    def ask(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, dict[str, str], str]:
        """One request, again and again until it is answered by less than 500. GaveUp."""
        give_up_at = time.monotonic() + self.patience
        while time.monotonic() < give_up_at:
            began = time.monotonic()
            try:
                status, headers, text = self.once(method, path, body, kind)
            except (OSError, http.client.HTTPException):
                status, headers, text = 0, {}, ""
            self.log.append(Asked(began, time.monotonic(), method, status))
            if 0 < status < 500:
                return status, headers, text
            time.sleep(0.1)
        raise GaveUp(f"{method} {path}")

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.chance.choice(self.ports()), timeout=SECONDS)

    def once(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, dict[str, str], str]:
        connection = self.connection()
        try:
            headers = {"Host": "localhost", "Accept-Language": "nl", "Sec-Fetch-Site": "same-origin"} | (
                {"Content-Type": kind} if kind and body else {}
            )
            if self.cookies:
                headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        for given in response.headers.get_all("Set-Cookie", []):
            name, _, value = given.split(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, {name.lower(): value for name, value in response.headers.items()}, text


def encoded(values: Mapping[str, str], files: Mapping[str, bytes]) -> tuple[bytes, str]:
    """A form's body and its type, as a browser makes them."""
    if not files:
        return urlencode(values).encode(), "application/x-www-form-urlencoded"
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in values.items()
    ]
    for name, data in files.items():
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        parts.append(head.encode() + b"Content-Type: text/plain\r\n\r\n" + data + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"
