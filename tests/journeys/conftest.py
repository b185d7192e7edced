"""One platform for all journeys; every visitor has a browser profile of his own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser

from tests.conftest import Database, copy_database
from tests.journeys.house import House, Post, environment, opened
from tests.journeys.visitor import Visitor
from tests.workers.conftest import free_port
from weerklank.kernel.keys import create_keystore
from weerklank.kernel.postgres import Cluster


@pytest.fixture(scope="session")
def journeys_database(cluster: Cluster) -> Iterator[Database]:
    create_keystore(cluster.dsn("weerklank_keys", "weerklank_keys"))
    yield from copy_database(cluster)


@pytest.fixture(scope="session")
def house(journeys_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Server, worker, mail server and database, running."""
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=free_port())
    controller.start()
    var = tmp_path_factory.mktemp("house")
    smtp_url = f"smtp://127.0.0.1:{controller.port}"
    with opened(environment(var, journeys_database, free_port(), smtp_url), post) as house:
        yield house
    controller.stop()


OpenVisitor = Callable[..., Visitor]


@pytest.fixture
def visitor(house: House, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[OpenVisitor]:
    """Opens a browser profile: `visitor("staatvandienst")`, with `phone=True` as small as a telephone."""
    opened: list[Visitor] = []

    def open_one(slug: str = "", *, phone: bool = False, language: str = "en", **more: Any) -> Visitor:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = chromium.new_context(viewport=size, locale=language, has_touch=phone, **more)  # type: ignore[arg-type]  # a dict with two numbers
        scripts = more.get("java_script_enabled", True)
        opened.append(Visitor(house, context, slug, request.node.name, scripts=scripts))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()
