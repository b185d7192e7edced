"""Every page there is: found by following links as each visitor, and told by the route that makes it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from flask import Flask
from playwright.sync_api import APIRequestContext
from werkzeug.exceptions import HTTPException
from werkzeug.routing import AnyConverter, Rule

LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#]+)')
MOST = {"desk.case": 20}  # what can be done differs from case to case; of the rest one says it all


@dataclass
class Places:
    """Addresses by the route they belong to; of a route that takes a word, one for each word."""

    app: Flask
    by_kind: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def of(self, endpoint: str) -> dict[str, str]:
        """By the words in it the first address of a route."""
        return {words: paths[0] for (route, words), paths in self.by_kind.items() if route == endpoint}

    def kind_of(self, path: str) -> tuple[str, str] | None:
        """The route of a path below the organisation, and the words in it."""
        try:
            rule, values = self.app.url_map.bind("").match(path, return_rule=True)
        except HTTPException:
            return None
        return rule.endpoint, " ".join(str(values[name]) for name in words_of(rule))


def words_of(rule: Rule) -> list[str]:
    """The parameters that are one of some words."""
    known = rule._converters
    return sorted(name for name in rule.arguments if isinstance(known.get(name), AnyConverter) or name == "step")


def crawl(app: Flask, request: APIRequestContext, base: str, starts: Iterable[str]) -> Places:
    """Follow all links from here, some of each kind, and never out of the organisation."""
    places, coming, seen = Places(app), deque(starts), set(starts)
    while coming:
        path = coming.popleft()
        kind = places.kind_of(path)
        if kind is None or len(places.by_kind.get(kind, ())) >= MOST.get(kind[0], 1):
            continue
        answer = request.get(f"{base}{path}", headers={"Accept-Language": "nl"})
        assert answer.status < 500, f"{path} answers with {answer.status}"
        landed = urlsplit(answer.url).path.removeprefix(urlsplit(base).path)
        if not answer.ok or "text/html" not in answer.headers["content-type"]:
            continue
        if landed == path.split("?")[0]:
            places.by_kind.setdefault(kind, []).append(path)
        for found in links(answer.text(), answer.url, base):
            if found not in seen:
                seen.add(found)
                coming.append(found)
    return places


def links(html: str, here: str, base: str) -> Iterator[str]:
    """The paths below the organisation that a page links to, without what is asked of them."""
    for target in LINK.findall(html):
        whole = urljoin(here, target.replace("&amp;", "&"))
        if whole.startswith(f"{base}/"):
            yield urlsplit(whole.removeprefix(base)).path
