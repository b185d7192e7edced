"""Logs without personal data: one line a happening, of which only keys that are known to be harmless get out.

`event` is a constant text written in the code; whatever varies goes into a key of `ALLOWED`. An exception is
told by its class and the places in the code, never by its text or values, for these hold what people wrote.
"""

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from weerklank.kernel import metrics

LIBRARY = "library"

# Ids, counts, instants and words out of the code; never a name, an address, a subject or a search term.
# fmt: off
ALLOWED = frozenset(
    (
        "event", "level", "timestamp", "logger", "error", "frames", "dropped", "tenant", "case",
        "action", "kind", "state", "phase", "channel", "queue", "actor", "rule", "table", "route",
        "method", "status", "version", "template", "event_id", "outbox_id", "message_id",
        "deadline_id", "task_id", "file_id", "request_id", "session_id", "user_id",
        "policy_version", "attempt", "attempts", "count", "size", "ms", "seconds", "due", "delay",
        "claimed", "left", "done", "failed", "port", "process", "pid", "signal", "code",
    )
)
# fmt: on


def configure(environment: str, level: str) -> None:
    """Set up the logs of this process: JSON lines on stderr, readable lines in development."""
    shared = (structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level, counted, exception_by_place)
    written = (structlog.processors.TimeStamper(fmt="iso", utc=True), only_allowed)
    renderer = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if environment == "development"
        else structlog.processors.JSONRenderer(default=str)
    )
    threshold = getattr(logging, level.upper())
    structlog.configure(
        processors=[*shared, *written, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
            ],
            processors=[template_only, counted, exception_by_place, *written, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(threshold, logging.WARNING), force=True)
    sys.excepthook = log_uncaught
    threading.excepthook = lambda args: log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def counted(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Count what deserves a look. The text of our own lines is a constant in the code; a library's may be anything."""
    if event["level"] not in ("debug", "info"):
        metrics.SAID.labels(event["level"], LIBRARY if "logger" in event else event["event"]).inc()
    return event


def only_allowed(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Let known keys through; a line that loses one says which, so that its author sees it."""
    kept = {key: value for key, value in event.items() if key in ALLOWED}
    dropped = sorted(event.keys() - kept.keys())
    return {**kept, "dropped": dropped} if dropped else kept


def exception_by_place(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Replace an exception by its class and the places it went through."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["frames"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
    return event


def template_only(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Of a library's record keep the text that stands in its code, not the values it was filled with."""
    record: logging.LogRecord = event.pop("_record")
    event.pop("_from_structlog", None)
    # Some libraries log an error object in place of a text: its words are nobody's to read here.
    event["event"] = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
    return event


def log_uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> Any:
    structlog.get_logger().error("uncaught", exc_info=error or kind())
