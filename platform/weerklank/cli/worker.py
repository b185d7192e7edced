"""`weerklank worker`: the threads that carry out jobs, and the clock. SIGTERM: finish what is at hand and stop."""

import argparse
import signal
import threading

from weerklank.kernel.settings import load


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("worker", help="carry out jobs and keep the clock")
    parser.add_argument("--no-clock", action="store_true", help="only jobs: another process keeps the clock")
    parser.add_argument("--no-jobs", action="store_true", help="only the clock")
    parser.set_defaults(run=work, needs_database=True)


def work(arguments: argparse.Namespace) -> None:
    """Work until told to stop."""
    from weerklank.assembly import assemble, parts_of
    from weerklank.kernel import logs
    from weerklank.kernel.probes import Questions, open_probes
    from weerklank.workers import bell, clock

    settings = load()
    logs.configure(settings.environment, settings.log_level)
    platform, stop = assemble(settings), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    broker = bell.make_broker(settings.redis_url)
    ring = bell.hang(broker, platform)
    threads = None if arguments.no_jobs else bell.start_threads(broker, settings.worker_threads)
    alive = {} if arguments.no_clock else {"clock": clock.GOING.state}
    if settings.probe_port:
        open_probes(settings.probe_host, [settings.probe_port], Questions(alive, parts_of(platform)))
    if arguments.no_clock:
        stop.wait()
    else:
        clock.run_clock(platform, ring, stop)
    if threads:
        threads.stop(timeout=8_000)
    broker.close()
