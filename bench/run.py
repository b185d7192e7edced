"""How fast it is, as ratios within one run: `make bench`, some minutes; `python bench/run.py --long` for steadier ones.

On 1,000 and then 100,000 cases of one organisation, in a private database that is thrown away: intake by the form, the
worklist, a case and the status page, each by the production server (two web processes) and by a bare Flask and
SQLAlchemy application under the same server on the same tables. Eight connections. What counts is the processor time
of all server processes, the database's included, and its ratio to the bare one's. Then the clock, and due dates.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from uuid import UUID

import deadlines
import finding
import ground as grounds
import load
import psycopg
import terms
from ground import Ground
from load import Answer, Measured

from weerklank.assembly import assemble
from weerklank.cli.main import main as weerklank
from weerklank.cli.run import free_port
from weerklank.cli.web import web_command
from weerklank.kernel.postgres import borrowed_cluster
from weerklank.kernel.settings import ROOT, Settings
from weerklank.kernel.settings import load as load_settings

FOLDER = ROOT / "tenants" / "staatvandienst"
SIZES = (1_000, 100_000)
WARM_UP = 200  # every connection has prepared what it asks by then
SECONDS_TO_START = 60
OURS = f"{'CPU: of all servers (database)':34}{'req/s':>7}{'p50 ms':>8}{'p95 ms':>8}{'CPU ms':>14}"
HEADING = f"{OURS}   {'bare: req/s':>11}{'p95 ms':>8}{'CPU ms':>14}   ratio"


@dataclass(frozen=True)
class Work:
    """Something that is measured: the requests to both applications, and what answers them well."""

    name: str
    ours: Callable[[int], list[bytes]]
    bare: Callable[[int], list[bytes]]
    expected: Callable[[Answer], bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="more requests and rounds")
    parser.add_argument("--small", action="store_true", help="1,000 cases only")
    arguments = parser.parse_args()
    requests, rounds = (600, 5) if arguments.long else (240, 3)
    began = time.perf_counter()
    (ROOT / "var").mkdir(mode=0o700, exist_ok=True)
    var = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / "var"))
    os.environ.update(VAR=str(var), ENVIRONMENT="development", WEB_PROCESSES="2", WEB_THREADS="4", PROXIES="1")
    try:
        with borrowed_cluster(var) as cluster:
            sizes = SIZES[:1] if arguments.small else SIZES
            measure_all(cluster.dsn("weerklank", "postgres"), var, sizes, requests, rounds)
    finally:
        shutil.rmtree(var)
    say(f"(in all {time.perf_counter() - began:.0f} s)")


def say(line: str) -> None:
    print(line, flush=True)


def measure_all(superuser: str, var: Path, sizes: tuple[int, ...], requests: int, rounds: int) -> None:
    weerklank(["db", "upgrade"])
    ground = grounds.lay(assemble(load_settings()), FOLDER, superuser)
    with ExitStack() as stack:
        ours = stack.enter_context(server(web_settings(), web_command(web_settings()), os.environ, var / "web.log"))
        own = grounds.bare_organisation(ground)
        template = one_intake(ours.port, ground)
        bare = stack.enter_context(bare_server(superuser, ground, own, template, var))
        postgres = int((var / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        say(HEADING)
        for size in sizes:
            ground.grow(size)
            for work in works(ground, ours.port):
                pairs = []
                for number in range(rounds + 1):
                    count = WARM_UP if number == 0 else requests
                    ground.settle()
                    pair = [
                        load.measure(app.port, make(count), work.expected, app.pid, postgres)
                        for app, make in ((ours, work.ours), (bare, work.bare))
                    ]
                    pairs += [pair] if number else []
                print_row(f"{work.name}, {size:,} cases", pairs)
    finding.prepare(ground)
    for name, mid, p95, count in finding.measure(ground):
        say(f"finding {name:34}{mid:7.1f}{p95:8.1f}  ms, median and p95; {count} found, {sizes[-1]:,} cases")
    if len(sizes) > 1:
        print_terms(ground)
    deadlines.main()


def print_row(name: str, pairs: list[list[Measured]]) -> None:
    """Medians of the rounds; the ratio is the median of the rounds' ratios."""
    ours, bare = ([pair[number] for pair in pairs] for number in (0, 1))

    def mid(found: list[Measured], what: str) -> float:
        return median(getattr(each, what) for each in found)

    def processor(found: list[Measured]) -> str:
        return f"{mid(found, 'processor'):.2f} ({mid(found, 'database'):.2f})"

    ratio = median(pair[0].processor / pair[1].processor for pair in pairs)
    say(
        f"{name:34}{mid(ours, 'per_second'):7.0f}{mid(ours, 'median'):8.1f}{mid(ours, 'p95'):8.1f}"
        f"{processor(ours):>14}   {mid(bare, 'per_second'):11.0f}{mid(bare, 'p95'):8.1f}"
        f"{processor(bare):>14}   {ratio:5.2f}"
    )


def print_terms(ground: Ground) -> None:
    say(f"{'claiming 1 due among all':34}{terms.claim_one(ground):7.1f} ms")
    say(f"{'claiming 10,000 due':34}{terms.claim_many(ground):7.0f} a second")
    rate, processor = terms.remind(ground)
    say(f"{'act(remind), one process':34}{rate:7.0f} a second, {processor:.1f} ms of its processor time each")


def works(ground: Ground, port: int) -> Iterator[Work]:
    """What is measured, each with requests that differ as those of many people do."""
    slug, base = ground.here.slug, f"/{ground.here.slug}"
    staff = {f"weerklank-{slug}-staff": grounds.staff_token(ground, ground.handler)}
    complainants = [{f"weerklank-{slug}-case": token} for token in grounds.case_tokens(ground)]
    form, token = open_form(port, base)

    def intake(count: int) -> list[bytes]:
        secrets = grounds.draft_tokens(ground, count)
        body = f"csrf_token={token}"
        cookies = [{**form, f"weerklank-{slug}-draft": secret} for secret in secrets]
        return [load.post(f"{base}/complain/check", each, body, n) for n, each in enumerate(cookies)]

    def each_case(path: Callable[[UUID], str], count: int) -> list[bytes]:
        return [load.get(path(ground.cases[n % len(ground.cases)]), {}) for n in range(count)]

    yield Work(
        "intake by form",
        intake,
        lambda count: [load.post("/intake", {}, "name=x")] * count,
        lambda answer: answer.status == 302 and "/sent" in answer.location,
    )
    yield Work(
        "worklist of mine",
        lambda count: [load.get(f"{base}/desk/", staff, n) for n in range(count)],
        lambda count: [load.get(f"/worklist/{ground.handler}", {})] * count,
        is_page,
    )
    yield Work(
        "case page",
        lambda count: [
            load.get(f"{base}/desk/cases/{ground.cases[n % len(ground.cases)]}", staff, n) for n in range(count)
        ],
        lambda count: each_case(lambda case_id: f"/case/{case_id}", count),
        is_page,
    )
    yield Work(
        "status page",
        lambda count: [
            load.get(f"{base}/status/complaint", complainants[n % len(complainants)], n) for n in range(count)
        ],
        lambda count: each_case(lambda case_id: f"/status/{case_id}", count),
        is_page,
    )


def is_page(answer: Answer) -> bool:
    return answer.status == 200 and len(answer.body) > 1000


def open_form(port: int, base: str) -> tuple[dict[str, str], str]:
    """The cookie and the token with which forms may be sent."""
    answer, cookies = load.ask(port, load.get(f"{base}/complain/story", {}))
    found = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', answer.body)
    assert found, answer.body
    return cookies, found[1].decode()


def one_intake(port: int, ground: Ground) -> UUID:
    """A complaint through the page: the rows that the bare application writes again."""
    intake = next(works(ground, port))
    load.measure(port, intake.ours(1), intake.expected, os.getpid(), os.getpid())
    with psycopg.connect(ground.superuser) as connection:
        newest = "SELECT id FROM case_file WHERE tenant_id = %s ORDER BY created_at DESC LIMIT 1"
        found = connection.execute(newest, (ground.here.tenant_id,)).fetchone()
    assert found
    case_id: UUID = found[0]
    return case_id


@dataclass(frozen=True)
class Running:
    """A server that runs."""

    port: int
    pid: int


def web_settings() -> Settings:
    os.environ["PORT"] = os.environ.get("BENCH_PORT") or str(free_port("127.0.0.1", 18_000, fixed=False))
    os.environ["BENCH_PORT"] = os.environ["PORT"]
    return load_settings()


@contextmanager
def bare_server(superuser: str, ground: Ground, own: UUID, template: UUID, var: Path) -> Iterator[Running]:
    settings = load_settings({**os.environ, "PORT": str(free_port("127.0.0.1", 18_100, fixed=False))})
    names = {
        "BARE_DATABASE": superuser.replace("postgresql://", "postgresql+psycopg://"),
        "BARE_TENANT": str(ground.here.tenant_id),
        "BARE_TEMPLATE": str(template),
        "BARE_OWN": str(own),
    }
    here = str(Path(__file__).parent)
    command = [part.replace(str(ROOT), here) if "working-dir" in part else part for part in web_command(settings)]
    with server(settings, [*command[:-1], "bare:app"], {**os.environ, **names}, var / "bare.log") as running:
        yield running


@contextmanager
def server(settings: Settings, command: list[str], environ: Mapping[str, str], log: Path) -> Iterator[Running]:
    """A server for as long as it is needed; what it says goes to a file."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=dict(environ), stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for(settings.port, process, log)
            yield Running(settings.port, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        try:
            load.ask(port, load.get("/healthz", {}))
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"the server did not start:\n{log.read_text()[-3000:]}")


if __name__ == "__main__":
    main()
