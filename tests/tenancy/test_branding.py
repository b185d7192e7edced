"""Colours people can read, and logos that can do nothing but be seen."""

import struct
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weerklank.kernel.errors import Refused
from weerklank.kernel.settings import ROOT
from weerklank.tenancy.branding import (
    COLOURS,
    DARK,
    LIGHT,
    LOGO_BYTES,
    ON_LIGHTENED,
    RING_IN_THE_DARK,
    TEXT,
    Branding,
    check_logo,
    check_look,
    pairs,
    pairs_in_the_dark,
    read_branding,
)
from weerklank.tenancy.colour import at_lightness, contrast

COLOUR = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
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
    assert check_look(Branding()) == Branding()


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
        check_look(replace(Branding(), **change))
    assert caught.value.values["field"] == field


@pytest.mark.parametrize("value", ["", "red", "#fff", "#12345g", "#1234567", "#123456;}body{display:none", "url(x)"])
@pytest.mark.parametrize("name", COLOURS)
def test_it_refuses_what_is_no_colour(name: str, value: str) -> None:
    with pytest.raises(Refused, match="not_a_colour"):
        check_look(replace(Branding(), **{name: value}))


@pytest.mark.parametrize("name", ["corners", "voice"])
def test_it_refuses_what_is_none_of_the_choices(name: str) -> None:
    with pytest.raises(Refused, match="not_a_choice") as caught:
        check_look(replace(Branding(), **{name: "1;}body{display:none"}))
    assert caught.value.values == {"field": name}
    assert check_look(Branding(corners="square", voice="plain")).corners == "square"


@given(colour=COLOUR, field=st.sampled_from(COLOURS))
def test_it_says_by_how_much_and_what_would_do(colour: str, field: str) -> None:
    look = replace(Branding(), **{field: colour})
    weak = [pair for pair in pairs(look) if not pair.is_enough]
    if not weak:
        assert check_look(look) == look
        return
    with pytest.raises(Refused, match="too_little_contrast") as caught:
        check_look(look)
    said = caught.value.values
    assert (said["pair"], said["found"]) == (weak[0].name, f"{weak[0].found:.1f}")
    assert contrast(said["foreground"], said["background"]) < float(said["least"])
    better = replace(look, **{said["field"]: said["better"]})
    assert all(pair.is_enough for pair in pairs(better) if pair.field == said["field"])


@given(colour=COLOUR, accent=COLOUR)
def test_what_can_be_read_in_the_light_can_be_read_in_the_dark(colour: str, accent: str) -> None:
    look = Branding(brand=colour, accent=accent)
    if contrast(colour, LIGHT.paper) >= TEXT:
        assert [pair for pair in pairs_in_the_dark(look) if not pair.is_enough] == []


def test_it_keeps_the_hue_at_another_lightness() -> None:
    assert at_lightness("#ff0000", 0.6279553606, 0.2576833077) == "#ff0000"
    assert at_lightness("#12456b", 0.82, 0.09) == "#97caf7"
    assert at_lightness("#777777", 0.82, 0.09) == "#c4c4c4"
    assert at_lightness("#ffffff", 0.0, 0.0) == "#000000"


def test_it_knows_the_grounds_that_the_style_sheet_has() -> None:
    sheet = (ROOT / "platform/weerklank/web/static/app.css").read_text("utf-8")
    light, dark = sheet.split("@media (prefers-color-scheme: dark)")[:2]
    for ground, rules in ((LIGHT, light), (DARK, dark)):
        for name, colour in asdict(ground).items():
            assert f"--{name}: {shortened(colour)};" in rules, (name, colour)
    assert f"--focus: {RING_IN_THE_DARK};" in dark
    assert f"--on-action: {ON_LIGHTENED};" in dark


def shortened(colour: str) -> str:
    return "#fff" if colour == "#ffffff" else colour


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
