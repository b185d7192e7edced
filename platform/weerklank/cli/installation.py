"""What a command that works on the database needs: settings, keys and an engine, all given back at its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

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
    settings = load()
    engine, keystore = make_engine(settings.database_url), make_engine(settings.keystore_url)
    try:
        yield Installation(settings, Keyring(keystore, settings.master_key), engine)
    finally:
        engine.dispose()
        keystore.dispose()
