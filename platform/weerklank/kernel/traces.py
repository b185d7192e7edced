"""Traces, when OTEL_EXPORTER_OTLP_ENDPOINT says where they go; without it nothing is loaded and nothing happens.

A span says what was done and how long it took: a request, a job, a term, a statement, a mail handed over. It carries
ids, words of the code and the text of a statement without its values; of an error its class only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

OPEN = "weerklank span"  # in the info of a connection
LONGEST = 2_000  # characters of a statement
SECONDS = 3  # for the collector to answer; it is asked in a thread of its own


class Tracing:
    """What this process traces with: nothing, until it is started."""

    provider: TracerProvider | None = None
    tracer: Tracer | None = None


def start(endpoint: str | None, process: str) -> None:
    """Trace from now on, to the collector at this address; None: do not."""
    if endpoint is None or Tracing.provider is not None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"weerklank-{process}"}))
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    Tracing.provider, Tracing.tracer = provider, provider.get_tracer("weerklank")
    for name, listener in LISTENERS.items():
        event.listen(Engine, name, listener)


def stop() -> None:
    """Send what was not sent yet, and trace no more."""
    if Tracing.provider is not None:
        Tracing.provider.shutdown()
        Tracing.provider = Tracing.tracer = None
        for name, listener in LISTENERS.items():
            event.remove(Engine, name, listener)


@contextmanager
def span(name: str, /, **about: str) -> Iterator[None]:
    """What happens within is one piece of work. `about` holds ids and words of the code."""
    if Tracing.tracer is None:
        yield
        return
    with Tracing.tracer.start_as_current_span(
        name, attributes=about, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except BaseException as error:
            fail(current, error)
            raise


def describe(name: str, /, **about: str) -> None:
    """Now it is known what the span that is open is about."""
    if Tracing.tracer is not None:
        from opentelemetry.trace import get_current_span

        current = get_current_span()
        current.update_name(name)
        current.set_attributes(about)


def fail(current: Span, error: BaseException | None) -> None:
    from opentelemetry.trace import Status, StatusCode

    current.set_status(Status(StatusCode.ERROR, type(error).__name__))


def begin_statement(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> None:
    assert Tracing.tracer is not None
    name, text = statement.split(None, 1)[0], statement[:LONGEST]
    opened = Tracing.tracer.start_span(name, attributes={"db.system.name": "postgresql", "db.query.text": text})
    connection.info.setdefault(OPEN, []).append(opened)


def end_statement(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> None:
    if connection.info.get(OPEN):
        connection.info[OPEN].pop().end()


def end_failed_statement(context: ExceptionContext) -> None:
    if context.connection is not None and context.statement is not None and context.connection.info.get(OPEN):
        opened: Span = context.connection.info[OPEN].pop()
        fail(opened, context.original_exception)
        opened.end()


LISTENERS: Mapping[str, Callable[..., None]] = {
    "before_cursor_execute": begin_statement,
    "after_cursor_execute": end_statement,
    "handle_error": end_failed_statement,
}
