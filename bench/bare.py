"""The same work with the least software: Flask and SQLAlchemy on the same tables, without policy, keys or scope.

It writes as many rows of the same kind and size as one complaint through the page, and lists the same rows on pages
without a frame. It logs in as a role that no wall stops. `wsgi`: `bare:app`, with BARE_DATABASE, BARE_TENANT (whose
rows are listed), BARE_TEMPLATE (a case that has just come in, to be written again) and BARE_OWN (who owns what is
written) in the environment.
"""

from __future__ import annotations

import os
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, redirect, render_template_string, request
from sqlalchemy import MetaData, Table, create_engine, insert, select
from sqlalchemy.orm import Session

TABLES = (
    "case_file", "case_task", "case_party", "case_wall", "deadline", "event", "unsealed_head", "message", "outbox",
)  # fmt: skip
ROWS = """<!doctype html><title>Rows</title><h1>Rows</h1>{% for name, rows in lists.items() %}<h2>{{ name }}</h2>
<table>{% for row in rows %}<tr>{% for value in row %}<td>{{ value }}</td>{% endfor %}</tr>{% endfor %}</table>
{% endfor %}"""

TENANT, TEMPLATE, OWN = (UUID(os.environ[name]) for name in ("BARE_TENANT", "BARE_TEMPLATE", "BARE_OWN"))
engine = create_engine(os.environ["BARE_DATABASE"], pool_pre_ping=True)
metadata = MetaData()
metadata.reflect(engine, only=[*TABLES, "person", "intake_draft"])
tables = metadata.tables
app = Flask(__name__)


def rows_of_template() -> dict[str, list[dict[str, Any]]]:
    """What one complaint through the page has written, with this application's own organisation in it."""
    found = {}
    with Session(engine) as session:
        for name in TABLES:
            table = tables[name]
            key = table.c.id if name == "case_file" else table.c.case_id
            rows = session.execute(select(table).where(table.c.tenant_id == TENANT, key == TEMPLATE)).mappings()
            found[name] = [{**row, "tenant_id": OWN} for row in rows]
    return found


template = rows_of_template()


@app.post("/intake")
def intake() -> Any:
    """A complaint: its rows, in one transaction."""
    case_id = uuid4()
    with Session(engine) as session:
        for name in TABLES:
            if template[name]:
                session.execute(insert(tables[name]), [renewed(name, row, case_id) for row in template[name]])
        session.commit()
    return redirect(f"/sent?name={request.form.get('name', '')}")


def renewed(name: str, row: dict[str, Any], case_id: UUID) -> dict[str, Any]:
    """A row of the template as one of another case."""
    if name == "case_file":
        unique = {"code_hash": case_id.bytes, "dedupe": None, "reference": None}
        return {**row, "id": case_id, **unique}
    new = {**row, "case_id": case_id}
    if "id" in row:
        new["id"] = uuid4()
    if name == "outbox":
        new["dedupe_key"] = str(new["id"])
    return new


@app.get("/worklist/<uuid:person>")
def worklist(person: UUID) -> str:
    """The 25 tasks of one person that are due first, with their cases."""
    task, file = tables["case_task"], tables["case_file"]
    query = select(file, task.c.due_on, task.c.what).join(file, same_case(task, file))
    query = query.where(task.c.tenant_id == TENANT, task.c.person_id == person)
    with Session(engine) as session:
        rows = session.execute(query.order_by(task.c.due_on, task.c.case_id, task.c.what).limit(25)).all()
    return render_template_string(ROWS, lists={"tasks": rows})


def same_case(table: Table, file: Table) -> Any:
    return (table.c.tenant_id == file.c.tenant_id) & (table.c.case_id == file.c.id)


@app.get("/case/<uuid:case_id>")
def case(case_id: UUID) -> str:
    """One case with everything that belongs to it, and who works there."""
    return show(case_id, ("event", "deadline", "case_task", "message"), with_people=True)


@app.get("/status/<uuid:case_id>")
def status(case_id: UUID) -> str:
    """One case with what happened, what is due and what was written."""
    return show(case_id, ("event", "deadline", "message"), with_people=True)


def show(case_id: UUID, names: tuple[str, ...], *, with_people: bool) -> str:
    file, person = tables["case_file"], tables["person"]
    with Session(engine) as session:
        lists = {"case": session.execute(select(file).where(file.c.tenant_id == TENANT, file.c.id == case_id)).all()}
        for name in names:
            table = tables[name]
            of_case = select(table).where(table.c.tenant_id == TENANT, table.c.case_id == case_id)
            lists[name] = session.execute(of_case).all()
        if with_people:
            lists["people"] = session.execute(select(person).where(person.c.tenant_id == TENANT)).all()
    return render_template_string(ROWS, lists=lists)
