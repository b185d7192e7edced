"""Files given back: to be saved, whatever they are; or shown in a frame of ours, if they are of a sort that can be."""

from __future__ import annotations

from io import BytesIO

from flask import Response, abort, send_file

# What a browser shows by itself and that runs nothing, by the endings a name of that sort has (`documents.sorts`).
SHOWN = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "text/plain": ("txt",),
}
APART = "default-src 'none'; sandbox"  # an origin of its own, without scripts, forms or anything fetched


def attachment(name: str, media_type: str, data: bytes) -> Response:
    """A file to be saved under this name. Whoever opens its address gets nothing that runs in our pages."""
    response = send_file(BytesIO(data), mimetype=media_type, as_attachment=True, download_name=name, etag=False)
    response.headers["Content-Security-Policy"] = APART
    response.headers["Cache-Control"] = "no-store"
    return response


def can_be_shown(name: str) -> bool:
    """Whether a file is of a sort that a browser shows, by its name, which tells what its bytes are."""
    return any(name.lower().endswith(f".{ending}") for endings in SHOWN.values() for ending in endings)


def shown(name: str, media_type: str, data: bytes) -> Response:
    """A file to be looked at, framed by our own pages only and apart from them. 404 for any other sort."""
    if media_type not in SHOWN:
        abort(404)
    kind = f"{media_type}; charset=utf-8" if media_type == "text/plain" else media_type
    response = send_file(BytesIO(data), mimetype=kind, as_attachment=False, download_name=name, etag=False)
    response.headers["Content-Security-Policy"] = f"{APART}; frame-ancestors 'self'"
    response.headers["Cache-Control"] = "no-store"
    return response
