"""Organisations from folders, and the commands that take them in and let their first people in."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.cast import NOW, SMALL, TODAY
from tests.conftest import Database
from weerklank.cli.main import main
from weerklank.identity.people import directory
from weerklank.kernel.database import open_session, tenant_scope, without_tenant
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.keys import Keyring
from weerklank.kernel.settings import ROOT
from weerklank.tenancy.folder import Imported, folders, import_folder, is_unchanged
from weerklank.tenancy.model import State, Tenant
from weerklank.tenancy.organisations import find_by_slug
from weerklank.tenancy.policies import publish, versions

OTHER = SMALL.replace("within: 6 weeks", "within: 8 weeks")
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
BRAND = 'logo: logo.svg\ncolours: {brand: "#5b2a6e", on_brand: "#ffffff", tint: "#f6f0f8", accent: "#a8521a"}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an organisation `voorbeeld`."""
    folder = tmp_path / "tenants" / "voorbeeld"
    (folder / "branding").mkdir(parents=True)
    (folder / "policy.yaml").write_text(SMALL, encoding="utf-8")
    (folder / "branding" / "brand.yaml").write_text(BRAND, encoding="utf-8")
    (folder / "branding" / "logo.svg").write_text(LOGO, encoding="utf-8")
    return folder


def take_in(database: Database, keyring: Keyring, folder: Path) -> Imported:
    with open_session(database.engine) as session:
        done = import_folder(session, keyring, folder, NOW)
        session.commit()
        return done


def look(database: Database, slug: str = "voorbeeld") -> Iterator[tuple[Session, Tenant]]:
    with open_session(database.engine) as session:
        tenant = find_by_slug(session, slug)
        with tenant_scope(session, tenant.id):
            yield session, tenant


def test_it_makes_an_organisation_in_trial_with_its_key_look_and_policy(
    fresh_database: Database, keyring: Keyring, folder: Path
) -> None:
    assert take_in(fresh_database, keyring, folder) is Imported.CREATED
    for session, tenant in look(fresh_database):
        assert (tenant.state, tenant.name, tenant.prefix, tenant.locale) == (State.TRIAL, "Voorbeeld", "VBD", "nl")
        assert tenant.branding["brand"] == "#5b2a6e"
        assert session.execute(text("SELECT kind FROM tenant_logo")).scalar_one() == "image/svg+xml"
        assert [version.in_force_from for version in versions(session, tenant.id)] == [TODAY]
        assert keyring.tenant_key(tenant.id)
        assert directory(session, tenant.id, TODAY).persons == {}


def test_it_takes_over_which_languages_an_organisation_offers(
    fresh_database: Database, keyring: Keyring, folder: Path
) -> None:
    (folder / "branding" / "brand.yaml").write_text(f"{BRAND}languages: [ar, uk]\n", encoding="utf-8")
    take_in(fresh_database, keyring, folder)
    assert [tenant.branding["languages"] for _, tenant in look(fresh_database)] == [["ar", "uk"]]


def test_it_changes_nothing_the_second_time(fresh_database: Database, keyring: Keyring, folder: Path) -> None:
    take_in(fresh_database, keyring, folder)
    assert take_in(fresh_database, keyring, folder) is Imported.SAME
    for session, tenant in look(fresh_database):
        assert len(versions(session, tenant.id)) == 1


def test_it_sees_without_reading_a_policy_whether_it_is_new(
    fresh_database: Database, keyring: Keyring, folder: Path
) -> None:
    with open_session(fresh_database.engine) as session:
        assert not is_unchanged(session, folder)
    take_in(fresh_database, keyring, folder)
    with open_session(fresh_database.engine) as session:
        assert is_unchanged(session, folder)
    (folder / "policy.yaml").write_text("no policy: [", encoding="utf-8")
    with open_session(fresh_database.engine) as session:
        assert not is_unchanged(session, folder)


def test_it_takes_in_a_changed_policy_as_a_new_version(
    fresh_database: Database, keyring: Keyring, folder: Path
) -> None:
    take_in(fresh_database, keyring, folder)
    (folder / "policy.yaml").write_text(OTHER, encoding="utf-8")
    assert take_in(fresh_database, keyring, folder) is Imported.RENEWED
    for session, tenant in look(fresh_database):
        assert [version.number for version in versions(session, tenant.id)] == [2, 1]


def test_it_leaves_alone_what_was_last_published_in_the_office(
    fresh_database: Database, keyring: Keyring, folder: Path
) -> None:
    take_in(fresh_database, keyring, folder)
    for session, tenant in look(fresh_database):
        publish(session, tenant, OTHER, TODAY, today=TODAY, now=NOW + timedelta(hours=1), actor=None)
        session.commit()
    (folder / "policy.yaml").write_text(SMALL + "\n", encoding="utf-8")
    assert take_in(fresh_database, keyring, folder) is Imported.OFFICE
    for session, tenant in look(fresh_database):
        assert len(versions(session, tenant.id)) == 2


def test_it_says_so_when_an_organisation_can_take_no_policy_now(
    fresh_database: Database, keyring: Keyring, folder: Path
) -> None:
    take_in(fresh_database, keyring, folder)
    for session, tenant in look(fresh_database):
        tenant.state = State.SUSPENDED
        session.commit()
    (folder / "policy.yaml").write_text(OTHER, encoding="utf-8")
    assert take_in(fresh_database, keyring, folder) is Imported.REFUSED


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("policy.yaml", b"\xff\xfe"),
        ("policy.yaml", b"weerklank: 1"),
        ("branding/brand.yaml", b"- [\n"),
        ("branding/brand.yaml", b"just words"),
        ("branding/brand.yaml", b'colours: {brand: "#ffff00"}'),
        ("branding/logo.svg", b"<script/>"),
    ],
)
def test_it_says_in_a_sentence_what_is_wrong_and_makes_nothing(
    fresh_database: Database, keyring: Keyring, folder: Path, name: str, content: bytes
) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(BadSurroundings) as caught:
        take_in(fresh_database, keyring, folder)
    assert "\n" not in str(caught.value)
    with open_session(fresh_database.engine) as session, without_tenant(session, "a test looks"):
        assert session.execute(text("SELECT count(*) FROM tenant")).scalar_one() == 0


def test_it_takes_a_folder_of_organisations_or_of_one_and_skips_what_is_hidden(folder: Path) -> None:
    (folder.parent / ".git").mkdir()
    (folder.parent / "README.md").write_text("x", encoding="utf-8")
    assert folders(folder.parent) == [folder]
    assert folders(folder) == [folder]


def test_it_takes_in_every_organisation_of_this_tree(fresh_database: Database, keyring: Keyring) -> None:
    found = folders(ROOT / "tenants")
    assert {take_in(fresh_database, keyring, each) for each in found} == {Imported.CREATED}
    assert len(found) == 5


@pytest.fixture
def environment(
    fresh_database: Database, keyring: Keyring, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The commands' surroundings: this test's database and folder of organisations."""
    values = {
        "ENVIRONMENT": "test",
        "VAR": str(tmp_path / "var"),
        "TENANTS": str(folder.parent),
        "DATABASE_URL": fresh_database.owner_url,
        "DATABASE_APP_URL": fresh_database.app_url,
        "KEYSTORE_URL": str(fresh_database.cluster.dsn("weerklank_keys", "weerklank_keys")),
        "BASE_URL": "http://localhost:8000",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return folder


def test_it_imports_and_lists_from_the_command_line(environment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tenants", "import"]) == 0
    assert capsys.readouterr().out == "voorbeeld: created, in trial\n"
    assert main(["tenants", "import", str(environment)]) == 0
    assert capsys.readouterr().out == "voorbeeld: is as it was\n"
    assert main(["tenants", "list"]) == 0
    assert capsys.readouterr().out.split() == ["voorbeeld", "trial", "trial", "Voorbeeld"]


def test_it_prints_first_links_once(environment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["tenants", "import"])
    capsys.readouterr()
    assert main(["first-links"]) == 0
    operator, admin = capsys.readouterr().out.splitlines()
    assert operator.split()[1].startswith("http://localhost:8000/console/link/")
    assert admin.split()[1].startswith("http://localhost:8000/voorbeeld/link/")
    assert main(["first-links"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["first-links", "--operator"]) == 0
    assert capsys.readouterr().out.split()[0] == "operator"


def test_it_prints_a_link_for_an_admin_of_an_organisation_there_is(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["tenants", "import"])
    capsys.readouterr()
    assert main(["tenants", "admin-link", "voorbeeld"]) == 0
    assert capsys.readouterr().out.startswith("http://localhost:8000/voorbeeld/link/")
    assert main(["tenants", "admin-link", "niemand"]) == 2
    assert "There is no organisation 'niemand'" in capsys.readouterr().err


def test_it_ends_with_2_and_a_sentence_for_a_folder_it_cannot_read(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tenants", "import", str(environment.parent / "nergens")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    shutil.copytree(environment, environment.parent / "console")
    assert main(["tenants", "import"]) == 2
    assert "console" in capsys.readouterr().err
