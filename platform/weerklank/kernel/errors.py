"""Errors that more than one room knows."""


class BadSurroundings(Exception):
    """The machine, not the program, is at fault: its text is one clear sentence; commands exit with 2."""
