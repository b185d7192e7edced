"""The settings: what is given is read, what is wrong is named in one sentence, and no secret is shown."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.settings import ROOT, load

KEY = base64.b64encode(bytes(range(32))).decode()
PRODUCTION = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://owner:secret@db/weerklank",
    "KEYSTORE_URL": "postgresql://keys:secret@keys/weerklank",
    "REDIS_URL": "redis://redis:6379/0",
    "CLAMD_URL": "tcp://scanner:3310",
    "SMTP_URL": "smtp://mail:25",
    "MAIL_FROM": "klachten@example.org",
    "BASE_URL": "https://weerklank.example/",
    "MASTER_KEY": KEY,
    "AUDIT_KEY": KEY,
    "SECRET_KEY": KEY,
}


def test_it_needs_nothing_for_development(tmp_path: Path) -> None:
    settings = load({"VAR": str(tmp_path)})
    assert (settings.environment, settings.base_url, settings.redis_url) == (
        "development",
        "http://localhost:8000",
        None,
    )
    assert settings.tenants == ROOT / "tenants"
    assert settings.private_database
    assert settings.database_url == f"postgresql://weerklank_app@/weerklank?host={tmp_path}/postgres/socket"
    assert settings.keystore_url.startswith("postgresql://weerklank_keys@/weerklank_keys?")


def test_it_reads_what_production_gives(tmp_path: Path) -> None:
    settings = load({**PRODUCTION, "VAR": str(tmp_path), "HOSTS": "a.example, b.example"})
    assert settings.base_url == "https://weerklank.example"
    assert settings.hosts == ("a.example", "b.example")
    assert settings.master_key == bytes(range(32))
    assert not settings.private_database
    assert settings.database_url == f"{settings.database_owner_url}?options=-c%20role%3Dweerklank_app"
    assert not list(tmp_path.iterdir())


def test_it_uses_logins_of_their_own_for_application_and_clock_if_they_are_given(tmp_path: Path) -> None:
    own = {"DATABASE_APP_URL": "postgres://app@db/w", "DATABASE_CLOCK_URL": "postgresql://clock@db/w"}
    settings = load({**PRODUCTION, **own})
    assert settings.database_url == "postgresql://app@db/w"
    assert settings.database_clock_url == "postgresql://clock@db/w"


@pytest.mark.parametrize("scheme", ["smtp", "smtps", "smtp+starttls"])
def test_it_reaches_a_mail_server_in_every_way(tmp_path: Path, scheme: str) -> None:
    settings = load({**PRODUCTION, "VAR": str(tmp_path), "SMTP_URL": f"{scheme}://mail:25"})
    assert settings.smtp_url == f"{scheme}://mail:25"


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"ENVIRONMENT"}))
def test_it_names_what_production_lacks(name: str) -> None:
    with pytest.raises(BadSurroundings, match=f"production needs {name}\\."):
        load({key: value for key, value in PRODUCTION.items() if key != name})


def test_it_refuses_keys_in_the_same_database_as_what_they_open() -> None:
    with pytest.raises(BadSurroundings, match="KEYSTORE_URL is the same database"):
        load({**PRODUCTION, "KEYSTORE_URL": PRODUCTION["DATABASE_URL"]})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "prod"),
        ("PORT", "80a"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "²"),
        ("WEB_PROCESSES", "-1"),
        ("WORKER_THREADS", "1.5"),
        ("LOG_LEVEL", "loud"),
        ("DATABASE_URL", "mysql://u:hunter2@h/d"),
        ("DATABASE_URL", "postgresql://u:hunter2@h:port/d"),
        ("KEYSTORE_URL", "hunter2"),
        ("REDIS_URL", "http://hunter2"),
        ("SMTP_URL", "hunter2:25"),
        ("CLAMD_URL", "hunter2:3310"),
        ("S3_URL", "hunter2:7070"),
        ("S3_URL", "http://hunter2:7070"),
        ("BASE_URL", "weerklank.example"),
        ("MASTER_KEY", "hunter2"),
        ("MASTER_KEY", base64.b64encode(b"hunter2").decode()),
        ("AUDIT_KEY_FILE", "/nowhere/hunter2"),
        ("DATABASE_URL_FILE", "/nowhere/hunter2"),
        ("SECRET_KEY", "é"),
    ],
)
def test_it_names_the_variable_that_does_not_parse_in_one_sentence(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(BadSurroundings) as caught:
        load({"VAR": str(tmp_path), name: value})
    sentence = str(caught.value)
    assert name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "hunter2" not in sentence


def test_it_makes_the_development_keys_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: load({"VAR": str(tmp_path)}), range(8)))
    assert len({settings.master_key for settings in made}) == 1
    assert len({made[0].master_key, made[0].audit_key, made[0].secret_key}) == 3
    keys = tmp_path / "keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == dict.fromkeys(
        ("master_key", "audit_key", "secret_key"), 0o600
    )


def test_it_reads_a_key_from_a_file_and_in_the_alphabet_for_addresses(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(base64.urlsafe_b64encode(b"\xfb\xff" * 16).decode() + "\n")
    assert load({"VAR": str(tmp_path), "MASTER_KEY_FILE": str(file)}).master_key == b"\xfb\xff" * 16


@pytest.mark.parametrize("name", sorted(PRODUCTION))
def test_it_reads_every_variable_from_a_file_too(tmp_path: Path, name: str) -> None:
    file = tmp_path / "value"
    file.write_text(f"{PRODUCTION[name]}\n")
    by_file = {key: value for key, value in PRODUCTION.items() if key != name} | {f"{name}_FILE": str(file)}
    assert load(by_file) == load(PRODUCTION)


def test_it_refuses_a_variable_that_is_given_twice(tmp_path: Path) -> None:
    with pytest.raises(BadSurroundings, match="SMTP_URL and SMTP_URL_FILE are both given"):
        load({**PRODUCTION, "SMTP_URL_FILE": str(tmp_path / "file")})


def test_it_counts_an_empty_file_as_nothing_given(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n")
    given = {key: value for key, value in PRODUCTION.items() if key != "DATABASE_URL"}
    with pytest.raises(BadSurroundings, match="production needs DATABASE_URL"):
        load({**given, "DATABASE_URL_FILE": str(empty)})


def test_it_says_so_when_the_keys_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file where the folder should be")
    with pytest.raises(BadSurroundings, match="The keys cannot be kept in"):
        load({"VAR": str(tmp_path)})


def test_it_shows_no_secret_when_it_is_printed(tmp_path: Path) -> None:
    shown = repr(load({**PRODUCTION, "VAR": str(tmp_path)}))
    assert "secret" not in shown
    assert repr(bytes(range(32))) not in shown


@pytest.mark.parametrize("environment", ["development", "production"])
def test_it_lets_only_tests_move_the_clock(tmp_path: Path, environment: str) -> None:
    given = {**PRODUCTION, "VAR": str(tmp_path), "CLOCK_FILE": str(tmp_path / "ahead")}
    assert load({**given, "ENVIRONMENT": "test"}).clock_file == tmp_path / "ahead"
    with pytest.raises(BadSurroundings, match="CLOCK_FILE"):
        load({**given, "ENVIRONMENT": environment})
