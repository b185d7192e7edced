"""`weerklank worker`: the threads that carry out jobs, and the clock. SIGTERM: finish what is at hand and stop."""

import argparse
import resource
import signal
import sys
import threading
from uuid import UUID

from weerklank.kernel.settings import Settings, load

SECONDS_TO_FINISH = 7.0  # jobs at hand when it is told to stop; the rest is given back
ALONE = "--one"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("worker", help="carry out jobs and keep the clock")
    parser.add_argument("--no-clock", action="store_true", help="only jobs: another process keeps the clock")
    parser.add_argument("--no-jobs", action="store_true", help="only the clock")
    parser.add_argument(ALONE, nargs=3, type=UUID, metavar=("TENANT", "JOB", "LEASE"), help=argparse.SUPPRESS)
    parser.set_defaults(run=work, needs_database=True)


def work(arguments: argparse.Namespace) -> None:
    """Work until told to stop."""
    from weerklank.assembly import assemble, parts_of
    from weerklank.kernel import logs, metrics, traces
    from weerklank.kernel.probes import Questions, open_probes
    from weerklank.workers import bell, clock
    from weerklank.workers.crew import Crew
    from weerklank.workers.figures import Figures

    settings = load()
    logs.configure(settings.environment, settings.log_level)
    traces.start(settings.traces_to, "clock" if arguments.no_jobs else "worker")
    if arguments.one:
        do_one(settings, *arguments.one)
        return
    platform, stop = assemble(settings), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    limit_memory(settings)
    crew = Crew(platform, settings.worker_threads, [sys.executable, *sys.orig_argv[1:], ALONE], mortal=True)
    broker = bell.make_broker(settings.redis_url)
    ring = bell.hang(broker, crew.wake)
    ears = None
    if not arguments.no_jobs:
        crew.start()
        ears = bell.listen(broker)
    elif settings.redis_url is None:
        ring = bell.nobody
    alive = {} if arguments.no_jobs else {"jobs": crew.going.state}
    if not arguments.no_clock:
        alive |= {"clock": clock.GOING.state, "beats": clock.KEEPING.state}
        metrics.collect_from(Figures(platform))
        metrics.BEAT_AGE.set_function(clock.GOING.age)
    if settings.probe_port:
        open_probes(settings.probe_host, [settings.probe_port], Questions(alive, parts_of(platform)))
    if arguments.no_clock:
        stop.wait()
    else:
        clock.run_clock(platform, ring, stop)
    if ears:
        ears.stop(timeout=500)
        crew.stop(SECONDS_TO_FINISH)


def limit_memory(settings: Settings) -> None:
    """A job that asks for more than there is for all gets an error; it does not take down what else runs here."""
    resource.setrlimit(
        resource.RLIMIT_DATA, (settings.worker_memory << 20, resource.getrlimit(resource.RLIMIT_DATA)[1])
    )


def do_one(settings: Settings, tenant_id: UUID, job_id: UUID, lease_id: UUID) -> None:
    """Carry out one job that a worker claimed, in this process of its own."""
    from weerklank.assembly import assemble
    from weerklank.kernel import outbox
    from weerklank.workers.jobs import carry_out

    limit_memory(settings)
    platform = assemble(settings)
    with platform.tenant(tenant_id) as session:
        job = outbox.claimed(session, job_id, lease_id)
    carry_out(platform, job, platform.now())
