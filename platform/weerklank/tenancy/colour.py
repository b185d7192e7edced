"""Colours as numbers: how well one is seen on another, and the same hue at another lightness. A colour is `#rrggbb`."""

from math import atan2, cbrt, cos, hypot, sin

# From linear light to what the eye's cones answer to, from that to lightness and two axes of colour, and back again:
# Bjoern Ottosson, "A perceptual color space for image processing" (Oklab), 2020.
CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
AXES = ((1.9779984951, -2.4285922050, 0.4505937099), (0.0259040371, 0.7827717662, -0.8086757660))
BACK_TO_CONES = (
    (1, 0.3963377774, 0.2158037573),
    (1, -0.1055613458, -0.0638541728),
    (1, -0.0894841775, -1.2914855480),
)
BACK_TO_LIGHT = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)
Row = tuple[float, ...]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = (linear(part / 255) for part in parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def parts(colour: str) -> list[int]:
    """Red, green and blue, from 0 to 255."""
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def mixed(one: str, other: str, share: float) -> str:
    """So much of the other colour in this one, from 0 to 1."""
    return written([a + (b - a) * share for a, b in zip(parts(one), parts(other), strict=True)])


def written(light: list[float]) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in light)


def at_lightness(colour: str, lightness: float, most_chroma: float) -> str:
    """The same hue at this lightness (Oklab's, 0 to 1), and not more colourful than this; a grey stays grey."""
    cones = [cbrt(each) for each in times(CONES, [linear(part / 255) for part in parts(colour)])]
    along, across = times(AXES, cones)
    hue, chroma = atan2(across, along), min(hypot(along, across), most_chroma)
    cones = [each**3 for each in times(BACK_TO_CONES, [lightness, chroma * cos(hue), chroma * sin(hue)])]
    return written([255 * encoded(min(max(part, 0.0), 1.0)) for part in times(BACK_TO_LIGHT, cones)])


def times(rows: tuple[Row, ...], column: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, column, strict=True)) for row in rows]


def encoded(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else float(1.055 * part ** (1 / 2.4) - 0.055)
