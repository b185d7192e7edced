"""What machines may ask of a process that serves pages; see `kernel/probes.py`."""

from __future__ import annotations

from flask import Flask

from weerklank.assembly import Platform, parts_of
from weerklank.kernel import metrics
from weerklank.kernel.database import open_session
from weerklank.kernel.errors import NotFound
from weerklank.kernel.probes import Listener, Questions, open_probes
from weerklank.tenancy.organisations import find_by_host, find_by_slug
from weerklank.web.parts import NAME
from weerklank.web.tenants import bare_host, platform_hosts
from weerklank.web.turns import turns_of


def answer_machines(app: Flask) -> Listener | None:
    """Answer probes from now on, if PROBE_PORT says where. For the process that serves, not for every application."""
    platform: Platform = app.extensions[NAME]
    settings = platform.settings
    if settings.probe_port is None:
        return None
    turns = turns_of(app)
    metrics.IN_HAND.set_function(lambda: len(turns.in_hand.since))
    metrics.WAITING.set_function(turns.places.count_waiting)
    questions = Questions({"requests": turns.state}, parts_of(platform), lambda name: serves(platform, name))
    ports = range(settings.probe_port, settings.probe_port + settings.web_processes)
    return open_probes(settings.probe_host, ports, questions)


def serves(platform: Platform, given: str) -> bool:
    """Whether pages are served under this name: the platform's own, `<short name>.` before it, or a verified one."""
    host = bare_host(given)
    own = platform_hosts(platform.settings)
    if host in own or not host:
        return bool(host)
    label, _, rest = host.partition(".")
    with open_session(platform.database) as session:
        if rest not in own:
            return find_by_host(session, host) is not None
        try:
            return find_by_slug(session, label) is not None
        except NotFound:
            return False
