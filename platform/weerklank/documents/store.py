"""Where sealed files lie: a folder. Names are made here and say nothing; a file is whole or not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from weerklank.kernel.errors import NotFound
from weerklank.kernel.ids import new_id

UNFINISHED = ".part"


class Folder:
    """A file store in a folder, with one folder for each organisation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, tenant_id: UUID, data: bytes) -> str:
        """Write a file for good and answer the name it lies under."""
        name = new_id().hex
        self.put_back(tenant_id, name, data)
        return name

    def put_back(self, tenant_id: UUID, name: str, data: bytes) -> None:
        """Write a file for good under a name that it had before, in a back-up. Done twice it does no harm."""
        path = self._path(tenant_id, name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_suffix(UNFINISHED)
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)

    def get(self, tenant_id: UUID, name: str) -> bytes:
        """The bytes under this name; NotFound when they are gone."""
        try:
            return self._path(tenant_id, name).read_bytes()
        except FileNotFoundError:
            raise NotFound("file") from None

    def delete(self, tenant_id: UUID, name: str) -> None:
        """Remove what lies under this name, if it is there."""
        self._path(tenant_id, name).unlink(missing_ok=True)

    def older_than(self, tenant_id: UUID, instant: datetime) -> Iterator[str]:
        """The names of files, finished or not, last written before this instant."""
        for path in (self.folder / str(tenant_id)).glob("*/*"):
            if path.stat().st_mtime < instant.timestamp():
                yield path.name

    def _path(self, tenant_id: UUID, name: str) -> Path:
        return self.folder / str(tenant_id) / name.removesuffix(UNFINISHED)[-2:] / name
