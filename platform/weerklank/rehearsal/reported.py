"""Holding what a story expects outside single cases against what is there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from weerklank.cases.act import Opened
from weerklank.cases.walls import reader
from weerklank.kernel.errors import NotFound
from weerklank.learning import register
from weerklank.learning.export import register_rows
from weerklank.learning.model import Improvement, Recommendation, Report
from weerklank.learning.place import Place
from weerklank.learning.show import report_view
from weerklank.learning.tasks import is_published, tasks_of
from weerklank.rehearsal.learning import measure_id, place, report_of, told
from weerklank.rehearsal.model import Expect, Reported
from weerklank.rehearsal.player import Stage

Differs = tuple[str, str]


def learning(stage: Stage, opened: Opened, expect: Expect, now: datetime) -> Iterator[Differs]:
    """Every difference outside the cases."""
    for check in (_reports, _work, _told, _results, _register):
        yield from check(stage, expect, now)
    if expect.published is not None and expect.published != is_published(place(stage, now)):
        yield "published", f"the procedure counts as {'not published' if expect.published else 'published'}"


def _reports(stage: Stage, expect: Expect, now: datetime) -> Iterator[Differs]:
    for name, wanted in expect.reports.items():
        try:
            report = report_of(stage, name)
        except NotFound:
            yield "reports", f"report {name} was not opened"
            continue
        for difference in _report_differs(place(stage, now), report, wanted):
            yield "reports", f"report {name}: {difference}"


def _report_differs(here: Place, report: Report, wanted: Reported) -> Iterator[str]:
    given = {"state": report.state, "first": report.first_day, "last": report.last_day, "due": report.due_on}
    for key, value in given.items():
        expected = getattr(wanted, key)
        if expected is not None and expected != value:
            yield f"{key} is {value}"
    counted = dict(report.figures["totals"])
    for table in report.figures["tables"]:
        counted |= {f"{table['name']}.{code}": number for code, number in table["rows"]}
    for key, number in wanted.counts.items():
        if counted.get(key, 0) != number:
            yield f"it counts {counted.get(key, 0)} for {key}; it counts {counted}"
    lists = {each["name"]: len(each["rows"]) for each in report.figures["lists"]}
    for key, number in wanted.lists.items():
        if lists.get(key) != number:
            yield f"it lists {lists.get(key, 'nothing')} for {key}"
    if wanted.words:
        yield from _words_differ(here, report, wanted)


def _words_differ(here: Place, report: Report, wanted: Reported) -> Iterator[str]:
    writer = next(iter(here.holders(here.world.policy.reports[report.name].by)), None)
    shown = "\n".join(report_view(here, report.id, writer).words()).lower() if writer else ""
    for words in wanted.words:
        if words.lower() not in shown:
            yield f"it does not show {words!r}: {shown}"


def _work(stage: Stage, expect: Expect, now: datetime) -> Iterator[Differs]:
    for key, wanted in (("work", expect.work), ("no_work", expect.no_work)):
        for name, tasks in wanted.items():
            his = {str(task) for task in tasks_of(place(stage, now), stage.person(name))}
            if (not set(tasks) <= his) if key == "work" else set(tasks) & his:
                yield key, f"what {name} has to do outside cases is {', '.join(sorted(his)) or 'nothing'}"


def _told(stage: Stage, expect: Expect, now: datetime) -> Iterator[Differs]:
    for key, wanted in (("told", expect.told), ("not_told", expect.not_told)):
        for name, words in wanted.items():
            heard = told(stage, stage.person(name))
            if (not set(words) <= heard) if key == "told" else set(words) & heard:
                yield key, f"{name} was told {', '.join(sorted(heard)) or 'nothing'}"


def _results(stage: Stage, expect: Expect, now: datetime) -> Iterator[Differs]:
    for name, wanted in expect.results.items():
        here = (stage.tenant.id, measure_id(name))
        advice, measure = stage.session.get(Recommendation, here), stage.session.get(Improvement, here)
        if advice is None and measure is None:
            yield "results", f"there is no measure or recommendation {name}"
            continue
        state = advice.state if advice else state_of(measure)
        if state != wanted:
            yield "results", f"{name} is {state}"


def state_of(measure: Improvement | None) -> str:
    if measure is None or not measure.carried_out_at:
        return "planned"
    return "verified" if measure.verified_at else "carried_out"


def _register(stage: Stage, expect: Expect, now: datetime) -> Iterator[Differs]:
    for key, wanted in (("register", expect.register), ("not_register", expect.not_register)):
        for name, words in wanted.items():
            held = _export(stage, name, now).lower()
            for word in words:
                if (word.lower() in held) != (key == "register"):
                    yield key, f"the register of {name} {'lacks' if key == 'register' else 'holds'} {word!r}: {held}"


def _export(stage: Stage, name: str, now: datetime) -> str:
    here = place(stage, now)
    looks = reader(stage.session, stage.tenant.id, stage.person(name), here.today)
    lines, _ = register.page(here, looks, most=None)
    return "\n".join(" | ".join(row) for row in register_rows(here, lines, stage.policy.procedure.languages[0]))

