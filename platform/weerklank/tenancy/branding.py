"""An organisation's look: colours checked for contrast, and a logo that can do nothing but be seen."""

import re
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any
from xml.etree import ElementTree

from weerklank.kernel.errors import Refused

ENOUGH_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3, text of ordinary size
PAPER = "#ffffff"
INK = "#1b1b1b"
HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
LOGO_BYTES = 256 * 1024
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
class Branding:
    """Colours of an organisation's pages: `brand` for headings, links and buttons, `on_brand` for text upon it,
    `tint` for a quiet background, `accent` for lines and marks."""

    brand: str = "#1f4e79"
    on_brand: str = "#ffffff"
    tint: str = "#eef3f8"
    accent: str = "#8a5300"


def check_colours(given: Branding) -> Branding:
    """The same colours, in lower case; refused when one is no colour, or when text in it could not be read."""
    colours = {name: value.strip().lower() for name, value in asdict(given).items()}
    for name, value in colours.items():
        if not HEX_COLOUR.fullmatch(value):
            raise Refused("not_a_colour", {"field": name})
    checked = Branding(**colours)
    pairs = {
        "on_brand": (checked.on_brand, checked.brand),
        "brand": (checked.brand, PAPER),
        "tint": (checked.brand, checked.tint),
        "accent": (checked.accent, PAPER),
    }
    for name, (foreground, background) in (*pairs.items(), ("tint", (INK, checked.tint))):
        found = contrast(foreground, background)
        if found < ENOUGH_CONTRAST:
            values = {"field": name, "foreground": foreground, "background": background, "found": f"{found:.1f}"}
            raise Refused("too_little_contrast", values)
    return checked


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (`#rrggbb`), from 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def read_branding(kept: Mapping[str, Any]) -> Branding:
    """The colours kept with an organisation; what is missing is the platform's own."""
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
