"""The cases' organisation serves here too."""

from tests.cases.conftest import engine, office

__all__ = ["engine", "office"]
