"""What the application was put together from, and the one place where web code asks for the instant."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask import Flask, current_app

from weerklank.assembly import Platform

NAME = "weerklank"


def hand_in(app: Flask, platform: Platform) -> None:
    """Give the application its parts."""
    app.extensions[NAME] = platform


def parts() -> Platform:
    """Settings, keys and engine of the application that answers this request."""
    return cast(Platform, current_app.extensions[NAME])


def now() -> datetime:
    """The instant of this request's action, aware, in UTC."""
    return parts().now()
