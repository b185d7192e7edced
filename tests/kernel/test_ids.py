"""Ids sort by time; codes survive being copied by hand."""

import string

import pytest

from weerklank.kernel.ids import new_id, read_code, secret_code, token


def test_it_makes_ids_that_sort_by_the_millisecond() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {(made.version, made.variant) for made in ids} == {(7, "specified in RFC 4122")}
    moments = [made.int >> 80 for made in ids]
    assert moments == sorted(moments)


def test_it_makes_codes_that_nobody_guesses() -> None:
    codes = {secret_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all([len(part) for part in code.split("-")] == [5, 5, 5, 5] for code in codes)
    assert not set("".join(codes)) & set("ILOU" + string.ascii_lowercase)


def test_it_reads_a_code_however_it_was_typed() -> None:
    code = "7K2QM-0A1BC-DEFGH-JKMNP"
    for typed in (code, code.lower(), code.replace("-", ""), " 7k2qm oaibc defgh jkmnp ", code.replace("1", "l")):
        assert read_code(typed) == code


@pytest.mark.parametrize("typed", ["", "7K2QM", "7K2QM-0A1BC-DEFGH-JKMNU", "7K2QM-0A1BC-DEFGH-JKMNPP", "é" * 20])
def test_it_says_when_something_cannot_be_a_code(typed: str) -> None:
    assert read_code(typed) is None


def test_it_makes_tokens_that_fit_in_a_link() -> None:
    made = token()
    assert len(made) == 43
    assert set(made) <= set(string.ascii_letters + string.digits + "-_")
