"""An organisation's look: colours checked for contrast, and a logo that can do nothing but be seen."""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from xml.etree import ElementTree

from weerklank.kernel.errors import Refused
from weerklank.tenancy.colour import at_lightness, contrast, mixed

TEXT = 4.5  # WCAG 2.2, success criterion 1.4.3, text of ordinary size
RING = 3.0  # 1.4.11, what shows where one is
HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
LOGO_BYTES = 16 * 1024  # a complainant's page with all it loads stays under 60 kB
LOGO_PIXELS = 2000  # along either side
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
SVG = "{http://www.w3.org/2000/svg}"
SHAPES = frozenset(
    SVG + name
    for name in (
        "svg",
        "g",
        "rect",
        "circle",
        "ellipse",
        "line",
        "path",
        "polygon",
        "polyline",
        "text",
        "tspan",
        "title",
        "desc",
    )
)
SHAPE_ATTRIBUTES = frozenset(
    """
    id role aria-label viewBox width height x y x1 y1 x2 y2 cx cy r rx ry d points transform fill fill-opacity
    fill-rule clip-rule stroke stroke-width stroke-linecap stroke-linejoin stroke-opacity opacity text-anchor
    font-family font-size font-weight letter-spacing dominant-baseline dx dy version preserveAspectRatio
    """.split()
)


@dataclass(frozen=True)
class Ground:
    """The platform's own colours that an organisation's stand upon or beside, in one of both schemes."""

    paper: str
    surface: str
    soft: str
    ink: str


LIGHT = Ground(paper="#faf7f2", surface="#ffffff", soft="#575d68", ink="#1f2329")
DARK = Ground(paper="#14171c", surface="#1c2027", soft="#b0b6c0", ink="#ece9e3")
ON_LIGHTENED = "#10161d"
RING_IN_THE_DARK = "#ffd479"
CORNERS = {"round": "1", "soft": ".4", "square": "0"}  # how far corners are rounded
VOICES = {"letter": "var(--letter)", "plain": "var(--plain)"}  # the type of headings


@dataclass(frozen=True)
class Branding:
    """The look of an organisation's pages: `brand` for headings, links and buttons, `on_brand` for text upon it,
    `tint` for a quiet background, `accent` for lines and marks; `corners` and `voice` are one of a few."""

    brand: str = "#1f4e79"
    on_brand: str = "#ffffff"
    tint: str = "#eef3f8"
    accent: str = "#8a5300"
    corners: str = "round"
    voice: str = "letter"


COLOURS = ("brand", "on_brand", "tint", "accent")


@dataclass(frozen=True)
class Pair:
    """Two colours that meet on a page; `field` is the one to change, `name` says what it is, `least` the ratio."""

    field: str
    name: str
    foreground: str
    background: str
    least: float = TEXT

    @property
    def found(self) -> float:
        return contrast(self.foreground, self.background)

    @property
    def is_enough(self) -> bool:
        return self.found >= self.least


def check_look(given: Branding) -> Branding:
    """The same look, colours in lower case; refused when one is no colour, or when it could not be read or seen.

    `too_little_contrast` tells the field, which pair it is, what was found, and a colour that would do.
    """
    look = replace(given, **{name: getattr(given, name).strip().lower() for name in COLOURS})
    for name in COLOURS:
        if not HEX_COLOUR.fullmatch(getattr(look, name)):
            raise Refused("not_a_colour", {"field": name})
    for field, known in (("corners", CORNERS), ("voice", VOICES)):
        if getattr(look, field) not in known:
            raise Refused("not_a_choice", {"field": field})
    weak = next((pair for pair in [*pairs(look), *pairs_in_the_dark(look)] if not pair.is_enough), None)
    if weak:
        raise Refused("too_little_contrast", told(look, weak))
    return look


def pairs(look: Branding) -> list[Pair]:
    """What is read or seen in the light."""
    return [
        Pair("on_brand", "button", look.on_brand, look.brand),
        Pair("brand", "card", look.brand, LIGHT.surface),
        Pair("brand", "paper", look.brand, LIGHT.paper),
        Pair("tint", "brand_on_tint", look.brand, look.tint),
        Pair("tint", "text_on_tint", LIGHT.soft, look.tint),
        Pair("accent", "mark", look.accent, LIGHT.paper),
        Pair("brand", "ring", look.brand, LIGHT.paper, RING),
        Pair("tint", "ring_on_tint", look.brand, look.tint, RING),
    ]


def pairs_in_the_dark(look: Branding) -> list[Pair]:
    """What is read or seen in the dark, where the colours are lightened by themselves."""
    dark = in_the_dark(look)
    return [
        Pair("brand", "button", dark.on_brand, dark.brand),
        Pair("brand", "card", dark.brand, DARK.surface),
        Pair("brand", "paper", dark.brand, DARK.paper),
        Pair("brand", "brand_on_tint", dark.brand, dark.tint),
        Pair("brand", "text_on_tint", DARK.soft, dark.tint),
        Pair("accent", "mark", dark.accent, DARK.paper),
        Pair("brand", "ring", RING_IN_THE_DARK, DARK.paper, RING),
        Pair("brand", "ring_on_tint", RING_IN_THE_DARK, dark.tint, RING),
    ]


def in_the_dark(look: Branding) -> Branding:
    """The colours of a look (six digits each) as they stand on dark paper."""
    return replace(
        look,
        brand=at_lightness(look.brand, 0.82, 0.09),
        on_brand=ON_LIGHTENED,
        tint=at_lightness(look.brand, 0.27, 0.035),
        accent=at_lightness(look.accent, 0.8, 0.1),
    )


def told(look: Branding, weak: Pair) -> dict[str, str]:
    """What is wrong with a pair, and a colour that would do."""
    return {
        "field": weak.field, "pair": weak.name, "foreground": weak.foreground, "background": weak.background,
        "found": f"{weak.found:.1f}", "least": f"{weak.least:.1f}", "better": nearest(look, weak.field),
    }  # fmt: skip


def nearest(look: Branding, field: str) -> str:
    """The least change of a colour, to black or white, by which all its pairs can be seen; empty when none does."""
    steps = [mixed(getattr(look, field), end, share / 25) for share in range(26) for end in ("#000000", "#ffffff")]
    for better in steps:
        if all(pair.is_enough for pair in pairs(replace(look, **{field: better})) if pair.field == field):
            return better
    return ""


def read_branding(kept: Mapping[str, Any]) -> Branding:
    """The look kept with an organisation; what is missing is the platform's own."""
    names = [field.name for field in fields(Branding)]
    return Branding(**{name: str(kept[name]) for name in names if name in kept})


def check_logo(data: bytes) -> str:
    """The media type of a logo: `image/png` or `image/svg+xml`.

    Refused: too heavy, too large, neither of the two, or a drawing that holds more than plain shapes and text
    (a script, a style, a link, a picture, an entity).
    """
    if len(data) > LOGO_BYTES:
        raise Refused("logo_too_heavy", {"most": str(LOGO_BYTES // 1024)})
    if data.startswith(PNG_SIGNATURE):
        _check_png(data)
        return "image/png"
    _check_svg(data)
    return "image/svg+xml"


def _check_png(data: bytes) -> None:
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise Refused("logo_unknown")
    width, height = struct.unpack(">II", data[16:24])
    if not (0 < width <= LOGO_PIXELS and 0 < height <= LOGO_PIXELS):
        raise Refused("logo_too_large", {"most": str(LOGO_PIXELS)})


def _check_svg(data: bytes) -> None:
    # No document type means no entities, so that the parser cannot be made to swell; no processing instructions
    # means no stylesheets. Only UTF-8, so that what is searched here is what the parser reads.
    try:
        text = data.decode("utf-8")
        root = None if "<!" in text.replace("<!--", "") or "<?" in text else ElementTree.fromstring(text)  # noqa: S314 - no document type gets here
    except (UnicodeDecodeError, ElementTree.ParseError):
        root = None
    if root is None or root.tag != f"{SVG}svg":
        raise Refused("logo_unknown")
    for element in root.iter():
        if element.tag not in SHAPES or not element.attrib.keys() <= SHAPE_ATTRIBUTES:
            raise Refused("logo_not_plain")
        if any("(" in value and name != "transform" for name, value in element.attrib.items()):
            raise Refused("logo_not_plain")
