"""What commands print, in the language that was asked for, by the same catalogues as the pages."""

from collections.abc import Callable
from functools import cache

from weerklank.kernel.settings import ROOT

AREAS = ("engine", "cli")


def translator(language: str) -> Callable[[str], str]:
    """A function that answers a text in `language`; the same text where the catalogues have no other."""
    said = catalogue(language)
    return lambda text: said.get(text, text)


@cache
def catalogue(language: str) -> dict[str, str]:
    from babel.messages.pofile import read_po

    said: dict[str, str] = {}
    for area in AREAS:
        path = ROOT / "translations" / area / language / "LC_MESSAGES" / "messages.po"
        if path.is_file():
            with path.open("rb") as lines:
                said.update({str(one.id): str(one.string) for one in read_po(lines, locale=language) if one.id})
    return said
