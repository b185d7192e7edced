"""An organisation from a folder of `tenants/`: its policy, and its look if it has one there."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.kernel.database import tenant_scope, without_tenant
from weerklank.kernel.errors import BadSurroundings, Refused
from weerklank.kernel.keys import Keyring
from weerklank.policy.findings import Severity
from weerklank.policy.model import Policy
from weerklank.policy.reader import read_policy
from weerklank.tenancy.branding import read_branding
from weerklank.tenancy.model import Origin, State, Tenant
from weerklank.tenancy.organisations import create, set_logo, set_look
from weerklank.tenancy.policies import PolicyRefused, newest, publish

TEXTS = ("contact", "privacy", "terms", "accessibility")  # each per language; the last three stand on those pages


class Imported(StrEnum):
    """What importing a folder did."""

    CREATED = "created, in trial"
    RENEWED = "has a new version of its policy"
    SAME = "is as it was"
    OFFICE = "left alone: its policy was last published in the office"
    REFUSED = "left alone: its policy cannot be published now"


def folders(root: Path) -> list[Path]:
    """The organisations' folders below `root` (not `_templates`), by name; `root` itself when it holds a policy.

    BadSurroundings when it cannot be read.
    """
    if (root / "policy.yaml").is_file():
        return [root]
    try:
        found = sorted(path for path in root.iterdir() if path.is_dir() and path.name[0] not in "._")
    except OSError as error:
        raise BadSurroundings(f"The folder of organisations {root} cannot be read: {error.strerror}.") from error
    return found


def is_unchanged(session: Session, folder: Path) -> bool:
    """Whether the newest version of the folder's organisation is what lies there. Reads bytes, not the language."""
    digest = hashlib.sha256(_read(folder / "policy.yaml")).hexdigest()
    with without_tenant(session, "a folder names an organisation that may not be there yet"):
        tenant = session.scalar(select(Tenant).where(Tenant.slug == folder.name))
    if tenant is None:
        return False
    with tenant_scope(session, tenant.id):
        last = newest(session, tenant.id)
        return last is not None and last.sha256 == digest


@dataclass(frozen=True)
class Given:
    """What a folder holds: the policy's text, digest and meaning, `branding/brand.yaml` and the logo it names."""

    text: str
    sha256: str
    policy: Policy
    brand: dict[str, Any]
    logo: bytes | None


def read_folder(folder: Path) -> Given:
    """Everything in an organisation's folder. BadSurroundings, naming file and line, when it cannot be used."""
    raw = _read(folder / "policy.yaml")
    reading = read_policy(raw, name=str(folder / "policy.yaml"))
    if reading.policy is None:
        first = next(finding for finding in reading.findings if finding.severity is Severity.ERROR)
        raise BadSurroundings(f"A policy cannot be used: {first}")
    brand = _read_brand(folder / "branding" / "brand.yaml")
    logo = _read(folder / "branding" / Path(brand["logo"]).name) if "logo" in brand else None
    return Given(raw.decode("utf-8-sig"), reading.sha256, reading.policy, brand, logo)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadSurroundings(f"{path} cannot be read: {error.strerror}.") from error


def _read_brand(path: Path) -> dict[str, Any]:
    """The look by its file; a folder without one gets the platform's."""
    if not path.exists():
        return {}
    try:
        brand = YAML(typ="safe", pure=True).load(_read(path))
    except YAMLError as error:
        raise BadSurroundings(f"{path} is not YAML.") from error
    if not isinstance(brand, dict):
        raise BadSurroundings(f"{path} is not a list of names and values.")
    return brand


def import_folder(session: Session, keyring: Keyring, folder: Path, now: datetime) -> Imported:
    """Make the folder's organisation, in trial and with a key of its own, or take in its policy when that is new.

    A policy last published in the office is left alone. The session serves this organisation only from here on.
    """
    given = read_folder(folder)
    with without_tenant(session, "a folder names an organisation that may not be there yet"):
        tenant = session.scalar(select(Tenant).where(Tenant.slug == folder.name))
        if tenant is None:
            tenant = _create(session, folder.name, given.policy, now)
            keyring.new_tenant(tenant.id)
            done = Imported.CREATED
        else:
            done = Imported.RENEWED
    with tenant_scope(session, tenant.id):
        if done is Imported.CREATED:
            give_look(session, tenant, given, now)
        return _publish(session, tenant, given, now, done)


def _create(session: Session, slug: str, policy: Policy, now: datetime) -> Tenant:
    procedure = policy.procedure
    try:
        return create(session, procedure.organisation, slug, procedure.prefix, State.TRIAL, now, procedure.languages[0])
    except Refused as error:
        raise BadSurroundings(f"The folder {slug} cannot become an organisation: {error.code}.") from error


def give_look(session: Session, tenant: Tenant, given: Given, now: datetime) -> None:
    """Take over colours, logo, line of contact, own texts and the languages it offers from `branding/`."""
    try:
        set_look(session, tenant, read_branding(given.brand.get("colours", {}) | given.brand.get("style", {})))
        if given.logo is not None:
            set_logo(session, tenant, given.logo, now)
    except Refused as error:
        raise BadSurroundings(f"The branding of {tenant.slug} is refused: {error.code} {error.values}.") from error
    told: dict[str, Any] = {name: dict(given.brand[name]) for name in TEXTS if name in given.brand}
    told |= {"languages": list(given.brand["languages"])} if "languages" in given.brand else {}
    if told:
        tenant.branding = {**tenant.branding, **told}
        session.flush()


def _publish(session: Session, tenant: Tenant, given: Given, now: datetime, done: Imported) -> Imported:
    last = newest(session, tenant.id)
    if last is not None and last.sha256 == given.sha256:
        return Imported.SAME
    if last is not None and last.origin != Origin.FOLDER:
        return Imported.OFFICE
    today = now.astimezone(ZoneInfo(given.policy.calendar.timezone)).date()
    try:
        publish(session, tenant, given.text, today, today=today, now=now, actor=None, origin=Origin.FOLDER)
    except PolicyRefused:
        return Imported.REFUSED
    return done
