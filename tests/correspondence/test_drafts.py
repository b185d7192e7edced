"""What is being written is kept sealed for a day, for its writer only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import Organisation
from weerklank.correspondence import drafts
from weerklank.correspondence.drafts import IntakeDraft, IntakeFile
from weerklank.kernel.database import tenant_scope
from weerklank.kernel.errors import Refused
from weerklank.kernel.keys import Keyring

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SECRET = "Anna Achterberg"


@pytest.fixture
def scoped(app_session: Session, tenant: Organisation) -> Iterator[Session]:
    """A session in the scope of Anna's organisation."""
    with tenant_scope(app_session, tenant.id):
        yield app_session


@pytest.fixture
def home(tenant: Organisation) -> UUID:
    return tenant.id


def test_it_keeps_nothing_that_can_be_read_without_the_key(scoped: Session, keyring: Keyring, home: UUID) -> None:
    draft, secret = drafts.begin(scoped, keyring, home, NOW)
    draft.answers["name"] = [SECRET]
    drafts.save(keyring, draft)
    drafts.stage(scoped, keyring, home, draft, f"{SECRET}.txt", SECRET.encode())
    scoped.flush()
    rows = [*scoped.scalars(select(IntakeDraft)), *scoped.scalars(select(IntakeFile))]
    kept = b"".join(value for row in rows for value in vars(row).values() if isinstance(value, bytes))
    assert SECRET.encode() not in kept
    assert secret.encode() not in kept
    found = drafts.find(scoped, keyring, home, secret, NOW)
    assert found is not None
    assert found.answers == {"name": [SECRET]}
    assert [file.name for file in drafts.staged(scoped, keyring, home, draft)] == [f"{SECRET}.txt"]


def test_it_finds_a_draft_by_its_token_only_and_for_a_day(scoped: Session, keyring: Keyring, home: UUID) -> None:
    _, secret = drafts.begin(scoped, keyring, home, NOW)
    assert drafts.find(scoped, keyring, home, secret, NOW + timedelta(hours=23)) is not None
    assert drafts.find(scoped, keyring, home, secret, NOW + timedelta(hours=25)) is None
    assert drafts.find(scoped, keyring, home, secret + "x", NOW) is None
    assert drafts.find(scoped, keyring, home, "", NOW) is None


def test_it_clears_what_is_over_with_its_files(scoped: Session, keyring: Keyring, home: UUID) -> None:
    draft, _ = drafts.begin(scoped, keyring, home, NOW)
    drafts.stage(scoped, keyring, home, draft, "letter.txt", b"words")
    drafts.sweep(scoped, NOW + timedelta(hours=25))
    scoped.expire_all()
    left = select(func.count()).select_from(IntakeFile).where(IntakeFile.draft_id == draft.id)
    assert scoped.scalar(left) == 0


def test_it_forgets_what_was_typed_once_it_was_sent(scoped: Session, keyring: Keyring, home: UUID) -> None:
    draft, secret = drafts.begin(scoped, keyring, home, NOW)
    draft.answers["story"] = [SECRET]
    drafts.stage(scoped, keyring, home, draft, "letter.txt", b"words")
    drafts.sent(scoped, keyring, draft, draft.id, "SVD-2026-0001", "AAAAA", NOW)
    scoped.flush()
    found = drafts.find(scoped, keyring, home, secret, NOW)
    assert found is not None
    assert (found.answers, found.reference, found.code) == ({}, "SVD-2026-0001", "AAAAA")
    assert drafts.staged(scoped, keyring, home, draft) == []
    assert drafts.find(scoped, keyring, home, secret, NOW + timedelta(minutes=61)) is None


def test_it_takes_no_more_than_it_can_send(scoped: Session, keyring: Keyring, home: UUID) -> None:
    draft, _ = drafts.begin(scoped, keyring, home, NOW)
    large = b"%PDF-1.7" + bytes(14 * 1024 * 1024)
    for number in range(2):
        drafts.stage(scoped, keyring, home, draft, f"large-{number}.pdf", large)
    with pytest.raises(Refused, match="too_many_files"):
        drafts.stage(scoped, keyring, home, draft, "large.pdf", large)
