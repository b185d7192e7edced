"""Keeps processes running: starts them, starts again what dies, stops all of them together.

The supervisor waits for signals and does nothing else. Its children get a process group of their own, so that
a Ctrl-C reaches the supervisor alone, and a signal of the kernel when it dies, so that none is left behind.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

STOP_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
WATCHED = STOP_SIGNALS | {signal.SIGCHLD}
STEADY_SECONDS = 60.0  # who ran this long starts anew with the shortest pause
LONGEST_PAUSE = 30.0
STOP_SECONDS = 10.0
UNREADY_STOP_SECONDS = 1.0  # nobody was served yet
READY_EVERY = 0.1
BAD_SURROUNDINGS = 2
PR_SET_PDEATHSIG = 1

Say = Callable[[str], None]


@dataclass
class Child:
    """A process to be kept running, and how that went so far."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    failures: int = 0
    start_at: float = 0.0
    tier: int = 0  # what a higher tier needs; it is stopped after that


def supervise(children: Sequence[Child], is_ready: Callable[[], bool], on_ready: Callable[[], None], say: Say) -> int:
    """Run the children until a signal asks to stop; answers the exit code.

    `is_ready` is asked until it says yes; `on_ready` is then called once. A child that ends with 2 before
    that has named bad surroundings itself: all stops, and 2 is the answer. For the main thread only.
    """
    ready = False
    with signals_held():
        try:
            while True:
                for child in children:
                    if child.process is None and child.start_at <= time.monotonic():
                        start(child)
                caught = signal.sigtimedwait(WATCHED, pause(children, ready))
                if caught is not None and caught.si_signo in STOP_SIGNALS:
                    return 0
                for child in children:
                    if reap(child, say) == BAD_SURROUNDINGS and not ready:
                        return BAD_SURROUNDINGS
                if not ready and is_ready():
                    ready = True
                    on_ready()
        finally:
            stop(children, STOP_SECONDS if ready else UNREADY_STOP_SECONDS)


@contextlib.contextmanager
def signals_held() -> Iterator[None]:
    """Hold back the watched signals, so that they are waited for and interrupt nothing."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    try:
        yield
    finally:
        while signal.sigtimedwait(WATCHED, 0) is not None:
            pass  # a second Ctrl-C while all was being stopped
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start(child: Child) -> None:
    supervisor = os.getpid()

    def before_exec() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != supervisor:
            os._exit(1)

    child.started = time.monotonic()
    child.process = subprocess.Popen(
        child.command,
        env=child.environ,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=before_exec,
    )


def pause(children: Sequence[Child], ready: bool) -> float:
    """Seconds until there is something to do without a signal: a start that is due, asking for readiness."""
    due = [child.start_at - time.monotonic() for child in children if child.process is None]
    return max(0.0, min([*due, LONGEST_PAUSE if ready else READY_EVERY]))


def reap(child: Child, say: Say) -> int | None:
    """Notice that a child ended and plan its next start; answers its exit code."""
    code = child.process.poll() if child.process else None
    if child.process is None or code is None:
        return None
    kill_group(child.process)  # its own children, if it left any
    child.process = None
    steady = time.monotonic() - child.started > STEADY_SECONDS
    child.failures = 1 if steady else child.failures + 1
    wait = min(0.5 * 2 ** (child.failures - 1), LONGEST_PAUSE)
    child.start_at = time.monotonic() + wait
    say(f"{child.name} stopped ({ending(code)}); it starts again in {wait:g} s")
    return code


def ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def stop(children: Sequence[Child], patience: float) -> None:
    """Ask all to finish what they do, tier by tier, and end those that have not after so many seconds each."""
    for tier in sorted({child.tier for child in children}, reverse=True):
        stop_together([child.process for child in children if child.process and child.tier == tier], patience)


def stop_together(running: "Sequence[subprocess.Popen[bytes]]", patience: float) -> None:
    for process in running:
        process.terminate()
    give_up_by = time.monotonic() + patience
    for process in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, give_up_by - time.monotonic()))
        kill_group(process)
        process.wait()


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left
        os.killpg(process.pid, signal.SIGKILL)
