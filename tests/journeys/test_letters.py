"""Letters as they leave the printer: looked at as pages of a PDF from Chromium."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.web.conftest import app, web_database, web_settings  # noqa: F401 - fixtures
from tests.web.desk.conftest import Desk, open_desk  # noqa: F401 - fixtures
from tests.web.pages import Page
from weerklank.cases.actions.complete import Complete
from weerklank.web import __file__ as web_file

pytestmark = pytest.mark.browser
STATIC = Path(web_file).parent / "static"


def printed(chromium: Browser, page: Page) -> bytes:
    """This page as a PDF, with our stylesheets and nothing from anywhere."""
    html = page.response.get_data(as_text=True)
    styles = "".join((STATIC / name).read_text("utf-8") for name in ("app.css", "desk.css"))
    html = re.sub(r"<link[^>]*stylesheet[^>]*>", "", html).replace("</head>", f"<style>{styles}</style></head>")
    context = chromium.new_context(java_script_enabled=False, offline=True)
    shown = context.new_page()
    shown.set_content(html)
    made = shown.pdf(format="A4", prefer_css_page_size=True)
    context.close()
    return made


def told(tool: str, pdf: bytes, *more: str) -> str:
    return subprocess.run([tool, *more], input=pdf, capture_output=True, check=True).stdout.decode()


def letter_for(desk: Desk, name: str) -> None:
    contact = {"name": name, "address": f"Dorpsstraat {len(name)}\n1234 AB Ergens"}
    received = desk.receive(contact=contact, way="post")
    desk.do(received.case_id, Complete("acknowledge", text="Wij gaan ermee aan de slag."), desk.cast.bram)
    desk.write_out()


def test_it_prints_each_letter_on_a4_with_the_address_where_the_window_is(
    open_desk: Callable[..., Desk], chromium: Browser  # noqa: F811 - the fixture
) -> None:  # fmt: skip
    desk = open_desk()
    for name in ("Anna de Wit", "Berend Zwart", "Carla Groen"):
        letter_for(desk, name)
    bram = desk.staff(desk.cast.bram)
    pdf = printed(chromium, bram.get("/desk/letters/print"))

    about = told("pdfinfo", pdf, "-")
    assert "Pages:           3" in about
    assert "A4" in about
    for number, name in enumerate(("Anna de Wit", "Berend Zwart", "Carla Groen"), 1):
        window = ("-f", str(number), "-l", str(number), "-r", "72", "-x", "57", "-y", "130", "-W", "240", "-H", "85")
        assert name in told("pdftotext", pdf, *window, "-", "-")
        whole = told("pdftotext", pdf, "-f", str(number), "-l", str(number), "-", "-")
        assert desk.organisation.name in whole
        assert "Your complaint DES-" in whole or "Uw klacht DES-" in whole
        assert "Menu" not in whole
        assert "Print" not in whole


def test_it_prints_one_letter_on_one_page(
    open_desk: Callable[..., Desk], chromium: Browser  # noqa: F811 - the fixture
) -> None:
    desk = open_desk()
    letter_for(desk, "Anna de Wit")
    bram = desk.staff(desk.cast.bram)
    listed = bram.get("/desk/letters")
    links = [each.attributes["href"] for each in listed.root.one("main").all("a")]
    link = next(each for each in links if "/messages/" in each)
    pdf = printed(chromium, bram.get(link.removeprefix(bram.base)))
    assert "Pages:           1" in told("pdfinfo", pdf, "-")
