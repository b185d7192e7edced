"""Where sealed files lie: a folder, or a bucket of an object store. Names are made here and say nothing.

A file is whole or not there, and what lies under a name never changes. A store that does not answer in time, or can
take no more, is an OSError: nothing was changed by then, or what was left behind is swept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import UUID

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from weerklank.kernel.errors import Conflict, NotFound
from weerklank.kernel.ids import new_id
from weerklank.kernel.settings import BucketAddress

UNFINISHED = ".part"
SECONDS_TO_CONNECT = 3
SECONDS_FOR_ONE = 30  # request, its bytes included
RETRY_WITHIN = timedelta(seconds=10)


class StoreAway(OSError):
    """The object store does not answer, or does not do what it was asked."""


class Store(Protocol):
    """What files are kept in, apart for each organisation. Every call ends in time, if need be by an OSError."""

    def put_new(self, tenant_id: UUID, name: str, data: bytes) -> None:
        """Write a file for good under a name that nothing has yet. Raises Conflict when something has."""

    def put_back(self, tenant_id: UUID, name: str, data: bytes) -> None:
        """Write a file for good under a name that it had before, in a back-up. Done twice it does no harm."""

    def get(self, tenant_id: UUID, name: str) -> bytes:
        """The bytes under this name; NotFound when they are gone."""
        ...

    def delete(self, tenant_id: UUID, name: str) -> None:
        """Remove what lies under this name, if it is there."""

    def older_than(self, tenant_id: UUID, instant: datetime) -> Iterator[str]:
        """The names of files, finished or not, last written before this instant."""
        ...

    def names(self) -> Iterator[tuple[UUID, str]]:
        """(organisation, name) of every file that is whole."""
        ...

    def put(self, tenant_id: UUID, data: bytes) -> str:
        """Write a file for good and answer the name it lies under."""
        name = new_id().hex
        try:
            self.put_new(tenant_id, name, data)
        except Conflict:  # an attempt of our own, whose answer was lost
            if self.get(tenant_id, name) != data:
                raise
        return name


class Folder(Store):
    """A file store in a folder, with one folder for each organisation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put_new(self, tenant_id: UUID, name: str, data: bytes) -> None:
        path = self._path(tenant_id, name)
        unfinished = self._written(path, data)
        try:
            os.link(unfinished, path)
        except FileExistsError:
            raise Conflict("there is a file of this name") from None
        finally:
            unfinished.unlink()

    def put_back(self, tenant_id: UUID, name: str, data: bytes) -> None:
        path = self._path(tenant_id, name)
        self._written(path, data).rename(path)

    def get(self, tenant_id: UUID, name: str) -> bytes:
        try:
            return self._path(tenant_id, name).read_bytes()
        except FileNotFoundError:
            raise NotFound("file") from None

    def delete(self, tenant_id: UUID, name: str) -> None:
        self._path(tenant_id, name).unlink(missing_ok=True)

    def older_than(self, tenant_id: UUID, instant: datetime) -> Iterator[str]:
        for path in (self.folder / str(tenant_id)).glob("*/*"):
            if path.stat().st_mtime < instant.timestamp():
                yield path.name

    def names(self) -> Iterator[tuple[UUID, str]]:
        for path in self.folder.glob("*/*/*"):
            if path.suffix != UNFINISHED:
                yield UUID(path.parent.parent.name), path.name

    def _written(self, path: Path, data: bytes) -> Path:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_suffix(UNFINISHED)
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return unfinished

    def _path(self, tenant_id: UUID, name: str) -> Path:
        return self.folder / str(tenant_id) / name.removesuffix(UNFINISHED)[-2:] / name


class Bucket(Store):
    """A file store in a bucket; an organisation's files begin with its id. A put of S3 is whole or not there."""

    def __init__(self, address: BucketAddress) -> None:
        self.store = S3Store(
            address.name,
            endpoint=address.url,
            access_key_id=address.access_key,
            secret_access_key=address.secret_key,
            region=address.region,
            client_options={
                "allow_http": address.url.startswith("http:"),
                "connect_timeout": f"{SECONDS_TO_CONNECT}s",
                "timeout": f"{SECONDS_FOR_ONE}s",
            },
            retry_config={"max_retries": 2, "retry_timeout": RETRY_WITHIN},
        )

    def put_new(self, tenant_id: UUID, name: str, data: bytes) -> None:
        with answering():
            obstore.put(self.store, f"{tenant_id}/{name}", data, mode="create", use_multipart=False)

    def put_back(self, tenant_id: UUID, name: str, data: bytes) -> None:
        with answering():
            obstore.put(self.store, f"{tenant_id}/{name}", data, use_multipart=False)

    def get(self, tenant_id: UUID, name: str) -> bytes:
        with answering():
            return bytes(obstore.get(self.store, f"{tenant_id}/{name}").bytes())

    def delete(self, tenant_id: UUID, name: str) -> None:
        with answering():
            obstore.delete(self.store, f"{tenant_id}/{name}")

    def older_than(self, tenant_id: UUID, instant: datetime) -> Iterator[str]:
        with answering():
            for page in obstore.list(self.store, str(tenant_id)):
                yield from (_split(each["path"])[1] for each in page if each["last_modified"] < instant)

    def names(self) -> Iterator[tuple[UUID, str]]:
        with answering():
            for page in obstore.list(self.store):
                yield from (_split(each["path"]) for each in page)


def _split(path: str) -> tuple[UUID, str]:
    tenant, _, name = path.partition("/")
    return UUID(tenant), name


@contextmanager
def answering() -> Iterator[None]:
    """What the library raises, as the store's users know it."""
    try:
        yield
    except FileNotFoundError as error:  # which is what NotFoundError comes as
        if "NoSuchBucket" in str(error):
            raise StoreAway("the object store: there is no such bucket") from None
        raise NotFound("file") from None
    except (AlreadyExistsError, PreconditionError):
        raise Conflict("there is a file of this name") from None
    except BaseError as error:
        raise StoreAway(f"the object store: {type(error).__name__}") from None


def same_in_both(source: Store, target: Store) -> Iterator[tuple[UUID, str, bool]]:
    """Put every file of `source` in `target` as well; each, when it is there, with whether it is the same.

    Done again it goes on where it was broken off. What is already there is compared and never written over.
    """
    there = set(target.names())
    for tenant_id, name in source.names():
        data = source.get(tenant_id, name)
        if (tenant_id, name) not in there:
            target.put_new(tenant_id, name, data)
        yield tenant_id, name, target.get(tenant_id, name) == data
