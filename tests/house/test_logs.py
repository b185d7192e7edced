"""The logs: no value that a person wrote gets into them, whoever logs and whatever goes wrong."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import weerklank
from weerklank.kernel.logs import ALLOWED

SECRET = "Anna Jansen"
WRITES = r"(log|(structlog\.)?get_logger\(\))\.(debug|info|warning|error|exception)"


def lines_of(code: str) -> list[dict[str, object]]:
    """What a process of its own logs, as it would in production."""
    prelude = (
        "import logging, structlog; from weerklank.kernel.logs import configure; configure('production', 'info')\n"
    )
    done = subprocess.run([sys.executable, "-c", prelude + code], capture_output=True, text=True, check=False)
    assert SECRET not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_it_writes_known_keys_and_says_which_it_dropped() -> None:
    (line,) = lines_of(f"structlog.get_logger().info('received', case='c1', name={SECRET!r})")
    assert line.pop("timestamp")
    assert line == {"event": "received", "level": "info", "case": "c1", "dropped": ["name"]}


def test_it_tells_an_exception_by_its_class_and_places() -> None:
    (line,) = lines_of(
        "def read(name):\n    raise ValueError('no such person: ' + name)\n"
        f"try:\n    read({SECRET!r})\nexcept ValueError:\n    structlog.get_logger().exception('failed')"
    )
    assert line["error"] == "ValueError"
    assert str(line["frames"]).count("read") == 1


def test_it_tells_an_uncaught_exception_the_same_way_also_in_a_thread() -> None:
    (line,) = lines_of(f"raise KeyError({SECRET!r})")
    assert (line["event"], line["error"]) == ("uncaught", "KeyError")
    (line,) = lines_of(
        "import threading\ndef work():\n"
        f"    raise KeyError({SECRET!r})\n"
        "thread = threading.Thread(target=work); thread.start(); thread.join()"
    )
    assert (line["event"], line["error"]) == ("uncaught", "KeyError")


def test_it_keeps_of_a_librarys_line_the_text_of_its_code() -> None:
    (line,) = lines_of(
        "log = logging.getLogger('library')\n"
        f"try:\n    raise ValueError({SECRET!r})\n"
        f"except ValueError:\n    log.error('could not send to %s', {SECRET!r}, exc_info=True)\n"
        f"log.info('sent to %s', {SECRET!r})"
    )
    assert (line["event"], line["error"], line["logger"]) == ("could not send to %s", "ValueError", "library")


def test_it_tells_an_error_that_a_library_logs_in_place_of_a_text_by_its_class() -> None:
    (line,) = lines_of(f"logging.getLogger('library').error(ValueError({SECRET!r}))")
    assert line["event"] == "ValueError"


def test_it_leaves_out_what_is_below_the_level() -> None:
    assert lines_of("structlog.get_logger().debug('detail', count=1)") == []


def test_it_is_asked_to_write_no_key_that_it_would_drop() -> None:
    calls = (
        (path, node)
        for path in Path(weerklank.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    )
    logged = ((path, node) for path, node in calls if re.fullmatch(WRITES, ast.unparse(node.func)))
    unknown = [
        f"{path.name}:{node.lineno} {key.arg}"
        for path, node in logged
        for key in node.keywords
        if key.arg not in (*ALLOWED, "exc_info")
    ]
    assert unknown == []
