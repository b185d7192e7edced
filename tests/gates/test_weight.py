"""What all pages together ask a browser to fetch, compressed."""

from __future__ import annotations

import gzip

from weerklank.web.shared import SHEETS, STATIC

MOST_STYLE, MOST_SCRIPT = 20_000, 10_000  # bytes


def weight(kind: str) -> int:
    return sum(len(gzip.compress(path.read_bytes())) for path in STATIC.glob(f"*.{kind}"))


def test_all_style_and_all_script_weigh_little() -> None:
    assert weight("css") < MOST_STYLE
    assert weight("js") < MOST_SCRIPT


def test_every_sheet_there_is_belongs_to_some_pages() -> None:
    assert {path.name for path in STATIC.glob("*.css")} == {name for names in SHEETS.values() for name in names}
