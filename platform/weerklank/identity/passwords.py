"""Passwords: how they are hashed, and which are too easy to guess. Length counts; composition does not."""

import re
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from weerklank.kernel.errors import Refused

SHORTEST = 12
LONGEST = 256
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # argon2id, OWASP's setting

# The stems of the passwords that people choose most, Dutch and English; any of them with a little around it is refused.
COMMON_STEMS = frozenset(
    """
    wachtwoord welkom geheim password passwort passw0rd welcome letmein iloveyou ikhouvanjou qwerty qwertyuiop qwertz
    azerty asdfgh asdfghjkl zxcvbn zxcvbnm admin administrator beheer beheerder root toor gebruiker user guest gast
    test testtest tester demo login inloggen secret changeme verander veranderen standaard default computer internet
    monkey dragon master superman batman pokemon football voetbal ajax feyenoord psv baseball sunshine zonnetje
    princess prinses shadow michael jordan ashley charlie thomas daniel jessica schatje liefde lieverd poepie konijn
    hallo hello hallohallo nederland holland amsterdam rotterdam utrecht denhaag groningen eindhoven vakantie zomer
    lente herfst winter summer spring autumn maandag dinsdag woensdag donderdag vrijdag zaterdag zondag januari
    februari maart april mei juni juli augustus september oktober november december klacht klachten complaint
    complaints weerklank organisatie kantoor werk bedrijf office company business trustno1 whatever starwars freedom
    flower bloemen bloem chocolade koffie hond kat tijger leeuw vlinder paard abc abcd abcdef abcdefgh abcdefghijkl
    google facebook samsung nintendo playstation minecraft killer hunter soccer hockey tigger merlin ginger pepper
    cookie summertime winterwonder correcthorsebatterystaple blijf blijvend open sesam opensesame sesamopenu
    """.split()
)
KEYBOARD_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
LEET = str.maketrans("013457@$!", "oieastasi")


def check_password(password: str, about: tuple[str, ...] = ()) -> None:
    """Refused when shorter than 12 or longer than 256 characters, or easy to guess.

    `about` are words anybody would try first: the organisation's name, the person's own name and address.
    """
    if len(password) < SHORTEST:
        raise Refused("password_too_short", {"least": str(SHORTEST)})
    if len(password) > LONGEST:
        raise Refused("password_too_long", {"most": str(LONGEST)})
    if is_easily_guessed(password, about):
        raise Refused("password_too_common")


def is_easily_guessed(password: str, about: tuple[str, ...] = ()) -> bool:
    """Whether it is one or two words that everybody knows, or of `about`, with next to nothing around them.

    Three words or more are a passphrase, and good.
    """
    plain = password.casefold()
    if len(set(plain)) < 5:
        return True
    return any(_is_word_and_little(form, about) for form in (plain, plain.translate(LEET)))


def _is_word_and_little(form: str, about: tuple[str, ...]) -> bool:
    texts = [text.casefold() for text in about]
    words = {word for text in texts for word in (text, *re.split(r"[\W_]+", text)) if len(word) >= 4}
    found = set()
    for word in (*sorted(words, key=len, reverse=True), *_stems_by_length()):
        if word in form:
            form = form.replace(word, " ")
            found.add(word)
    return 0 < len(found) <= 2 and len(re.sub(r"[\W\d_]+", "", form)) < 4


@cache
def _stems_by_length() -> tuple[str, ...]:
    rows = {row[i : i + n] for row in KEYBOARD_ROWS for n in (4, 6, 8, 10) for i in range(len(row) - n + 1)}
    return tuple(sorted(COMMON_STEMS | rows | {row[::-1] for row in rows}, key=lambda stem: (-len(stem), stem)))


def hash_password(password: str) -> str:
    """The argon2id hash that is kept."""
    return HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether this is the password of the kept hash. Without a hash it takes as long and is never true."""
    try:
        HASHER.verify(kept or _nobodys_hash(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@cache
def _nobodys_hash() -> str:
    return HASHER.hash(secrets.token_urlsafe(32))
