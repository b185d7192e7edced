"""The HTML part of a mail: our own addresses are links, nothing else is, and nothing written in it can be code."""

from __future__ import annotations

import re

import pytest

from weerklank.correspondence.channels.mail import as_html
from weerklank.correspondence.letters import Letter

HOME = "https://klachten.weerklank.example"


def links(*paragraphs: str) -> list[tuple[str, str]]:
    """Each link of the letter: where it leads and what it says."""
    html = as_html(Letter("Onderwerp", paragraphs, "nl"), HOME)
    return re.findall(r'<a href="([^"]*)">([^<]*)</a>', html)


@pytest.mark.parametrize("path", ["/anna/status", "/anna/desk/cases/0a1b-2c", "/anna/link/Ab-_9", "/"])
def test_it_makes_a_link_of_an_address_of_our_own(path: str) -> None:
    assert links(f"U leest alles op {HOME}{path}.") == [(HOME + path, HOME + path)]


def test_it_links_every_address_of_a_paragraph_with_several_lines() -> None:
    assert len(links(f"{HOME}/a\nen {HOME}/b, ({HOME}/c)", f"{HOME}/d")) == 4


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/anna/status",
        "https://klachten.weerklank.example.evil.example/status",
        "https://klachten.weerklank.example:8443/status",
        "https://klachten.weerklank.example@evil.example/status",
        "http://klachten.weerklank.example/status",
        "https://evil.example/https://klachten.weerklank.example/status",
        "https://klachtenxweerklank.example/status",
        "javascript:alert(1)",
        "klachten.weerklank.example/status",
        HOME,
    ],
)
def test_it_makes_no_link_of_any_other_address(address: str) -> None:
    assert links(f"Kijk op {address} voor meer.") == []


def test_it_ends_a_link_before_whatever_is_no_plain_path() -> None:
    assert links(f'{HOME}/a"onmouseover="x', f"{HOME}/b?next=//evil.example", f"{HOME}/c<b>") == [
        (f"{HOME}/{name}", f"{HOME}/{name}") for name in "abc"
    ]


def test_it_shows_what_looks_like_code_as_it_was_written() -> None:
    html = as_html(Letter("<b>", (f"<script>alert(1)</script> & {HOME}/a<img src=x>",), "nl"), HOME)
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; <a" in html
