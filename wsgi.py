"""The application for a WSGI server: `wsgi:app`."""

from weerklank.web import create_app
from weerklank.web.probes import answer_machines

app = create_app()
answer_machines(app)
