"""What is being written is kept sealed for a day, for its writer only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from weerklank.kernel.database import tenant_scope
from weerklank.kernel.errors import Refused
from weerklank.kernel.keys import Keyring
from weerklank.web.parts import NAME
from weerklank.web.portal import drafts
from weerklank.web.portal.model import IntakeDraft, IntakeFile

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SECRET = "Anna Achterberg"


@pytest.fixture
def scoped(session: Session, staatvandienst: UUID) -> Iterator[Session]:
    """A session of Staatvandienst whose work is undone."""
    with tenant_scope(session, staatvandienst):
        yield session
        session.rollback()


@pytest.fixture
def keys(app: Flask) -> Keyring:
    found: Keyring = app.extensions[NAME].keyring
    return found


def test_it_keeps_nothing_that_can_be_read_without_the_key(
    scoped: Session, keys: Keyring, staatvandienst: UUID
) -> None:
    draft, secret = drafts.begin(scoped, keys, staatvandienst, NOW)
    draft.answers["name"] = [SECRET]
    drafts.save(keys, draft)
    drafts.stage(scoped, keys, staatvandienst, draft, f"{SECRET}.txt", SECRET.encode())
    scoped.flush()
    rows = [*scoped.scalars(select(IntakeDraft)), *scoped.scalars(select(IntakeFile))]
    kept = b"".join(value for row in rows for value in vars(row).values() if isinstance(value, bytes))
    assert SECRET.encode() not in kept
    assert secret.encode() not in kept
    found = drafts.find(scoped, keys, staatvandienst, secret, NOW)
    assert found is not None
    assert found.answers == {"name": [SECRET]}
    assert [file.name for file in drafts.staged(scoped, keys, staatvandienst, draft)] == [f"{SECRET}.txt"]


def test_it_finds_a_draft_by_its_token_only_and_for_a_day(scoped: Session, keys: Keyring, staatvandienst: UUID) -> None:
    _, secret = drafts.begin(scoped, keys, staatvandienst, NOW)
    assert drafts.find(scoped, keys, staatvandienst, secret, NOW + timedelta(hours=23)) is not None
    assert drafts.find(scoped, keys, staatvandienst, secret, NOW + timedelta(hours=25)) is None
    assert drafts.find(scoped, keys, staatvandienst, secret + "x", NOW) is None
    assert drafts.find(scoped, keys, staatvandienst, "", NOW) is None


def test_it_clears_what_is_over_with_its_files(scoped: Session, keys: Keyring, staatvandienst: UUID) -> None:
    draft, _ = drafts.begin(scoped, keys, staatvandienst, NOW)
    drafts.stage(scoped, keys, staatvandienst, draft, "letter.txt", b"words")
    drafts.sweep(scoped, NOW + timedelta(hours=25))
    scoped.expire_all()
    left = select(func.count()).select_from(IntakeFile).where(IntakeFile.draft_id == draft.id)
    assert scoped.scalar(left) == 0


def test_it_forgets_what_was_typed_once_it_was_sent(scoped: Session, keys: Keyring, staatvandienst: UUID) -> None:
    draft, secret = drafts.begin(scoped, keys, staatvandienst, NOW)
    draft.answers["story"] = [SECRET]
    drafts.stage(scoped, keys, staatvandienst, draft, "letter.txt", b"words")
    drafts.sent(scoped, keys, draft, draft.id, "SVD-2026-0001", "AAAAA", NOW)
    scoped.flush()
    found = drafts.find(scoped, keys, staatvandienst, secret, NOW)
    assert found is not None
    assert (found.answers, found.reference, found.code) == ({}, "SVD-2026-0001", "AAAAA")
    assert drafts.staged(scoped, keys, staatvandienst, draft) == []
    assert drafts.find(scoped, keys, staatvandienst, secret, NOW + timedelta(minutes=61)) is None


def test_it_takes_no_more_than_it_can_send(scoped: Session, keys: Keyring, staatvandienst: UUID) -> None:
    draft, _ = drafts.begin(scoped, keys, staatvandienst, NOW)
    large = b"%PDF-1.7" + bytes(14 * 1024 * 1024)
    for _ in range(2):
        drafts.stage(scoped, keys, staatvandienst, draft, "large.pdf", large)
    with pytest.raises(Refused, match="too_many_files"):
        drafts.stage(scoped, keys, staatvandienst, draft, "large.pdf", large)
