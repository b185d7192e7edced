"""Files that mean harm, or were saved by something strange: a finding with its place, in time, never a traceback."""

import time
from itertools import cycle
from pathlib import Path

import pytest

from tests.policy.test_reader import SMALL
from weerklank.policy.reader import read_policy
from weerklank.policy.tree import MOST_BYTES

TEXT = SMALL.read_text("utf-8")
AT_MOST_SECONDS = 20  # of a slow machine; what was quadratic took minutes

LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
)

HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "p:1:1: the file is empty"),
    "spaces": (b"  \n\n", "p:1:1: the file is empty"),
    "comment only": (b"# nothing\n", "p:1:1: the file is empty"),
    "null": (b"null\n", "p:1:1: the file is empty"),
    "a list": (b"- a\n- b\n", "p:1:1: this must be a mapping of keys"),
    "a word": (b"policy\n", "p:1:1: this must be a mapping of keys"),
    "anchor": (b"a: 1\nb: &x 2\n", "p:2:4: anchors (&name) are not used"),
    "alias": (b"a: 1\nb: *x\n", "p:2:4: aliases (*name) are not used"),
    "billion laughs": (LAUGHS.encode(), "p:1:4: anchors (&name) are not used"),
    "merge key": (b"a:\n  <<: {b: 1}\n", "p:2:3: merge keys (<<) are not used"),
    "tag": (b"a: !!python/object/apply:os.system [ls]\n", "p:1:4: tags (!name) are not used"),
    "own tag": (b"a: !x 1\n", "p:1:4: tags (!name) are not used"),
    "long tag": (b"a: !" + b"x" * 900_000 + b" b\n", "p:1:4: too long a tag"),
    "documents": (b"a: 1\n---\nb: 2\n", "p:2:1: a second document starts here"),
    "yaml 1.1": (b"%YAML 1.1\n---\na: yes\n", "leave the %YAML line out"),
    "tab": (b"a:\n\tb: 1\n", "p:2:1: not YAML: "),
    "open bracket": (b"a: [1, 2\n", "not YAML: "),
    "nul": (b"a: 1\nb: x\x00y\n", "p:2:5: the character U+0000 cannot be in a policy"),
    "escape": (b"a: \x1b[31m\n", "p:1:4: the character U+001B cannot be in a policy"),
    "utf-16": ("weerklank: 1\n".encode("utf-16"), "p:1:1: saved as UTF-16 or UTF-32; save it as UTF-8"),
    "utf-16 without mark": ("weerklank: 1\n".encode("utf-16-le"), "U+0000 cannot be in a policy"),
    "utf-32": ("weerklank: 1\n".encode("utf-32"), "p:1:1: saved as UTF-16 or UTF-32"),
    "latin-1": ("a: 1\nb: caf\u00e9\n".encode("latin-1"), "p:2:7: byte 0xe9 is not UTF-8"),
    "too large": (b"a: " + b"x" * MOST_BYTES, "p:1:1: larger than 1,000,000 bytes"),
    "deep lists": (b"[" * 100_000, "p:1:31: more than 30 levels deep"),
    "deep mappings": (b"{a: " * 100_000, "more than 30 levels deep"),
    "deep dashes": (b"- " * 100_000, "more than 30 levels deep"),
    "mapping as key": (b"? {a: 1}\n: 2\n", "a key must be one word"),
    "many values": (b"a: [" + b"1," * 400_000 + b"]", "more than 20,000 values"),
    "huge number": (b"weerklank: " + b"9" * 100_000, "p:1:12: this number is too large"),
    "long hexadecimal": (b"weerklank: 0x" + b"f" * 1_000, "this number is too large"),
    "no day": (b"weerklank: 2026-02-30\n", "p:1:12: '2026-02-30' is not a day"),
    "infinity": (b"weerklank: .inf\n", "this must be a whole number, not "),
    "exponent": (b"weerklank: 1e999999999\n", "this must be a whole number, not "),
    "number as key": (b"1: x\n", "p:1:1: unknown key '1'"),
    "null as key": (b"~: x\n", "p:1:1: unknown key '~'"),
    "long key": (b"? " + b"k" * 100_000 + b"\n: x\n", "unknown key 'kkk"),
    "many unknown keys": (b"".join(b"receive%d: x\n" % n for n in range(9_000)), "unknown key 'receive0'"),
    "escaped surrogate": (b'a: "\\ud800"\n', "p:1:"),
    "backslash": (b'a: "\\q"\n', "p:1:6: not YAML: "),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_answers_a_hostile_file_with_a_finding_in_its_place(name: str) -> None:
    raw, expected = HOSTILE[name]
    started = time.monotonic()
    reading = read_policy(raw, name="p")
    assert time.monotonic() - started < AT_MOST_SECONDS
    assert reading.policy is None
    assert expected in "\n".join(map(str, reading.findings))
    assert all(finding.line >= 1 and finding.column >= 1 for finding in reading.findings)
    assert all(len(str(finding)) < 1_000 for finding in reading.findings)


def test_it_reads_utf_8_with_a_byte_order_mark_and_other_line_ends() -> None:
    assert read_policy(b"\xef\xbb\xbf" + TEXT.encode(), name="p").policy is not None
    assert read_policy(TEXT.replace("\n", "\r\n").encode(), name="p").policy is not None


def test_it_answers_text_that_no_encoding_can_hold() -> None:
    assert "not UTF-8" in str(read_policy("a: \ud800", name="p").findings[0])


@pytest.mark.parametrize("cut", range(1, len(TEXT), 397))
def test_it_answers_any_part_of_a_policy(cut: int) -> None:
    for part in (TEXT[:cut], TEXT[cut:]):
        reading = read_policy(part, name="p")
        assert reading.policy is None
        assert reading.findings


def test_it_answers_any_value_in_any_place() -> None:
    wrong = cycle(["[]", "{}", "x", "1", "true", "2026-01-01", "1.5", "[[x]]", "{x: {y: z}}", "[{}]", "''"])
    for number, line in enumerate(TEXT.splitlines()):
        key, found, _ = line.partition(": ")
        if found and "{" not in line and '"' not in line:
            lines = TEXT.splitlines()
            lines[number] = f"{key}: {next(wrong)}"
            assert all(finding.message for finding in read_policy("\n".join(lines), name="p").findings)


def test_it_bounds_what_a_wide_policy_costs() -> None:
    """As many elements as are allowed, all of them with names that are nearly right."""
    roles = "".join(f"  role_number_{n}: {{kind: relation, of: role_numbr_{n + 1}, source: s}}\n" for n in range(480))
    steps = "".join(f"  s{n}: {{by: role_numbr_{n}, then: s{n + 1}, phase: triage, source: s}}\n" for n in range(480))
    text = TEXT.replace("roles:\n", f"roles:\n{roles}").replace("steps:\n", f"steps:\n{steps}")
    started = time.monotonic()
    reading = read_policy(text, name="p")
    assert time.monotonic() - started < AT_MOST_SECONDS
    assert "did you mean 'role_number_" in "\n".join(map(str, reading.findings))
    assert len(reading.findings) == 1000


def test_it_bounds_how_many_elements_there_are() -> None:
    roles = "".join(f"  r{n}: {{kind: staff, source: s}}\n" for n in range(501))
    reading = read_policy(TEXT.replace("roles:\n", f"roles:\n{roles}"), name="p")
    assert "more than 500 in one place" in "\n".join(map(str, reading.findings))


def test_it_bounds_the_number_of_findings() -> None:
    text = "".join(f"k{n}: x\n" for n in range(5_000))
    assert len(read_policy(text, name="p").findings) == 1000


def test_it_leaves_an_unreadable_path_to_whoever_asked(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        read_policy(tmp_path / "nothing.yaml", name="p")
