"""Finding by words: within the walls, newest first, and only by what its reader may read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.cases.conftest import FRIDAY, Office
from tests.conftest import Organisation
from weerklank.audit.office import Change, note
from weerklank.audit.seals import seal_heads
from weerklank.cases.actions.record import Note
from weerklank.cases.narrowing import Narrowed
from weerklank.cases.search.find import Found, find
from weerklank.cases.search.index import ask_to_index, changed_since, forget_words, index_case, indexed_up_to, keyed
from weerklank.cases.search.words import question_of
from weerklank.kernel.events import EventDraft, append
from weerklank.kernel.ids import new_id
from weerklank.kernel.outbox import Outbox
from weerklank.policy.events import PLATFORM


def complain(office: Office, story: str, **given: Any) -> UUID:
    """A complaint that is in the index."""
    case_id = office.receive(story=story, **given).case_id
    index(office, case_id)
    return case_id


def index(office: Office, case_id: UUID) -> None:
    index_case(office.session, office.engine, office.tenant_id, case_id, FRIDAY)
    office.session.commit()


def search(office: Office, asked: str, who: UUID | None = None, after: UUID | None = None, **narrowed: Any) -> Found:
    reader = office.reader(who or office.eva)
    question = question_of(asked)
    return find(office.session, office.engine, office.tenant_id, reader, question, Narrowed(**narrowed), FRIDAY, after)


def found(office: Office, asked: str, who: UUID | None = None, **narrowed: Any) -> list[UUID]:
    return [hit.case_id for hit in search(office, asked, who, **narrowed).hits]


def test_it_finds_a_complaint_by_words_of_its_story_its_names_and_its_notes(office: Office) -> None:
    one = complain(office, "Mijn fietsen zijn gestolen bij het loket.")
    complain(office, "De telefoon werd niet opgenomen.")
    office.do(one, Note("De portier heeft niets gezien."), office.eva)
    index(office, one)
    for asked in ("fiets", "gestolen fietsen", "Wit", "anna@voorbeeld.example", "portier", "fiets portier"):
        assert one in found(office, asked), asked
    assert found(office, "fiets telefoon") == []
    assert found(office, "niemand") == []


def test_it_shows_where_the_words_stand(office: Office) -> None:
    complain(office, "Mijn fietsen zijn gestolen bij het loket.")
    (hit,) = search(office, "fiets").hits
    assert [(piece.text, piece.hit) for piece in hit.excerpts[0]] == [
        ("Mijn ", False), ("fietsen", True), (" zijn gestolen bij het loket.", False),
    ]  # fmt: skip
    assert hit.complainant == "Anna de Wit"


def test_it_finds_the_newest_first_and_goes_on_where_it_stopped(office: Office) -> None:
    cases = [complain(office, f"Het loket was dicht, keer {number}.") for number in range(23)]
    pages, after = [], None
    for _ in range(3):
        page = search(office, "loket dicht", after=after)
        pages.append([hit.case_id for hit in page.hits])
        after = page.after
    assert pages == [cases[:-11:-1], cases[-11:-21:-1], cases[2::-1]]
    assert after is None


def test_it_finds_nothing_for_who_is_not_to_know_of_the_case(office: Office) -> None:
    case_id = complain(office, "Bram was onbeleefd tegen mij.")
    assert found(office, "onbeleefd", office.eva) == [case_id]
    assert found(office, "onbeleefd", office.bram) == []
    assert found(office, "onbeleefd", office.gijs) == []


def test_it_finds_for_who_has_a_part_in_it(office: Office) -> None:
    mine = complain(office, "De balie was onbeleefd.")
    complain(office, "De balie was onbeleefd tegen een ander.", facts={"about": office.gijs})
    office.assign(mine)
    assert found(office, "onbeleefd", office.dina) == [mine]


def test_it_narrows_by_what_is_in_the_clear(office: Office) -> None:
    early = complain(office, "De fiets is weg.")
    late = complain(office, "De fiets is kapot.", now=FRIDAY + timedelta(days=7), channel="letter", actor=PLATFORM)
    assert found(office, "fiets", channel="letter") == [late]
    assert found(office, "fiets", received_to=FRIDAY.date()) == [early]
    assert found(office, "fiets", received_from=FRIDAY.date() + timedelta(days=1)) == [late]
    assert found(office, "fiets", phase="triage") == [late, early]
    assert found(office, "fiets", phase="closed") == []
    assert found(office, "fiets", open=False) == []
    office.assign(early)
    assert found(office, "fiets", handlers=(office.dina,)) == [early]


def test_it_forgets_a_case_that_is_taken_out(office: Office) -> None:
    case_id = complain(office, "De fiets is weg.")
    forget_words(office.session, office.tenant_id, case_id)
    assert found(office, "fiets") == []
    assert office.session.scalar(text("SELECT count(*) FROM keyed_token")) == 0


def test_it_keeps_no_word_that_can_be_read_and_another_token_for_each_organisation(
    office: Office, other_tenant: Organisation
) -> None:
    office.session.commit()
    complain(office, "De fiets is weg.")
    tokens = set(office.session.scalars(text("SELECT token FROM keyed_token")))
    assert all(len(token) == 8 for token in tokens)
    assert not any(b"fiet" in token for token in tokens)
    ours = keyed(office.engine.keyring, office.tenant_id, ["fiet"])
    theirs = keyed(office.engine.keyring, other_tenant.id, ["fiet"])
    assert ours != theirs


def test_it_asks_for_the_index_when_a_seal_names_a_case_that_went_on(office: Office) -> None:
    case_id = office.receive(story="De fiets is weg.").case_id
    ask_to_index(office.session, office.tenant_id)
    assert jobs(office) == []
    seal_heads(office.session, office.engine.audit_key, office.tenant_id, FRIDAY)
    ask_to_index(office.session, office.tenant_id)
    ask_to_index(office.session, office.tenant_id)
    assert jobs(office) == [{"seal": 1}]
    assert changed_since(office.session, office.tenant_id, indexed_up_to(office.session, office.tenant_id)) == (
        [case_id], 1,
    )  # fmt: skip


def test_it_takes_the_history_of_the_organisation_or_of_a_report_for_no_case(office: Office) -> None:
    case_id = office.receive(story="De fiets is weg.").case_id
    engine = office.engine
    note(office.session, engine.keyring, engine.audit_key, office.tenant_id, office.eva, Change.INVITED, FRIDAY)
    append(
        office.session, engine.keyring, engine.audit_key, tenant_id=office.tenant_id, case_id=new_id(),
        expected_seq=0, drafts=[EventDraft("report_begun", "platform", None, {})], now=FRIDAY,
    )  # fmt: skip
    seal_heads(office.session, engine.audit_key, office.tenant_id, FRIDAY)
    assert changed_since(office.session, office.tenant_id, 0) == ([case_id], 1)


def jobs(office: Office) -> list[dict[str, Any]]:
    return [job.args for job in office.session.query(Outbox).filter(Outbox.kind == "index_words")]


@pytest.mark.parametrize("asked", ["de het een", "!", " ", "ab"])
def test_it_finds_nothing_for_what_is_no_word_to_find(office: Office, asked: str) -> None:
    complain(office, "De fiets is weg.")
    assert search(office, asked) == Found((), None)
