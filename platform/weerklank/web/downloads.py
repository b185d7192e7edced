"""Files given back: always saved, never shown, whatever they are."""

from __future__ import annotations

from io import BytesIO

from flask import Response, send_file


def attachment(name: str, media_type: str, data: bytes) -> Response:
    """A file to be saved under this name. Whoever opens its address gets nothing that runs in our pages."""
    response = send_file(BytesIO(data), mimetype=media_type, as_attachment=True, download_name=name, etag=False)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response
