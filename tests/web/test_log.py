"""What is logged and counted of a request: its number, organisation and case, and never who or what."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import structlog
from flask import Flask
from prometheus_client import REGISTRY
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.testing import capture_logs

from tests.web.complaining import follow
from tests.web.pages import OpenReader
from weerklank.kernel.metrics import group_of


@pytest.fixture
def said() -> Iterator[list[Any]]:
    """What the log says, with what is known where it is said."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    with capture_logs(processors=[merge_contextvars]) as lines:
        yield lines
    structlog.configure(**before)


def figure(name: str, /, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_every_line_within_a_request_says_whose_it_is(
    app: Flask, reader: OpenReader, staatvandienst: UUID, said: list[Any]
) -> None:
    browser = reader("staatvandienst")
    follow(browser)
    browser.get("/status/complaint")
    assert said
    assert {line["tenant"] for line in said} == {str(staatvandienst)}
    assert len({line["request_id"] for line in said}) == len([line for line in said if line["event"] == "request"])
    about = [(line["method"], line["case"]) for line in said if "case" in line]
    assert {method for method, case in about} == {"POST", "GET"}  # it was sent, and looked at
    assert len({case for method, case in about}) == 1
    assert get_contextvars() == {}


def test_it_counts_requests_by_route_and_status_and_organisations_by_group(
    app: Flask, reader: OpenReader, staatvandienst: UUID
) -> None:
    found = {"route": "/status", "method": "GET", "status": "200"}
    lost = {"route": "none", "method": "GET", "status": "404"}
    group = group_of(staatvandienst)
    before = figure("weerklank_requests_total", **found), figure("weerklank_requests_total", **lost)
    of_group = figure("weerklank_tenant_requests_total", group=group)
    reader("staatvandienst").get("/status")
    reader("staatvandienst").get("/nobody-knows-this", 404)
    assert figure("weerklank_requests_total", **found) == before[0] + 1
    assert figure("weerklank_requests_total", **lost) == before[1] + 1
    assert figure("weerklank_tenant_requests_total", group=group) == of_group + 2
    assert figure("weerklank_request_seconds_count", route="/status") > 0


def test_a_method_that_somebody_made_up_makes_no_new_figure(app: Flask) -> None:
    app.test_client().open("/staatvandienst/", method="ANNA-JANSEN")
    seen = {sample.labels["method"] for metric in REGISTRY.collect() if metric.name == "weerklank_requests"
            for sample in metric.samples}  # fmt: skip
    assert "other" in seen
    assert not any("ANNA" in method for method in seen)
