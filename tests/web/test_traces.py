"""Traces: sent when somebody asked for them, with ids and words of the code only; else not even loaded."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask import Flask
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from tests.web.complaining import STORY, YOU, follow
from tests.web.pages import OpenReader
from weerklank.kernel import traces
from weerklank.kernel.database import without_tenant


@dataclass
class Collector:
    """What was sent to a collector of traces on this machine."""

    address: str = ""
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> list[Span]:
        resources = [each for body in self.bodies for each in ExportTraceServiceRequest.FromString(body).resource_spans]
        return [span for each in resources for scope in each.scope_spans for span in scope.spans]


@pytest.fixture
def collector() -> Iterator[Collector]:
    """Traces go there until the end of the test."""
    collected = Collector()

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collected.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Take) as server:
        collected.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        traces.start(collected.address, "test")
        yield collected
        traces.stop()
        server.shutdown()
        thread.join()


def about(span: Span) -> dict[str, str]:
    return {each.key: each.value.string_value for each in span.attributes}


def test_it_traces_requests_and_their_statements_and_tells_nothing_that_anybody_wrote(
    app: Flask, reader: OpenReader, collector: Collector
) -> None:
    follow(reader("staatvandienst"))
    traces.stop()
    spans = collector.spans()
    (sent,) = [span for span in spans if span.name.startswith("POST /complain") and "case" in about(span)]
    assert {"request_id", "tenant", "case", "status"} <= about(sent).keys()
    within = [span for span in spans if span.trace_id == sent.trace_id and span.parent_span_id == sent.span_id]
    assert {span.name for span in within} >= {"SELECT", "INSERT"}
    assert all("db.query.text" in about(span) for span in within)
    everything = b"".join(collector.bodies)
    for canary in (STORY, YOU["name"], YOU["email"], "Els Evers"):
        assert canary.encode() not in everything
    assert b"opentelemetry" in everything  # they are not compressed, so one may look for words in them


def test_it_tells_of_a_statement_that_failed_by_the_class_of_its_error(session: Session, collector: Collector) -> None:
    with without_tenant(session, "a test asks for what is not there"), pytest.raises(ProgrammingError):
        session.execute(text("SELECT :name FROM nowhere"), {"name": "Anna Jansen"})
    session.rollback()
    traces.stop()
    (failed,) = [span for span in collector.spans() if span.status.code == Status.STATUS_CODE_ERROR]
    assert (failed.name, failed.status.message) == ("SELECT", "UndefinedTable")
    assert b"Anna" not in b"".join(collector.bodies)


def test_it_names_a_span_of_work_and_the_class_of_what_ended_it(collector: Collector) -> None:
    with pytest.raises(KeyError), traces.span("job deliver", tenant="t1"):
        raise KeyError("Anna Jansen")
    traces.stop()
    (span,) = collector.spans()
    assert (span.name, about(span), span.status.message) == ("job deliver", {"tenant": "t1"}, "KeyError")


def test_it_loads_nothing_when_nobody_asked() -> None:
    code = (
        "import sys, weerklank.web, weerklank.web.log, weerklank.workers.crew, weerklank.workers.clock\n"
        "from weerklank.kernel import traces\ntraces.start(None, 'web')\n"
        "with traces.span('request'): traces.describe('GET /')\n"
        "ours = ('opentelemetry.sdk.trace', 'opentelemetry.exporter', 'google')\n"
        "print([name for name in sys.modules if name.startswith(ours)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
