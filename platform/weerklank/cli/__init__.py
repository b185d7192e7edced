"""The command line: thin commands over `act` and the readers."""

from weerklank.cli.main import main

__all__ = ["main"]
