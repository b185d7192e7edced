"""The application for a WSGI server: `wsgi:app`."""

from weerklank.web import create_app

app = create_app()
