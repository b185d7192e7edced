"""What machines may ask of a process that serves pages: whether it does, and under which names."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from flask import Flask

from tests.conftest import Database
from tests.kernel.test_probes import ask, free_ports, states
from tests.web.own import make_own
from weerklank.assembly import Platform
from weerklank.kernel.database import open_session
from weerklank.tenancy.hosts import ask_for_host, verify_host
from weerklank.tenancy.organisations import find_by_slug
from weerklank.web.parts import NAME
from weerklank.web.probes import answer_machines, serves

NOW = datetime(2026, 3, 6, 15, tzinfo=UTC)


def test_it_serves_its_own_names_those_of_organisations_and_what_they_have_proven(
    app: Flask, web_database: Database
) -> None:
    own = make_own(app, web_database)
    platform: Platform = app.extensions[NAME]
    in_production = replace(
        platform,
        settings=replace(
            platform.settings,
            environment="production",
            base_url="https://weerklank.example",
            hosts=("www.example.net",),
        ),
    )
    name = f"{own.slug}.klachten.nl"
    with open_session(web_database.engine) as session:
        tenant = find_by_slug(session, own.slug)
    with platform.tenant(own.id) as session:
        tenant = session.merge(tenant)
        ask_for_host(session, tenant, name, NOW, own=())
        session.commit()
        assert not serves(in_production, name), "asked for and not proven"
        verify_host(session, tenant, name, NOW)
        session.commit()
    served = (name, name.upper(), "weerklank.example", "www.example.net", f"{own.slug}.weerklank.example")
    assert [each for each in served if not serves(in_production, each)] == []
    strangers = (
        "",
        "localhost",
        "nobody.weerklank.example",
        f"a.{name}",
        "elsewhere.example",
        "a b",
        "x" * 300,
        "1.2.3.4",
    )
    assert [each for each in strangers if serves(in_production, each)] == []
    in_production.database.dispose()


def test_it_answers_only_where_it_is_told_to(app: Flask) -> None:
    platform: Platform = app.extensions[NAME]
    assert platform.settings.probe_port is None
    assert answer_machines(app) is None
    (port,) = free_ports(1)
    app.extensions[NAME] = replace(platform, settings=replace(platform.settings, probe_port=port))
    listener = answer_machines(app)
    try:
        assert listener is not None
        assert states(port, "/readyz") == (200, {"database": "ok", "keys": "ok"})
        assert states(port, "/healthz") == (200, {"requests": "ok"})
        assert ask(port, "/hosts?domain=localhost")[0] == 200
        assert "weerklank_requests_in_hand 0.0" in ask(port, "/metrics")[1]
        listener.shutdown()
        listener.server_close()
    finally:
        app.extensions[NAME].database.dispose()
        app.extensions[NAME] = platform
