"""Organisations: their names and hosts, their state, their look, and the versions of their policies."""
