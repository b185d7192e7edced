"""One contract for both stores: a folder and a bucket. And moving from one to the other."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from uuid import UUID

import pytest

from tests.workers.conftest import free_port
from weerklank.cli.main import main
from weerklank.documents import store as stores
from weerklank.documents.store import Bucket, Folder, Store, StoreAway, same_in_both
from weerklank.kernel.errors import Conflict, NotFound
from weerklank.kernel.settings import BucketAddress

ANNA, BRAM = UUID(int=1), UUID(int=2)
NAME = "0" * 32


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return Folder(tmp_path / "files")
    return Bucket(request.getfixturevalue("bucket_address"))


@pytest.fixture
def gone(store: Store, tmp_path: Path) -> Store:
    """The same sort of store, where there is none."""
    if isinstance(store, Folder):
        (tmp_path / "no-folder").write_bytes(b"")
        return Folder(tmp_path / "no-folder")
    return Bucket(BucketAddress(f"http://127.0.0.1:{free_port()}", "none", "x", "x", "us-east-1"))


def in_a_minute() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)


def test_it_gives_back_what_was_put(store: Store) -> None:
    data = bytes(range(256)) * 10_000
    assert store.get(ANNA, store.put(ANNA, data)) == data
    assert store.get(ANNA, store.put(ANNA, b"")) == b""


def test_it_writes_nothing_over(store: Store) -> None:
    store.put_new(ANNA, NAME, b"first")
    with pytest.raises(Conflict):
        store.put_new(ANNA, NAME, b"second")
    assert store.get(ANNA, NAME) == b"first"
    assert list(store.older_than(ANNA, in_a_minute())) == [NAME]


def test_it_puts_back_what_a_back_up_had(store: Store) -> None:
    for data in (b"damaged", b"whole", b"whole"):
        store.put_back(ANNA, NAME, data)
    assert store.get(ANNA, NAME) == b"whole"


def test_it_knows_no_other_name_and_no_other_organisations_file(store: Store) -> None:
    name = store.put(ANNA, b"sealed")
    for tenant_id, asked in ((ANNA, NAME), (BRAM, name), (BRAM, NAME)):
        with pytest.raises(NotFound):
            store.get(tenant_id, asked)
    store.delete(BRAM, name)
    assert store.get(ANNA, name) == b"sealed"
    assert list(store.older_than(BRAM, in_a_minute())) == []


def test_it_deletes_for_good_and_does_no_harm_twice(store: Store) -> None:
    name = store.put(ANNA, b"sealed")
    store.delete(ANNA, name)
    store.delete(ANNA, name)
    with pytest.raises(NotFound):
        store.get(ANNA, name)


def test_it_lists_what_is_old_and_everything_there_is(store: Store) -> None:
    mine, other = store.put(ANNA, b"a"), store.put(BRAM, b"b")
    assert list(store.older_than(ANNA, in_a_minute())) == [mine]
    assert list(store.older_than(ANNA, in_a_minute() - timedelta(days=1))) == []
    assert set(store.names()) == {(ANNA, mine), (BRAM, other)}


def test_it_says_that_the_store_is_away(gone: Store) -> None:
    with pytest.raises(OSError):
        gone.put(ANNA, b"sealed")
    with pytest.raises(OSError):
        gone.get(ANNA, NAME)


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a store that takes a connection and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        held, stop = [], Event()

        def hold() -> None:
            while not stop.is_set():
                held.append(server.accept()[0])

        thread = Thread(target=hold)
        thread.start()
        port = server.getsockname()[1]
        yield f"http://127.0.0.1:{port}"
        stop.set()
        socket.create_connection(("127.0.0.1", port)).close()
        thread.join()
        for each in held:
            each.close()


def test_it_waits_for_a_silent_store_no_longer_than_its_limit(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "SECONDS_FOR_ONE", 1)
    monkeypatch.setattr(stores, "RETRY_WITHIN", timedelta(seconds=1))
    bucket = Bucket(BucketAddress(silent, "files", "x", "x", "us-east-1"))
    began = monotonic()
    calls = (lambda: bucket.put(ANNA, b"x"), lambda: bucket.get(ANNA, NAME), lambda: bucket.delete(ANNA, NAME),
             lambda: list(bucket.older_than(ANNA, in_a_minute())))  # fmt: skip
    for call in calls:
        with pytest.raises(StoreAway):
            call()
    assert monotonic() - began < 60  # a limit that does not hold means minutes


def test_it_does_not_take_a_bucket_that_is_not_there_for_files_that_are_gone(bucket_address: BucketAddress) -> None:
    bucket = Bucket(replace(bucket_address, name="there-is-no-such-bucket"))
    for call in (lambda: bucket.put(ANNA, b"sealed"), lambda: bucket.get(ANNA, NAME), lambda: list(bucket.names())):
        with pytest.raises(StoreAway, match="object store"):
            call()


def test_it_moves_a_folder_into_a_bucket_and_goes_on_where_it_was_broken_off(
    tmp_path: Path, bucket_address: BucketAddress
) -> None:
    folder, bucket = Folder(tmp_path), Bucket(bucket_address)
    names = {(tenant_id, folder.put(tenant_id, bytes([n]))) for n, tenant_id in enumerate((ANNA, ANNA, BRAM))}
    (tmp_path / str(ANNA) / "zz").mkdir()
    (tmp_path / str(ANNA) / "zz" / "half.part").write_bytes(b"half")
    next(same_in_both(folder, bucket))
    assert len(set(bucket.names())) == 1
    assert all(same for _, _, same in same_in_both(folder, bucket))
    assert set(bucket.names()) == names
    for tenant_id, name in names:
        assert bucket.get(tenant_id, name) == folder.get(tenant_id, name)


def test_it_says_which_file_is_another_one_there_and_leaves_it(tmp_path: Path, bucket_address: BucketAddress) -> None:
    folder, bucket = Folder(tmp_path), Bucket(bucket_address)
    folder.put_new(ANNA, NAME, b"mine")
    bucket.put_new(ANNA, NAME, b"another")
    assert list(same_in_both(folder, bucket)) == [(ANNA, NAME, False)]
    assert bucket.get(ANNA, NAME) == b"another"


def test_it_moves_files_from_the_command_line_and_says_what_differs(
    tmp_path: Path, bucket_address: BucketAddress, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {"S3_URL": bucket_address.url, "S3_BUCKET": bucket_address.name, "S3_ACCESS_KEY": "x", "S3_SECRET_KEY": "y"}
    for name, value in {**told, "VAR": str(tmp_path / "var")}.items():
        monkeypatch.setenv(name, value)
    folder, bucket = Folder(tmp_path / "var" / "files"), Bucket(bucket_address)
    name = folder.put(ANNA, b"sealed")
    assert main(["files", "copy", str(tmp_path / "var" / "files"), "bucket"]) == 0
    assert "1 files" in capsys.readouterr().out
    assert bucket.get(ANNA, name) == b"sealed"
    assert main(["files", "copy", "bucket", str(tmp_path / "back")]) == 0
    assert Folder(tmp_path / "back").get(ANNA, name) == b"sealed"
    bucket.put_back(ANNA, name, b"another")
    assert main(["files", "copy", str(tmp_path / "back"), "bucket"]) == 1
    assert name in capsys.readouterr().err
    assert main(["files", "copy", str(tmp_path / "nowhere"), "bucket"]) == 2
    assert "nowhere" in capsys.readouterr().err
    monkeypatch.delenv("S3_URL")
    assert main(["files", "copy", str(tmp_path / "back"), "bucket"]) == 2
    assert "S3_URL" in capsys.readouterr().err
