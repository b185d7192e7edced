"""Weerklank: complaints procedures of many organisations, each carried out by its own policy."""
