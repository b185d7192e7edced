"""Many rows of several tables in one statement: as they were given, all or none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from tests.conftest import Organisation
from weerklank.correspondence.drafts import IntakeDraft, IntakeFile
from weerklank.kernel.database import tenant_scope
from weerklank.kernel.ids import new_id
from weerklank.kernel.outbox import Outbox
from weerklank.kernel.rows import write_rows

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
DRAFT, FILE, JOB = (cast(Table, model.__table__) for model in (IntakeDraft, IntakeFile, Outbox))
ODD = bytes(range(256)) + b"\\x41'\""


def draft_of(tenant: Organisation) -> dict[str, Any]:
    same = {"tenant_id": tenant.id, "id": new_id(), "token_hash": new_id().bytes, "sealed": ODD}
    same |= {"resume_hash": None}
    return {**same, "created_at": NOW, "expires_at": NOW + timedelta(1), "case_id": None}


def file_of(draft: dict[str, Any]) -> dict[str, Any]:
    same = {"tenant_id": draft["tenant_id"], "id": new_id(), "draft_id": draft["id"]}
    return {**same, "name": b"", "data": ODD, "size": 2**31 - 1}


def test_it_writes_rows_as_they_are_also_before_those_they_belong_to(
    app_session: Session, tenant: Organisation
) -> None:
    drafts = [draft_of(tenant), draft_of(tenant)]
    files = [file_of(draft) for draft in drafts]
    with tenant_scope(app_session, tenant.id):
        write_rows(app_session, {FILE: files, JOB: [], DRAFT: drafts})
        for table, rows in ((DRAFT, drafts), (FILE, files)):
            found = app_session.execute(select(table).order_by(table.c.id)).mappings().all()
            assert [dict(row) for row in found] == sorted(rows, key=lambda row: row["id"])
        write_rows(app_session, {FILE: []})


def test_it_leaves_what_is_not_given_to_the_database_and_takes_any_words(
    app_session: Session, tenant: Organisation
) -> None:
    args = {"words": "'; DROP TABLE case_file; -- \\ \" é 🙂", "none": None, "list": [1, "2"]}
    job = {
        "tenant_id": tenant.id,
        "id": new_id(),
        "kind": "x",
        "dedupe_key": args["words"],
        "args": args,
        "max_attempts": 3,
    }
    with tenant_scope(app_session, tenant.id):
        write_rows(app_session, {JOB: [job]})
        found = app_session.execute(select(JOB).where(JOB.c.id == job["id"])).mappings().one()
    assert (found["state"], found["attempts"], found["dedupe_key"], found["args"]) == (
        "pending",
        0,
        args["words"],
        args,
    )


def test_it_writes_all_or_none(app_session: Session, tenant: Organisation) -> None:
    draft = draft_of(tenant)
    with tenant_scope(app_session, tenant.id):
        with pytest.raises(IntegrityError), app_session.begin_nested():
            write_rows(app_session, {DRAFT: [draft], FILE: [file_of(draft), file_of(draft_of(tenant))]})
        assert app_session.scalars(select(IntakeDraft.id)).all() == []


def test_it_writes_nothing_of_another_organisation(
    app_session: Session, tenant: Organisation, other_tenant: Organisation
) -> None:
    with tenant_scope(app_session, tenant.id), pytest.raises(ProgrammingError, match="row-level security"):
        write_rows(app_session, {DRAFT: [draft_of(other_tenant)]})
