"""Reports, duties, publication: what is counted exists, periods are whole, and roles are found outside a case."""

from __future__ import annotations

from collections.abc import Iterator

from weerklank.deadlines import Duration, Unit
from weerklank.policy.findings import Path, Problem, Severity, suggestion
from weerklank.policy.model import FactType, Policy, RoleKind
from weerklank.policy.reporting import CODED, IN_WORDS, LISTS, OTHERS, TABLES, knows

OUTSIDE_A_CASE = (RoleKind.POST, RoleKind.STAFF)


def reports(policy: Policy) -> Iterator[Problem]:
    """What a report contains is counted or written; its period is whole; a day to remind of is there."""
    countable = [name for name, fact in policy.facts.items() if fact.type in (*CODED, *IN_WORDS)]
    known = [*dict.fromkeys((*TABLES, *LISTS, *OTHERS)), *countable]
    for name, report in policy.reports.items():
        path: Path = ("reports", name)
        for number, wanted in enumerate(report.contains):
            if not knows(policy, wanted):
                hint = suggestion(wanted, known) or f": choose from {', '.join(known)}"
                yield Problem((*path, "contains", number), f"a report cannot contain {wanted!r}{hint}")
        yield from whole(path, report.every)
        if (report.remind or report.tell) and report.within is None:
            yield Problem((*path, "remind"), "without `within` there is no day to remind of", Severity.WARNING)
        if report.decided_by == "all" and report.decides is None:
            yield Problem((*path, "decided_by"), "nobody decides on this report: say who with `decides`")
        for key in ("by", "decides"):
            yield from findable(policy, (*path, key), getattr(report, key))
        for key in ("to", "presented_to", "evaluated_by", "tell"):
            for number, role in enumerate(getattr(report, key)):
                yield from findable(policy, (*path, key, number), role)


def duties(policy: Policy) -> Iterator[Problem]:
    """Each sort of duty has what it needs, and nothing that means nothing there."""
    for name, duty in policy.duties.items():
        path: Path = ("duties", name)
        yield from whole(path, duty.every)
        yield from findable(policy, (*path, "by"), duty.by)
        if duty.does == "register" and not duty.kinds:
            yield Problem(path, "what is registered needs `kinds`", lacks=("kinds",))
        if duty.warn_on and (duty.every is None or duty.every != Duration(1, Unit.YEARS)):
            yield Problem((*path, "warn_on"), "a day of the year goes with `every: 1 years`")
        if duty.consult and duty.does != "recommend":
            yield Problem((*path, "consult"), "only a duty that recommends consults first")


def publication(policy: Policy) -> Iterator[Problem]:
    """Whoever looks or tells is somebody who exists outside a case."""
    for name, one in policy.publication.items():
        yield from findable(policy, ("publication", name, "by"), one.by)


def register(policy: Policy) -> Iterator[Problem]:
    """The register never names a person."""
    for number, name in enumerate(policy.keeping.quality):
        if name in policy.facts and policy.facts[name].type is FactType.PERSON:
            yield Problem(("keeping", "quality", number), f"fact {name!r} is a person: the register names nobody")


def whole(path: Path, every: Duration | None) -> Iterator[Problem]:
    if every is not None and (every.amount == 0 or every.unit in (Unit.HOURS, Unit.WORKING_DAYS)):
        yield Problem((*path, "every"), "say it in whole days, weeks, months or years")


def findable(policy: Policy, path: Path, role: str | None) -> Iterator[Problem]:
    known = policy.roles.get(role) if role else None
    if known is not None and known.kind not in OUTSIDE_A_CASE:
        yield Problem(path, f"role {role!r} exists within a case only; outside one it finds nobody")
