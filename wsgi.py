"""The application for a WSGI server: `wsgi:app`."""

import sys

from weerklank.web import create_app
from weerklank.web.probes import answer_machines

# A thread that only computes lets the others have their say sooner: what a page asks of the database is ten times
# there and back, and after each it waits this long for whoever computes.
sys.setswitchinterval(0.0005)
app = create_app()
answer_machines(app)
