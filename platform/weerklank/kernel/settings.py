"""Settings: a typed, frozen value made once from the environment by whoever starts a process.

Each variable may also be given as a file: `NAME_FILE` is the path of a file that holds the value of `NAME`.
A variable that does not parse, or that `production` needs and lacks, is one sentence (`BadSurroundings`).
Without `DATABASE_URL` the addresses are those of the private cluster under `VAR`, whether or not it runs.
"""

import base64
import binascii
import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.postgres import private_dsn

ROOT = Path(__file__).resolve().parents[3]
KEY_BYTES = 32


@dataclass(frozen=True, repr=False)
class BucketAddress:
    """Where files lie when they lie in an object store. Has no repr: it holds a secret."""

    url: str
    name: str
    access_key: str
    secret_key: str
    region: str


@dataclass(frozen=True, repr=False)
class Settings:
    """All that differs between one installation and another. Has no repr: it holds secrets."""

    environment: str
    var: Path
    tenants: Path
    audit_folder: Path  # where the ends of the lists of seals are kept, outside the database
    host: str
    port: int
    base_url: str
    hosts: tuple[str, ...]
    private_database: bool
    database_owner_url: str
    database_url: str
    database_clock_url: str
    database_reports_url: str | None  # a copy that follows the database, for reading much
    database_backup_url: str  # a role that may read past row-level security; only back-ups use it
    keystore_url: str
    redis_url: str | None
    bucket: BucketAddress | None  # None: files lie in VAR/files
    scanner_url: str | None  # of clamd; None: nothing is looked at for viruses
    smtp_url: str | None
    mail_from: str
    operator_mail: str | None  # whoever runs the platform, for alarms
    master_key: bytes
    audit_key: bytes
    secret_key: bytes
    old_master_key: bytes | None  # accepted until `keys rotate` is through
    old_audit_keys: tuple[bytes, ...]  # accepted for what was recorded before the newest key
    old_secret_key: bytes | None
    web_processes: int
    web_threads: int
    worker_threads: int
    worker_memory: int  # megabytes that a worker process may hold
    job_seconds: int  # that a job may take, sixteen times as many for heavy work
    log_level: str
    traces_to: str | None  # the collector of traces; None: there are none
    probe_host: str
    probe_port: int | None  # of the first process; None: no probes on a listener of their own
    proxies: int  # how many in front of us may say whom they pass on; 0: none
    clock_file: Path | None  # tests only: how many seconds the platform's clock is ahead


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; raises BadSurroundings with the name of the variable that is wrong."""
    read = Reader(environ)
    environment = read.choice("ENVIRONMENT", "development", ("development", "test", "production"))
    if environment == "production":
        require_for_production(read)
    var = read.folder("VAR", ROOT / "var")
    port = read.number("PORT", 8000, 1, 65535)
    owner, app, clock, keystore = database_urls(read, var)
    return Settings(
        environment=environment,
        var=var,
        tenants=read.folder("TENANTS", ROOT / "tenants"),
        audit_folder=read.folder("AUDIT_FOLDER", var / "audit"),
        host=read.text("HOST", "127.0.0.1"),
        port=port,
        base_url=(read.url("BASE_URL", ("http", "https")) or f"http://localhost:{port}").rstrip("/"),
        hosts=tuple(name.strip() for name in read.text("HOSTS", "").split(",") if name.strip()),
        private_database=read.given("DATABASE_URL") is None,
        database_owner_url=owner,
        database_url=app,
        database_clock_url=clock,
        database_reports_url=read.url("DATABASE_REPORTS_URL", ("postgresql", "postgres")),
        database_backup_url=backup_url(read, var),
        keystore_url=keystore,
        redis_url=read.url("REDIS_URL", ("redis", "rediss", "unix")),
        bucket=bucket_address(read),
        scanner_url=read.url("CLAMD_URL", ("tcp", "unix")),
        smtp_url=read.url("SMTP_URL", ("smtp", "smtps", "smtp+starttls")),
        mail_from=read.text("MAIL_FROM", "weerklank@localhost"),
        operator_mail=read.given("OPERATOR_MAIL"),
        master_key=read.key("MASTER_KEY", var),
        audit_key=read.key("AUDIT_KEY", var),
        secret_key=read.key("SECRET_KEY", var),
        old_master_key=next(iter(read.old_keys("MASTER_KEY_OLD")), None),
        old_audit_keys=read.old_keys("AUDIT_KEY_OLD"),
        old_secret_key=next(iter(read.old_keys("SECRET_KEY_OLD")), None),
        web_processes=read.number("WEB_PROCESSES", 2 if environment == "production" else 1, 1, 64),
        web_threads=read.number("WEB_THREADS", 4, 1, 64),
        worker_threads=read.number("WORKER_THREADS", 4, 1, 64),
        worker_memory=read.number("WORKER_MEMORY", 2048, 256, 1_048_576),
        job_seconds=read.number("JOB_SECONDS", 900, 1, 86_400),
        traces_to=read.url("OTEL_EXPORTER_OTLP_ENDPOINT", ("http", "https")),
        probe_host=read.text("PROBE_HOST", "127.0.0.1"),
        probe_port=read.number("PROBE_PORT", 0, 0, 65535) or None,
        log_level=read.choice("LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        proxies=read.number("PROXIES", 0, 0, 5),
        clock_file=moved_clock(read, environment),
    )


def require_for_production(read: "Reader") -> None:
    """Production runs on chosen parts: no private server, no generated key, no mail in folders, no file unlooked at."""
    addresses = ("DATABASE_URL", "KEYSTORE_URL", "REDIS_URL", "CLAMD_URL", "SMTP_URL", "MAIL_FROM", "BASE_URL")
    missing = [name for name in (*addresses, "MASTER_KEY", "AUDIT_KEY", "SECRET_KEY") if not read.given(name)]
    if missing:
        raise BadSurroundings(f"ENVIRONMENT=production needs {', '.join(missing)}.")
    if read.given("DATABASE_URL") == read.given("KEYSTORE_URL"):
        raise BadSurroundings("KEYSTORE_URL is the same database as DATABASE_URL; keys must lie elsewhere.")


def moved_clock(read: "Reader", environment: str) -> Path | None:
    """Where a test keeps by how much it moves the clock. Nobody else may: days have consequences."""
    given = read.given("CLOCK_FILE")
    if given is None:
        return None
    if environment != "test":
        raise BadSurroundings(f"CLOCK_FILE moves the clock and is for tests only, not for {environment}.")
    return Path(given)


def database_urls(read: "Reader", var: Path) -> tuple[str, str, str, str]:
    """Owner (migrations), application, clock and key store.

    A given DATABASE_URL is the owner; application and clock log in as it and step down to their own role,
    unless DATABASE_APP_URL and DATABASE_CLOCK_URL name logins of their own.
    """
    schemes = ("postgresql", "postgres")
    owner = read.url("DATABASE_URL", schemes)
    app = read.url("DATABASE_APP_URL", schemes)
    clock = read.url("DATABASE_CLOCK_URL", schemes)
    keystore = read.url("KEYSTORE_URL", schemes)
    if owner is None:
        return (
            private_dsn(var, "weerklank", "weerklank_owner"),
            app or private_dsn(var, "weerklank", "weerklank_app"),
            clock or private_dsn(var, "weerklank", "weerklank_clock"),
            keystore or private_dsn(var, "weerklank_keys", "weerklank_keys"),
        )
    return (
        owner,
        app or as_role(owner, "weerklank_app"),
        clock or as_role(owner, "weerklank_clock"),
        keystore or owner,
    )


def backup_url(read: "Reader", var: Path) -> str:
    """Who makes back-ups: without DATABASE_BACKUP_URL the owner, who may only if he bypasses row-level security."""
    given = read.url("DATABASE_BACKUP_URL", ("postgresql", "postgres"))
    owner = read.url("DATABASE_URL", ("postgresql", "postgres"))
    return given or owner or private_dsn(var, "weerklank", "weerklank_backup")


def bucket_address(read: "Reader") -> BucketAddress | None:
    """The bucket for files, if S3_URL names a store; then its name and keys are needed too."""
    url = read.url("S3_URL", ("http", "https"))
    if url is None:
        return None
    given = [read.given(name) for name in ("S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY")]
    name, access, secret = (value or "" for value in given)
    if not all(given):
        raise BadSurroundings("S3_URL needs S3_BUCKET, S3_ACCESS_KEY and S3_SECRET_KEY beside it.")
    return BucketAddress(url, name, access, secret, read.text("S3_REGION", "us-east-1"))


def as_role(url: str, role: str) -> str:
    """The same login that steps down to `role` before its first statement."""
    return f"{url}{'&' if '?' in url else '?'}options={quote(f'-c role={role}')}"


class Reader:
    """Reads variables of the environment, or the files they name, as values; an empty one counts as absent."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def given(self, name: str) -> str | None:
        value, path = (self.environ.get(key, "").strip() for key in (name, f"{name}_FILE"))
        if value and path:
            raise BadSurroundings(f"{name} and {name}_FILE are both given; leave one of them out.")
        return value or (read_file(f"{name}_FILE", Path(path)) if path else "") or None

    def text(self, name: str, default: str) -> str:
        return self.given(name) or default

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default).lower()
        if value not in allowed:
            raise BadSurroundings(f"{name} is {value!r}, but must be one of {', '.join(allowed)}.")
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise BadSurroundings(f"{name} is {value!r}, but must be a whole number from {low} to {high}.")
        return int(value)

    def folder(self, name: str, default: Path) -> Path:
        return Path(self.text(name, str(default))).expanduser().resolve()

    def url(self, name: str, schemes: tuple[str, ...]) -> str | None:
        """The address as given. It may hold a password, so that an error names the variable only."""
        value = self.given(name)
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            readable = parts.scheme in schemes and (parts.port is None or parts.port > 0)
        except ValueError:
            readable = False
        if not readable:
            starts = " or ".join(f"{scheme}://" for scheme in schemes)
            raise BadSurroundings(f"{name} is not an address that starts with {starts}.")
        return value.replace("postgres://", "postgresql://", 1)

    def key(self, name: str, var: Path) -> bytes:
        """32 bytes in base64: as given, else made once under VAR (not in production)."""
        return decoded_key(name, self.given(name) or kept_key(var / "keys" / name.lower()))

    def old_keys(self, name: str) -> tuple[bytes, ...]:
        """Keys that were replaced, the newest first, with commas between; () without."""
        return tuple(decoded_key(name, each) for each in (self.given(name) or "").split(",") if each.strip())


def decoded_key(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip().translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise BadSurroundings(f"{name} is not {KEY_BYTES} bytes in base64; `openssl rand -base64 32` makes one.")
    return key


def read_file(name: str, path: Path) -> str:
    """What the file holds, without the blanks around it."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSurroundings(f"The file in {name} cannot be read ({type(error).__name__}).") from error


def kept_key(path: Path) -> str:
    """The development key at `path`, made the first time; two processes that both find none agree on one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:
                file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
                file.flush()
                with contextlib.suppress(FileExistsError):
                    os.link(file.name, path)
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise BadSurroundings(f"The keys cannot be kept in {path.parent}: {error.strerror}.") from error
