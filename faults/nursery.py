"""A parent that has the whole program in memory and gives birth to its processes: a hundred starts in a minute.

One order a line comes in as JSON: the command, its environment, the file for what it says. The answer is the child's
number. A child is the command itself (`weerklank ...` or granian), in a session of its own; only the time that Python
needs to import is saved. It dies when its parent does.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from importlib import import_module
from typing import Any, NoReturn

PR_SET_PDEATHSIG = 1


PROGRAM = (  # what takes long to import
    "granian.cli", "granian.server", "weerklank.web", "weerklank.workers.bell", "weerklank.workers.clock",
    *(f"weerklank.web.{area}" for area in ("portal", "login", "desk", "office", "console")),
)  # fmt: skip


def main() -> None:
    for name in PROGRAM:
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    parent = os.getpid()
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            be(order, parent)
        print(child, flush=True)


def be(order: dict[str, Any], parent: int) -> NoReturn:
    """Become the process that was ordered."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        os.setsid()
        nothing, said = os.open(os.devnull, os.O_RDONLY), os.open(order["log"], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        for target, source in enumerate((nothing, said, said)):
            os.dup2(source, target)
        os.environ.clear()
        os.environ.update(order["environ"])
        code = carry_out(order["command"])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


def carry_out(command: list[str]) -> int:
    """Run `weerklank ...` or granian as their scripts do."""
    from weerklank.kernel import crash

    crash.arm(os.environ)
    sys.argv = command
    sys.orig_argv = [sys.executable, "-m", *command]
    if command[0] == "baseline":
        import_module("faults.baseline").work()
        return 0
    if "FAULTS_BASELINE" in os.environ:
        import_module("faults.baseline").switch_off()
    if "FAULTS_POISONED" in os.environ:
        import_module("faults.poisoned").register()
    if command[0].startswith("faults."):
        import_module(command[0]).work()
        return 0
    if command[0] == "granian":
        import_module("granian.cli").entrypoint()
        return 0
    from weerklank.cli.main import main as weerklank

    return weerklank(command[1:])


if __name__ == "__main__":
    main()
