"""What a command that works on the database needs: settings, keys and an engine, all given back at its end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from weerklank.cli.run import running_address
from weerklank.kernel.database import make_engine
from weerklank.kernel.keys import Keyring
from weerklank.kernel.settings import Settings, load


@dataclass(frozen=True)
class Installation:
    """This installation, seen as the application's role."""

    settings: Settings
    keyring: Keyring
    engine: Engine


@contextmanager
def installation() -> Iterator[Installation]:
    """The installation that the environment describes, for the length of a command."""
    settings = at_its_address(load())
    engine, keystore = make_engine(settings.database_url), make_engine(settings.keystore_url)
    try:
        keyring = Keyring(keystore, settings.master_key, settings.old_master_key)
        yield Installation(settings, keyring, engine)
    finally:
        engine.dispose()
        keystore.dispose()


def at_its_address(settings: Settings) -> Settings:
    """Without an address given, that of what runs here now: `run` takes the next port when its own was taken."""
    address = None if os.environ.keys() & {"BASE_URL", "PORT"} else running_address(settings.var)
    return replace(settings, base_url=address) if address else settings
