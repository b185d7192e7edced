"""The ground of the measurements: a private database with one organisation, real cases, and very many bulk ones.

Real cases are played through `act`, so that opening one replays, unseals and proves what it would elsewhere. Bulk
cases are copies of the rows of a real one under other ids, with later days: they make the tables and indexes as large
as they would be. Nobody can read a copy, as its words are sealed for another case; no page that is measured does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy import select

from weerklank.assembly import Platform
from weerklank.cases.model import CaseFile
from weerklank.correspondence import drafts
from weerklank.identity.login import start_session
from weerklank.identity.people import find_person
from weerklank.kernel.database import open_session, without_tenant
from weerklank.kernel.ids import new_id
from weerklank.rehearsal.demo.play import Organisation, bring_on, form_of, play
from weerklank.rehearsal.demo.script import read_script
from weerklank.tenancy.folder import import_folder
from weerklank.tenancy.organisations import find_by_slug
from weerklank.web.portal.sessions import open_session as open_case_session

REAL = 60
DAYS_AGO = 8  # so far the real cases have come: assigned, and being looked into
PATH = "person"
MOST_EVENTS, MOST_MESSAGES = 6, 2  # of a bulk case
STORY = (
    "Mijn contactpersoon zou mij binnen een week terugbellen. Dat is drie weken geleden. Ik heb twee keer een bericht "
    "ingesproken en een mail gestuurd, en steeds hoor ik dat hij in gesprek is. Ik kan zo niet verder met mijn plan en "
    "ik voel mij niet serieus genomen. Ik wil graag dat iemand mij belt en uitlegt wat er is misgegaan. "
)

# What of a row is another's in a copy; `moved` adds the copy's days to a date or an instant.
COPIED: dict[str, dict[str, str]] = {
    "case_file": {
        "id": "new.id", "reference": "'B-' || new.n", "code_hash": "decode(md5(new.id::text), 'hex')", "dedupe": "NULL",
        "next_due_on": "moved",
    },
    "event": {"case_id": "new.id", "id": "gen_random_uuid()"},
    "deadline": {"case_id": "new.id", "due_on": "moved", "nominal": "moved", "next_at": "moved"},
    "case_task": {"case_id": "new.id", "due_on": "moved"},
    "case_party": {"case_id": "new.id", "next_due_on": "moved"},
    "case_class": {"case_id": "new.id"},
    "case_wall": {"case_id": "new.id"},
    "message": {"case_id": "new.id", "id": "gen_random_uuid()"},
}  # fmt: skip
ONLY = {
    "event": f"old.seq <= {MOST_EVENTS}",
    "message": f"old.seq <= {MOST_MESSAGES}",
}


@dataclass
class Ground:
    """Where is measured: the organisation, who works there, and its real cases."""

    platform: Platform
    superuser: str
    here: Organisation
    people: dict[str, UUID]
    cases: list[UUID]
    handler: UUID
    bulk: int = 0

    def grow(self, until: int) -> None:
        """Add bulk cases until the organisation has this many."""
        wanted = until - len(self.cases) - self.bulk
        if wanted <= 0:
            return
        with psycopg.connect(self.superuser) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute("SET synchronous_commit = off")
            connection.execute(SQL(NEW).format(Literal(self.bulk + 1), Literal(self.bulk + wanted)))
            for table, changes in COPIED.items():
                copy_rows(connection, table, changes, self.here.tenant_id, self.cases[0])
        self.bulk += wanted
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")

    def settle(self) -> None:
        """Leave no row versions and no unwritten pages of one measurement to the next."""
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")


# A copy's id begins with its moment, as new ids do; its days lie after those of the real cases.
NEW = """
CREATE TEMP TABLE new ON COMMIT DROP AS
SELECT n, 1 + n % 200 AS days,
    (lpad(to_hex(1600000000000 + n * 1000::bigint), 12, '0') || '7' || substr(md5(n || 'a'), 1, 3)
     || '8' || substr(md5(n || 'b'), 1, 15))::uuid AS id
FROM generate_series({}::integer, {}::integer) AS n
"""


def copy_rows(
    connection: psycopg.Connection[Any], table: str, changes: dict[str, str], tenant_id: UUID, case_id: UUID
) -> None:
    """Write the rows of one case once more for each new id."""
    key = "id" if table == "case_file" else "case_id"
    named = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
        (table,),
    ).fetchall()
    values = [value_of(name, kind, changes.get(name)) for name, kind in named]
    statement = SQL(
        "INSERT INTO {table} ({columns}) SELECT {values} FROM {table} AS old CROSS JOIN new"
        " WHERE old.tenant_id = {tenant} AND old.{key} = {case} AND {only}"
    ).format(
        table=Identifier(table),
        columns=SQL(", ").join(Identifier(name) for name, _ in named),
        values=SQL(", ").join(values),
        tenant=Literal(tenant_id),
        key=Identifier(key),
        case=Literal(case_id),
        only=SQL(ONLY.get(table, "true")),
    )
    connection.execute(statement)


def value_of(name: str, kind: str, change: str | None) -> Any:
    if change == "moved":
        return SQL("old.{} + new.days" if kind == "date" else "old.{} + new.days * interval '1 day'").format(
            Identifier(name)
        )
    return SQL(change) if change else SQL("old.{}").format(Identifier(name))


def lay(platform: Platform, folder: Path, superuser: str) -> Ground:
    """The organisation of this folder with people and real cases, the first of them the one that is copied."""
    now = datetime.now(UTC)
    with open_session(platform.database) as session:
        import_folder(session, platform.keyring, folder, now)
        session.commit()
    with open_session(platform.database) as session, without_tenant(session, "an organisation is looked up"):
        tenant_id = find_by_slug(session, folder.name).id
    here = Organisation(platform.database, platform.engine, tenant_id, folder.name, platform.settings.base_url)
    script = read_script(folder / "demo.yaml")
    people = bring_on(here, script, now)
    like = next(each for each in script.complaints if each["path"] == PATH and each.get("channel") == "portal")
    complaints = [{**like, "days_ago": DAYS_AGO, "text": f"{STORY} ({number})"} for number in range(REAL)]
    for complaint in complaints:
        play(here, script, complaint, people, now)
    with platform.tenant(tenant_id) as session:
        found = session.execute(select(CaseFile.id, CaseFile.handlers).order_by(CaseFile.id)).all()
        wanted = {form_of(here, complaint) for complaint in complaints}
        assert set(session.scalars(select(CaseFile.dedupe))) == wanted
    return Ground(platform, superuser, here, people, [row.id for row in found], found[0].handlers[0])


def staff_token(ground: Ground, person: UUID) -> str:
    """The cookie of somebody who is logged in."""
    with ground.platform.tenant(ground.here.tenant_id) as session:
        token = start_session(session, find_person(session, person), datetime.now(UTC), second_factor=False).token
        session.commit()
        return token


def case_tokens(ground: Ground) -> list[str]:
    """The cookies of complainants, one for each real case."""
    with ground.platform.tenant(ground.here.tenant_id) as session:
        tokens = [open_case_session(session, ground.here.tenant_id, each, datetime.now(UTC)) for each in ground.cases]
        session.commit()
        return tokens


def draft_tokens(ground: Ground, count: int) -> list[str]:
    """The cookies of complainants who filled in the form and have only to send it."""
    answers = {
        "story": [STORY], "fact-relation": ["client"], "fact-about": ["contact_person"],
        "fact-contact_person": ["Bas Bos"], "name": ["Anna Achterberg"], "email": ["anna@voorbeeld.example"],
        "way": ["email"], "tongue": ["nl"],
    }  # fmt: skip
    keyring, tenant_id, now = ground.platform.keyring, ground.here.tenant_id, datetime.now(UTC)
    tokens = []
    with ground.platform.tenant(tenant_id) as session:
        for _ in range(count):
            draft, token = drafts.begin(session, keyring, tenant_id, now)
            draft.answers = answers
            draft.passed = ["story", "details", "more", "files", "you", "helper"]
            drafts.save(keyring, draft)
            tokens.append(token)
        session.commit()
    return tokens


def bare_organisation(ground: Ground) -> UUID:
    """An organisation of its own for what the bare application writes, so that nobody here gets to see it."""
    own = new_id()
    with psycopg.connect(ground.superuser) as connection:
        connection.execute(
            "INSERT INTO tenant (id, slug, name, state, plan, locale, prefix)"
            " VALUES (%s, 'bare', 'Bare', 'trial', 'trial', 'nl', 'BARE')",
            (own,),
        )
        columns = [
            name
            for (name,) in connection.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = 'policy_version'"
            )
        ]
        copied = SQL(", ").join(Literal(own) if name == "tenant_id" else Identifier(name) for name in columns)
        statement = SQL("INSERT INTO policy_version ({}) SELECT {} FROM policy_version").format(
            SQL(", ").join(map(Identifier, columns)), copied
        )
        connection.execute(statement)
    return own
