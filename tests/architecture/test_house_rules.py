"""Rules of the house that no single room can keep: the tree, what is tracked in it, the lock, the layers."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from weerklank.kernel.settings import ROOT

CODE = ROOT / "platform" / "weerklank"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = {contract["name"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def tracked_text() -> Iterator[tuple[Path, int, str]]:
    for path in tracked():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        yield from ((path.relative_to(ROOT), number, line) for number, line in enumerate(lines, 1))


def test_the_source_root_is_no_package_and_hides_nothing() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    loaded = subprocess.run(
        [sys.executable, "-c", "import platform, uuid; print(platform.__file__)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not loaded.stdout.startswith(str(ROOT / "platform"))


def test_no_module_is_named_after_a_standard_one() -> None:
    above_all = {path.stem for path in (ROOT / "platform").iterdir()} | {path.stem for path in ROOT.glob("*.py")}
    assert not above_all & sys.stdlib_module_names


# Split, so that this file does not match itself.
NOT_IN_THE_TREE = {
    "an index host": re.compile(r"(pypi|pythonhosted|npm" + r"js|regis" + r"try\.)[a-z.]*\.(org|com|io)"),
    "an index option": re.compile(r"(index-url|find" + r"-links)[^A-Za-z0-9]+.{0,4}https?://"),
    "a path of one machine": re.compile(r"(?<![.\w/])/(wo" + r"rk|fa" + r"rm|home|Users)/[a-z]"),
    "a folder outside": re.compile(r"\.\./(sha" + r"red|\.lib" + r"rary)/"),
    "a tracker": re.compile(r"(?i)\b(gith" + r"ub|git" + r"lab)\.com/|\b(issue|closes|fixes|see) #\d"),
}


@pytest.mark.parametrize("what", sorted(NOT_IN_THE_TREE))
def test_no_tracked_file_holds_what_exists_only_elsewhere(what: str) -> None:
    pattern = NOT_IN_THE_TREE[what]
    assert [
        f"{path}:{number}: {line.strip()[:100]}" for path, number, line in tracked_text() if pattern.search(line)
    ] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_one_version_and_its_hashes(name: str) -> None:
    logical = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
    requirement = re.compile(r"[a-z0-9-]+==[\w.]+( ; [^-]+)?( +--hash=sha256:[0-9a-f]{64})+ *")
    assert [line[:60] for line in logical if not requirement.fullmatch(line)] == []


def test_the_lock_is_that_of_the_dependencies() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    named = {
        re.split(r"[\[<>=! ;]", requirement)[0].lower().replace(".", "-")
        for requirement in [
            *PROJECT["project"]["dependencies"],
            *PROJECT["project"]["optional-dependencies"]["embedded"],
        ]
    }
    assert named - locked == set()


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    told = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def test_the_contracts_know_every_room() -> None:
    layers = " ".join(CONTRACTS["Imports go downwards only"]["layers"])
    rooms = {path.name for path in CODE.iterdir() if (path / "__init__.py").exists()}
    assert rooms - set(re.findall(r"\w+", layers)) == set()
    pure = CONTRACTS["Of the kernel they use ids and errors only"]["forbidden_modules"]
    kernel = {f"weerklank.kernel.{path.stem}" for path in (CODE / "kernel").glob("[a-z]*.py")}
    assert kernel - set(pure) == {"weerklank.kernel.ids", "weerklank.kernel.errors"}


def test_every_silenced_check_says_why() -> None:
    silenced = re.compile(r"# (type: ig" + r"nore|no" + r"qa)(\[[^]]*\]|: ?[A-Z0-9, ]+)?(?P<reason>.*)")
    bare = [
        f"{path}:{number}"
        for path, number, line in tracked_text()
        if path.suffix == ".py" and (found := silenced.search(line)) and not found["reason"].strip(" -#")
    ]
    assert bare == []


def test_no_clock_is_read_below_the_doors() -> None:
    """Pages and worker ask the platform for the instant; what is below them is handed `now`."""
    below = ("deadlines", "policy", "tenancy", "identity", "audit", "cases", "documents", "correspondence", "learning")
    rooms = (*below, "web", "workers")
    read = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in rooms
        for path in sorted((CODE / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date")
    ]
    assert read == []


# The language in one place: a class a concept, of which most lines say what a key means.
MAY_BE_LONG = {"policy/model.py"}


def test_no_file_of_the_platform_grew_beyond_its_room() -> None:
    lengths = {str(path.relative_to(CODE)): len(path.read_text().splitlines()) for path in CODE.rglob("*.py")}
    assert {name for name, length in lengths.items() if length > 400} <= MAY_BE_LONG
