"""Which passwords are good enough."""

import pytest

from weerklank.identity.passwords import check_password, hash_password, matches
from weerklank.kernel.errors import Refused


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Welkom2024!!",
        "wachtwoord12",
        "W@chtw00rd123",
        "123456789012",
        "qwertyuiop12",
        "aaaaaaaaaaaa",
        "abababababab",
        "qwerty123456",
        "welkomwelkom",
        "Staatvandienst1",
        "december2026!",
        "Voorbeeld.2026",
        "1234567890-=",
        "asdfghjkl;'1",
        "els@example.nl",
        "klachten1234",
    ],
)
def test_it_refuses_what_anybody_would_try_first(password: str) -> None:
    with pytest.raises(Refused, match="password_too_common"):
        check_password(password, ("Staatvandienst", "voorbeeld", "els@example.nl"))


@pytest.mark.parametrize(
    "password",
    [
        "vier losse eenden roeien",
        "koffie tijger vlinder zomer",
        "k3Fq-99xz-pl2m",
        "Mooi weer in Urk",
        "zee boot fiets",
        "8402750193847562",
        "ключ от старой двери",
        "    spaties tellen ook   ",
        "x" * 250 + "verder",
    ],
)
def test_it_takes_any_long_password_that_is_hard_to_guess(password: str) -> None:
    check_password(password, ("Staatvandienst",))


@pytest.mark.parametrize(
    ("password", "code"),
    [("kort genoeg", "password_too_short"), ("", "password_too_short"), ("ab cdefg hij" * 22, "password_too_long")],
)
def test_it_refuses_what_is_too_short_or_too_long(password: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        check_password(password)


def test_it_hashes_with_argon2id_and_never_the_same_twice() -> None:
    one, other = hash_password("vier losse eenden"), hash_password("vier losse eenden")
    assert one != other
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_it_minds_case_and_every_character_up_to_the_last() -> None:
    kept = hash_password("Vier losse eenden" + "x" * 239)
    assert matches(kept, "Vier losse eenden" + "x" * 239)
    assert not matches(kept, "vier losse eenden" + "x" * 239)
    assert not matches(kept, "Vier losse eenden" + "x" * 238 + "y")


@pytest.mark.parametrize("kept", [None, "", "not a hash"])
def test_it_matches_nothing_without_a_proper_hash(kept: str | None) -> None:
    assert not matches(kept, "vier losse eenden")
