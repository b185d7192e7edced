"""Keys and passwords are replaced while the work goes on; what was done by the old ones stays readable and proven."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from itsdangerous import BadSignature
from psycopg.sql import SQL, Literal

from tests.backup.conftest import NOW, House, Lived
from tests.conftest import AUDIT_KEY, MASTER_KEY
from weerklank.audit.seals import seal_heads, witness
from weerklank.audit.verify import Fault, verify
from weerklank.cases import doors
from weerklank.cases.act import Engine, open_case, read_words
from weerklank.cli.main import main
from weerklank.kernel.events import EventDraft, append
from weerklank.kernel.keys import Keyring, opened_by, rotate_master_key
from weerklank.kernel.postgres import Cluster, borrowed_cluster
from weerklank.kernel.sealed import Tampered
from weerklank.web import create_app

NEW = bytes(range(64, 96))
OTHER = bytes(range(96, 128))


def in_base64(key: bytes) -> str:
    return base64.b64encode(key).decode()


def words(house: House, keyring: Keyring, lived: Lived) -> object:
    with house.platform.tenant(lived.anna) as session:
        opened = open_case(session, lived.anna, lived.cases[0], NOW)
        return read_words(replace(house.platform.engine, keyring=keyring), lived.anna, opened)


def test_the_old_master_key_is_accepted_until_all_is_wrapped_anew_and_not_after(lived: Lived) -> None:
    keystore = lived.house.platform.keyring.keystore
    before = words(lived.house, lived.house.platform.keyring, lived)
    rotating = Keyring(keystore, NEW, MASTER_KEY)
    assert words(lived.house, rotating, lived) == before
    assert opened_by(rotating) == (0, 2)
    assert rotate_master_key(rotating) == (2, 2)
    assert rotate_master_key(rotating) == (0, 2), "a second run finds nothing to do"
    assert opened_by(Keyring(keystore, NEW)) == (2, 0)
    assert words(lived.house, Keyring(keystore, NEW), lived) == before
    with pytest.raises(Tampered):
        Keyring(keystore, MASTER_KEY).for_tenant(lived.anna)


def test_it_goes_on_where_it_broke_off(lived: Lived) -> None:
    """One organisation is wrapped anew, as after a kill; a third key stops the next run before it does harm."""
    keystore = lived.house.platform.keyring.keystore
    with psycopg.connect(lived.house.settings.keystore_url) as connection:
        keep = connection.execute(
            "SELECT wrapped FROM keystore.tenant_key WHERE tenant_id = %s", [lived.carla]
        ).fetchall()
        rotate_master_key(Keyring(keystore, NEW, MASTER_KEY))
        connection.execute(
            "UPDATE keystore.tenant_key SET wrapped = %s WHERE tenant_id = %s", [keep[0][0], lived.carla]
        )
    with pytest.raises(Tampered):
        rotate_master_key(Keyring(keystore, NEW, OTHER))
    assert rotate_master_key(Keyring(keystore, NEW, MASTER_KEY)) == (1, 2)


def test_the_command_says_how_far_it_is(
    lived: Lived, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = lived.house.settings
    given = {
        "ENVIRONMENT": "test", "VAR": str(settings.var), "DATABASE_URL": settings.database_owner_url,
        "KEYSTORE_URL": settings.keystore_url, "MASTER_KEY": in_base64(NEW), "MASTER_KEY_OLD": in_base64(MASTER_KEY),
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert main(["keys", "check"]) == 1
    assert main(["keys", "rotate"]) == 0
    assert main(["keys", "check"]) == 0
    monkeypatch.setenv("MASTER_KEY", in_base64(OTHER))
    assert main(["keys", "rotate"]) == 2
    told = capsys.readouterr()
    assert "2 keys of organisations are wrapped anew; all 2 open by MASTER_KEY." in told.out
    assert "opens neither by MASTER_KEY nor by MASTER_KEY_OLD" in told.err


def go_on_with(lived: Lived, key: bytes) -> None:
    """Something happens in the first case, and is sealed, by another audit key."""
    house = lived.house
    engine = Engine(house.platform.keyring, key, house.platform.files)
    with house.platform.tenant(lived.anna) as session:
        doors.withdraw(session, engine, lived.anna, lived.cases[0], NOW)
        session.commit()
        seal_heads(session, key, lived.anna, NOW)
        session.commit()
        witness(session, house.settings.audit_folder, lived.anna)


def test_the_trail_holds_over_a_change_of_its_key(lived: Lived) -> None:
    go_on_with(lived, NEW)
    folder = lived.house.settings.audit_folder
    with lived.house.platform.tenant(lived.anna) as session:
        assert verify(session, NEW, folder, lived.anna, [AUDIT_KEY]).findings == []
        assert verify(session, NEW, folder, lived.anna, [OTHER, AUDIT_KEY]).findings == []
        assert verify(session, NEW, folder, lived.anna).findings != [], "without the old key nothing old is proven"


def test_whoever_has_the_old_audit_key_can_add_nothing_to_what_the_new_one_sealed(lived: Lived) -> None:
    go_on_with(lived, NEW)
    go_on_after = lived.cases[0]
    folder = lived.house.settings.audit_folder
    with lived.house.platform.tenant(lived.anna) as session:
        seq = open_case(session, lived.anna, go_on_after, NOW).file.seq
        append(
            session, lived.house.platform.keyring, AUDIT_KEY, tenant_id=lived.anna, case_id=go_on_after,
            expected_seq=seq, drafts=[EventDraft("viewed", "person", None, {})], now=NOW,
        )  # fmt: skip
        (finding,) = verify(session, NEW, folder, lived.anna, [AUDIT_KEY]).findings
    assert (finding.fault, finding.case_id, finding.number) == (Fault.EVENT_CHANGED, go_on_after, seq + 1)


def test_a_notice_signed_by_the_old_secret_key_is_still_read(lived: Lived) -> None:
    """What the old key signed in a cookie is read by the new one, and signed by it from then on."""
    settings = lived.house.settings
    before = create_app(replace(settings, secret_key=MASTER_KEY))
    after = create_app(replace(settings, secret_key=NEW, old_secret_key=MASTER_KEY))
    without = create_app(replace(settings, secret_key=NEW))
    signed = [signer(app).dumps({"notice": 1}) for app in (before, after)]
    assert signer(after).loads(signed[0]) == {"notice": 1}
    assert signer(without).loads(signed[1]) == {"notice": 1}, "from now on the new key signs"
    with pytest.raises(BadSignature):
        signer(without).loads(signed[0])


def signer(app: Flask) -> Any:
    with app.test_request_context("/"):
        return app.session_interface.get_signing_serializer(app)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of its own that asks the application for its password."""
    with borrowed_cluster(tmp_path / "var", durable=False) as cluster:
        with psycopg.connect(cluster.dsn("postgres", "postgres"), autocommit=True) as connection:
            connection.execute("CREATE ROLE weerklank_app LOGIN PASSWORD 'the first one'")
            rules = cluster.folder / "data" / "pg_hba.conf"
            rules.write_text(f"local all weerklank_app scram-sha-256\n{rules.read_text()}")
            connection.execute("SELECT pg_reload_conf()")
        yield cluster


def test_a_password_of_the_database_is_replaced_and_the_old_one_refused(guarded: Cluster) -> None:
    url = guarded.dsn("weerklank", "weerklank_app")

    def comes_in(password: str) -> bool:
        try:
            psycopg.connect(url, password=password).close()
        except psycopg.OperationalError as error:
            return "password authentication failed" not in str(error)
        return True

    with psycopg.connect(url, password="the first one") as at_work:
        with psycopg.connect(guarded.dsn("postgres", "postgres")) as connection:
            connection.execute(SQL("ALTER ROLE weerklank_app PASSWORD {}").format(Literal("the second one")))
        assert at_work.execute("SELECT 1").fetchall() == [(1,)], "who is at work is not thrown out"
    assert (comes_in("the first one"), comes_in("the second one")) == (False, True)
