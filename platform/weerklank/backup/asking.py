"""That an organisation's export was made, written down where its administrators read it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from weerklank.assembly import Platform
from weerklank.audit.office import Change, note


def note_by_operator(platform: Platform, tenant_id: UUID, now: datetime) -> None:
    """Whoever runs the platform makes an export from the command line: the organisation can see that."""
    with platform.tenant(tenant_id) as session:
        note(session, platform.keyring, platform.engine.audit_key, tenant_id, None, Change.EXPORTED, now)
        session.commit()
