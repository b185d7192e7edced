"""Colours people can read, and logos that can do nothing but be seen."""

import struct
from dataclasses import asdict, fields, replace

import pytest

from weerklank.kernel.errors import Refused
from weerklank.tenancy.branding import LOGO_BYTES, Branding, check_colours, check_logo, contrast, read_branding

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 48">%s</svg>'


def png(width: int, height: int) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x06\x00\x00\x00" + b"\0" * 20
    )


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_it_measures_contrast_as_wcag_does(one: str, other: str, ratio: float) -> None:
    assert round(contrast(one, other), 2) == ratio == round(contrast(other, one), 2)


def test_it_passes_the_platforms_own_colours() -> None:
    assert check_colours(Branding()) == Branding()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"brand": "#777777", "on_brand": "#000000"}, "brand"),
        ({"on_brand": "#2f5e89"}, "on_brand"),
        ({"tint": "#1f4e79"}, "tint"),
        ({"accent": "#ffd000"}, "accent"),
    ],
)
def test_it_refuses_colours_in_which_text_cannot_be_read(change: dict[str, str], field: str) -> None:
    with pytest.raises(Refused, match="too_little_contrast") as caught:
        check_colours(replace(Branding(), **change))
    assert caught.value.values["field"] == field


@pytest.mark.parametrize("value", ["", "red", "#fff", "#12345g", "#1234567", "#123456;}body{display:none", "url(x)"])
@pytest.mark.parametrize("name", [field.name for field in fields(Branding)])
def test_it_refuses_what_is_no_colour(name: str, value: str) -> None:
    with pytest.raises(Refused, match="not_a_colour"):
        check_colours(replace(Branding(), **{name: value}))


def test_it_fills_in_what_was_not_kept() -> None:
    assert read_branding({"brand": "#123456", "logo": "x", "contact": {}}) == replace(Branding(), brand="#123456")
    assert read_branding(asdict(Branding())) == Branding()


def test_it_takes_a_png_and_a_plain_drawing() -> None:
    assert check_logo(png(200, 100)) == "image/png"
    plain = (
        SVG
        % b'<!-- mark --><g transform="rotate(4)"><rect width="9" height="4" fill="#fff"/><text x="1">MEP</text></g>'
    )
    assert check_logo(plain) == "image/svg+xml"


@pytest.mark.parametrize(
    "inside",
    [
        b"<script>alert(1)</script>",
        b'<rect onload="alert(1)"/>',
        b'<a href="javascript:alert(1)"/>',
        b"<style>*{}</style>",
        b'<rect style="fill:url(//x.example)"/>',
        b'<image href="//x.example/x.png"/>',
        b'<rect fill="url(//x.example)"/>',
        b"<foreignObject/>",
        b'<use xlink:href="#a" xmlns:xlink="http://www.w3.org/1999/xlink"/>',
        b"<animate/>",
        b'<p xmlns="http://www.w3.org/1999/xhtml"/>',
    ],
)
def test_it_refuses_a_drawing_that_holds_more_than_shapes(inside: bytes) -> None:
    with pytest.raises(Refused, match="logo_not_plain"):
        check_logo(SVG % inside)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"\xff\xd8\xff\xe0",
        b"<html/>",
        SVG % b"<rect>",
        b"\x89PNG\r\n\x1a\nshort",
        b'<?xml-stylesheet href="//x"?>' + SVG % b"",
        (SVG % b"").decode().encode("utf-16"),
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">]>' + SVG % b"<text>&a;</text>",
        b'<!-<!--- --><!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">]>' + SVG % b"",
    ],
)
def test_it_refuses_what_is_neither(data: bytes) -> None:
    with pytest.raises(Refused, match="logo_unknown"):
        check_logo(data)


def test_it_refuses_a_logo_that_is_too_heavy_or_too_large() -> None:
    with pytest.raises(Refused, match="logo_too_heavy"):
        check_logo(png(1, 1) + b"\0" * LOGO_BYTES)
    for width, height in ((2001, 1), (1, 2001), (0, 1), (30000, 30000)):
        with pytest.raises(Refused, match="logo_too_large"):
            check_logo(png(width, height))
