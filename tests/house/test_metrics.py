"""The figures, what the page about them says, and the rules that alarm: three that must know the same names."""

from __future__ import annotations

import re

from prometheus_client import REGISTRY
from ruamel.yaml import YAML

import weerklank.workers.figures as waiting
from weerklank.kernel import metrics
from weerklank.kernel.settings import ROOT

PAGE = ROOT / "docs" / "metrics.md"
RULES = ROOT / "deploy" / "alerts.yml"
NAME = re.compile(r"\bweerklank_[a-z_]+")
ALLOWED_LABELS = {"route", "method", "status", "reason", "group", "kind", "result", "name", "level", "event", "part"}
SUFFIXES = {"counter": ("_total",), "histogram": ("", "_bucket", "_count", "_sum"), "gauge": ("",)}


def figures() -> dict[str, tuple[str, ...]]:
    """Every figure there is -> under which names Prometheus has it; the first is what it is called by."""
    own = {metric.name: metric.type for metric in REGISTRY.collect() if metric.name.startswith("weerklank_")}
    asked = NAME.findall("".join(_literals(waiting.__file__) + _literals(metrics.__file__)))
    kinds = {**dict.fromkeys(asked, "gauge"), **own}
    return {name: tuple(name + suffix for suffix in SUFFIXES[kind]) for name, kind in kinds.items()}


def _literals(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        return re.findall(r'"weerklank_[a-z_]+"', file.read())


def test_the_page_explains_every_figure_and_no_other() -> None:
    rows = re.findall(r"^\| `(weerklank_[a-z_]+)` \|(.*?)\| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert sorted(name for name, _, _ in rows) == sorted(names[0] for names in figures().values())
    assert all(len(meaning) > 10 for _, _, meaning in rows)


def test_the_page_names_the_labels_they_have() -> None:
    rows = re.findall(r"^\| `(weerklank_[a-z_]+)` \|(.*?)\|", PAGE.read_text("utf-8"), re.MULTILINE)
    told = {name: tuple(re.findall(r"`([a-z]+)`", labels)) for name, labels in rows}
    for each in vars(metrics).values():
        if hasattr(each, "_labelnames"):
            name = each._name + ("_total" if each._type == "counter" else "")
            assert told[name] == tuple(each._labelnames), name
            assert set(each._labelnames) <= ALLOWED_LABELS, name


def test_the_rules_ask_for_figures_that_there_are_and_say_what_to_do() -> None:
    known = {each for names in figures().values() for each in names}
    rules = [rule for group in YAML(typ="safe").load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules) > 10
    for rule in rules:
        expression = rule["expr"]
        assert set(NAME.findall(expression)) <= known, rule["alert"]
        assert NAME.search(expression) or expression.startswith("up{"), rule["alert"]
        assert [expression.count(one) for one in "([{"] == [expression.count(one) for one in ")]}"], rule["alert"]
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "0m")), rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert rule["annotations"].keys() == {"summary", "action"}, rule["alert"]


def test_an_organisation_is_always_in_the_same_group_and_there_are_no_more_than_a_hundred() -> None:
    from uuid import UUID

    groups = {metrics.group_of(UUID(int=number)) for number in range(2000)}
    assert groups == {f"{number:02}" for number in range(100)}
    assert metrics.group_of(UUID(int=1)) == metrics.group_of(UUID(int=1))
