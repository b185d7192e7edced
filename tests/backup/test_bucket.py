"""Files in a bucket are backed up as those in a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.backup.conftest import NOW, House, Lived
from tests.backup.test_whole import put_back, quiet
from weerklank.backup.keys import back_up_keys
from weerklank.backup.stored import reachable
from weerklank.backup.whole import back_up
from weerklank.documents.store import Bucket, same_in_both
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.settings import BucketAddress


def test_it_takes_files_out_of_a_bucket_and_puts_them_into_one(
    lived: Lived, make_house: Callable[..., House], bucket_address: BucketAddress, tmp_path: Path
) -> None:
    bucket = Bucket(bucket_address)
    assert all(same for _, _, same in same_in_both(lived.house.platform.files.store, bucket))
    made = back_up(lived.house.settings, bucket, tmp_path / "data", NOW, quiet)
    assert (made.files, made.missing) == (4, 0)
    for tenant_id, name in list(bucket.names()):
        bucket.delete(tenant_id, name)
    new = make_house()
    new.platform.files.store = bucket
    assert put_back(new, made.place, back_up_keys(lived.house.settings, tmp_path / "keys", NOW, quiet)).missing == ()
    assert sorted(bucket.names()) == sorted(lived.house.platform.files.store.names())


def test_it_says_so_when_the_store_of_files_is_away(
    lived: Lived, tmp_path: Path, bucket_address: BucketAddress
) -> None:
    elsewhere = Bucket(replace(bucket_address, name="nowhere"))
    with pytest.raises(BadSurroundings, match="Files cannot be reached: the object store"), reachable():
        back_up(lived.house.settings, elsewhere, tmp_path / "data", NOW, quiet)
    assert list((tmp_path / "data").glob("data-*")) == []
