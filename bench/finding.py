"""Finding by words among very many cases of one organisation: rare and common ones, one person at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import psycopg
from ground import Ground

from weerklank.cases.model import CaseFile
from weerklank.cases.narrowing import Narrowed
from weerklank.cases.search.find import find
from weerklank.cases.search.index import index_case, keyed
from weerklank.cases.search.words import question_of
from weerklank.cases.walls import Reader

TIMES = 60
COMMON = "contactpersoon"  # in every case
# What is asked, by what it is; {one} is the reference of one case.
QUESTIONS: Mapping[str, str] = {
    "a word in every case": COMMON,
    "two words in every case": f"{COMMON} plan",
    "a word in one case": "{one}",
    "one in every, one in one case": f"{COMMON} {{one}}",
    "two, each in half, never together": "evenwicht onevenwichtig",
    "a word in no case": "nergens",
}


def prepare(ground: Ground) -> None:
    """Index the real cases, and give the bulk cases the tokens of a real one, and two words of which each has one."""
    now, tenant_id = datetime.now(UTC), ground.here.tenant_id
    for case_id in ground.cases:
        with ground.platform.tenant(tenant_id) as session:
            index_case(session, ground.platform.engine, tenant_id, case_id, now)
            session.commit()
    with psycopg.connect(ground.superuser, autocommit=True) as connection:
        values = {"tenant": tenant_id, "real": ground.cases, "first": ground.cases[0]}
        connection.execute(
            "INSERT INTO keyed_token (tenant_id, token, case_id) SELECT tenant_id, token, file.id"
            " FROM case_file AS file JOIN keyed_token USING (tenant_id)"
            " WHERE tenant_id = %(tenant)s AND file.id <> ALL(%(real)s) AND keyed_token.case_id = %(first)s",
            values,
        )
        for half, words in enumerate(("evenwicht", "onevenwichtig")):
            put(connection, ground, words, half)
        connection.execute("VACUUM ANALYZE")


# Half of all cases get these tokens, by the last bit of their id.
PUT = """
    INSERT INTO keyed_token (tenant_id, token, case_id) SELECT %(tenant)s, token, id
    FROM case_file, unnest(%(tokens)s::bytea[]) AS new (token)
    WHERE tenant_id = %(tenant)s AND get_byte(uuid_send(id), 15) %% 2 = %(half)s ON CONFLICT DO NOTHING
"""


def put(connection: psycopg.Connection[tuple[object, ...]], ground: Ground, words: str, half: int) -> None:
    tokens = keyed(ground.platform.keyring, ground.here.tenant_id, question_of(words).things[0])
    connection.execute(PUT, {"tenant": ground.here.tenant_id, "tokens": list(tokens.values()), "half": half})


def measure(ground: Ground) -> Iterator[tuple[str, float, float, int]]:
    """For each question: what it is, its median and 95th percentile in ms, and how many cases were found."""
    reader, tenant_id, now = Reader(ground.handler, True), ground.here.tenant_id, datetime.now(UTC)
    with ground.platform.tenant(tenant_id) as session:
        one = session.get_one(CaseFile, (tenant_id, ground.cases[-1])).reference
    for name, asked in QUESTIONS.items():
        question, taken, count = question_of(asked.format(one=one)), list[float](), 0
        for _ in range(TIMES):
            began = time.perf_counter()
            with ground.platform.tenant(tenant_id) as session:
                count = len(find(session, ground.platform.engine, tenant_id, reader, question, Narrowed(), now).hits)
            taken.append((time.perf_counter() - began) * 1000)
        taken.sort()
        yield name, taken[TIMES // 2], taken[TIMES * 95 // 100], count
