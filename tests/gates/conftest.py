"""One server with invented complaints for all gates, looked at in Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from playwright.sync_api import Browser

from tests.conftest import Database, copy_database
from tests.gates.ground import EMPTY, FULL, Ground, lay
from tests.gates.look import Eyes
from tests.gates.rare import RARE
from tests.journeys.house import Post, environment, opened
from tests.web.conftest import running
from tests.workers.conftest import free_port
from weerklank.kernel.keys import create_keystore
from weerklank.kernel.postgres import Cluster

SLUGS = {"full": f"/{FULL}", "empty": f"/{EMPTY}", "rare": f"/{RARE}", "": ""}
OpenEyes = Callable[[str], Eyes]


@pytest.fixture(scope="package")
def gates_database(cluster: Cluster) -> Iterator[Database]:
    create_keystore(cluster.dsn("weerklank_keys", "weerklank_keys"))
    yield from copy_database(cluster)


@pytest.fixture(scope="package")
def ground(gates_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=free_port())
    controller.start()
    smtp_url = f"smtp://127.0.0.1:{controller.port}"
    with opened(environment(tmp_path_factory.mktemp("gates"), gates_database, free_port(), smtp_url), post) as house:
        yield lay(house)
    controller.stop()


@pytest.fixture(scope="package")
def gates_app(ground: Ground) -> Iterator[Flask]:
    """The application, to ask which routes there are."""
    with running(ground.house.platform.settings) as app:
        yield app


@pytest.fixture(scope="package")
def eyes(ground: Ground, chromium: Browser) -> OpenEyes:
    """The tab of each visitor, opened when he first looks."""
    opened: dict[str, Eyes] = {}

    def of(who: str) -> Eyes:
        if who not in opened:
            context = chromium.new_context(locale="nl", reduced_motion="reduce")
            context.add_cookies(ground.cookies[who])  # type: ignore[arg-type]  # dicts as it wants them
            opened[who] = Eyes(context, ground.url)
        return opened[who]

    return of
