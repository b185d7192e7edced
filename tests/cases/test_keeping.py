"""After its end: how long a case is kept, the archive, and destroying for good with what is counted left whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.cases.conftest import FRIDAY, Office
from weerklank.audit.seals import seal_heads, witness
from weerklank.audit.verify import verify
from weerklank.cases.act import Refused, open_case, read_words
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.keep import Archive, Destroy
from weerklank.cases.actions.record import Note
from weerklank.cases.doors import UploadedFile, keep_files
from weerklank.cases.keeping import ERASE, Destruction, Shelf, declarations, destroy, erase, on_shelf
from weerklank.cases.model import CaseFile, Message
from weerklank.cases.view import CaseView, case_view
from weerklank.deadlines import Duration
from weerklank.documents.files import Files
from weerklank.documents.model import Document
from weerklank.kernel.errors import NotFound
from weerklank.kernel.outbox import Outbox
from weerklank.policy.events import Actor, ActorKind, Kind
from weerklank.policy.keeping import retention
from weerklank.policy.model import Condition, KeepingRule
from weerklank.policy.refusals import Refusal

LATER = FRIDAY + timedelta(days=5 * 366)


def closed_case(office: Office, judgement: str = "upheld") -> UUID:
    case_id = office.receive().case_id
    office.do(case_id, Complete("acknowledge"), office.eva)
    office.assign(case_id)
    office.do(case_id, Complete("decision", facts={"judgement": judgement}, text="U heeft gelijk."), office.dina)
    office.do(case_id, Complete("close"), office.eva)
    return case_id


def file_of(office: Office, case_id: UUID) -> CaseFile:
    query = select(CaseFile).where(CaseFile.id == case_id).execution_options(populate_existing=True)
    return office.session.scalars(query).one()


def seen_by_eva(office: Office, case_id: UUID, now: datetime = FRIDAY) -> CaseView:
    view = case_view(office.session, office.engine, office.tenant_id, case_id, office.eva, "en", now)
    assert isinstance(view, CaseView)
    return view


def test_it_says_until_when_a_closed_case_is_kept_and_why(office: Office) -> None:
    case_id = closed_case(office)

    assert file_of(office, case_id).keep_until == date(2031, 3, 6)
    kept = seen_by_eva(office, case_id).keeping
    assert kept is not None
    assert (kept.until, kept.source) == (date(2031, 3, 6), ("art-8",))
    assert "5 years" in kept.why
    assert "6 March 2026" in kept.why


def test_it_says_nothing_of_an_open_case(office: Office) -> None:
    assert seen_by_eva(office, office.receive().case_id).keeping is None


@pytest.mark.parametrize(
    ("judgement", "until", "rule"),
    [("upheld", date(2036, 3, 6), "keeping.rules.0"), ("not_upheld", date(2031, 3, 6), "keeping.retention")],
)
def test_it_keeps_by_outcome_where_the_procedure_says_so(
    office: Office, judgement: str, until: date, rule: str
) -> None:
    opened = open_case(office.session, office.tenant_id, closed_case(office, judgement), FRIDAY)
    ten = KeepingRule(when=Condition(fact="judgement", is_="upheld"), for_=Duration.parse("10 years"))
    keeping = replace(opened.world.policy.keeping, rules=(ten,))
    world = replace(opened.world, policy=replace(opened.world.policy, keeping=keeping))

    kept = retention(world, opened.case)

    assert kept is not None
    assert (kept.until, kept.rule) == (until, rule)


def test_it_puts_a_closed_case_in_the_archive_where_it_is_only_read(office: Office) -> None:
    case_id = closed_case(office)
    acted = office.do(case_id, Archive(), office.eva)

    assert (acted.case.phase.value, acted.case.is_archived) == ("archived", True)
    assert file_of(office, case_id).phase == "archived"
    assert seen_by_eva(office, case_id).can == {"involve"}
    with pytest.raises(Refused) as refused:
        office.do(case_id, Note("Nog iets."), office.eva)
    assert refused.value.code == "archived"
    with pytest.raises(Refused):
        office.do(case_id, Archive(), office.eva)


@pytest.mark.parametrize("who", ["dina", "gijs"])
def test_it_lets_only_the_keeper_of_the_archive_archive(office: Office, who: str) -> None:
    case_id = closed_case(office)
    with pytest.raises((Refused, NotFound)):
        office.do(case_id, Archive(), getattr(office, who))


def test_it_archives_nothing_that_goes_on(office: Office) -> None:
    case_id = office.receive().case_id
    with pytest.raises(Refused) as refused:
        office.do(case_id, Archive(), office.eva)
    assert refused.value.code == "not_closed"


def test_it_asks_until_when_where_the_procedure_does_not_say(office: Office) -> None:
    opened = open_case(office.session, office.tenant_id, closed_case(office), FRIDAY)
    keeping = replace(opened.world.policy.keeping, retention=None)
    world = replace(opened.world, policy=replace(opened.world.policy, keeping=keeping))
    eva = Actor(ActorKind.PERSON, office.eva)

    refusal = Archive().decide(world, opened.case, eva, FRIDAY)
    outcome = Archive(date(2028, 1, 1)).decide(world, opened.case, eva, FRIDAY)

    assert isinstance(refusal, Refusal)
    assert refusal.code == "how_long_kept"
    assert not isinstance(outcome, Refusal)
    assert [event.open["until"] for event in outcome] == ["2028-01-01"]


def shelf(office: Office, which: Shelf, now: datetime, who: UUID | None = None) -> list[str]:
    reader = office.reader(who or office.eva, now)
    items = on_shelf(office.session, office.engine.keyring, office.tenant_id, reader, which, now.date())
    return [item.reference for item in items]


def test_it_lists_what_may_be_destroyed_from_its_day_on(office: Office) -> None:
    case_id = closed_case(office)
    assert shelf(office, Shelf.CLOSED, FRIDAY) == ["ANN-2026-0001"]
    office.do(case_id, Archive(), office.eva)

    on_the_last_day, after = datetime(2031, 3, 6, 12, tzinfo=UTC), datetime(2031, 3, 7, 12, tzinfo=UTC)
    assert shelf(office, Shelf.KEPT, FRIDAY) == ["ANN-2026-0001"]
    assert shelf(office, Shelf.DUE, on_the_last_day) == []
    assert shelf(office, Shelf.DUE, after) == ["ANN-2026-0001"]
    assert shelf(office, Shelf.DUE, after, office.gijs) == []


@pytest.mark.parametrize(
    ("now", "reason", "code"),
    [
        (datetime(2031, 3, 6, 12, tzinfo=UTC), "Termijn voorbij.", "still_kept"),
        (datetime(2031, 3, 7, 12, tzinfo=UTC), "  ", "reason_needed"),
    ],
)
def test_it_does_not_destroy_before_its_day_nor_without_a_reason(
    office: Office, now: datetime, reason: str, code: str
) -> None:
    case_id = closed_case(office)
    office.do(case_id, Archive(), office.eva)
    with pytest.raises(Refused) as refused:
        office.do(case_id, Destroy(reason), office.eva, now)
    assert refused.value.code == code


def test_it_does_not_destroy_what_is_not_in_the_archive(office: Office) -> None:
    case_id = closed_case(office)
    with pytest.raises(Refused) as refused:
        office.do(case_id, Destroy("Termijn voorbij."), office.eva, LATER)
    assert refused.value.code == "not_archived"


def destroyed(office: Office, reason: str = "De termijn is voorbij.") -> UUID:
    case_id = closed_case(office)
    keep_files(
        office.session, office.engine, office.tenant_id, case_id, [UploadedFile("brief.pdf", b"%PDF-1.7 brief")],
        Actor(ActorKind.PERSON, office.eva), FRIDAY,
    )  # fmt: skip
    office.do(case_id, Archive(), office.eva)
    eva = Actor(ActorKind.PERSON, office.eva)
    destroy(office.session, office.engine, office.tenant_id, case_id, reason, eva, LATER)
    return case_id


def test_it_records_who_destroyed_what_and_why_and_leaves_the_rest_to_a_job(office: Office) -> None:
    case_id = destroyed(office)

    row = office.session.scalars(select(Destruction)).one()
    (declared,) = declarations(office.session, office.engine.keyring, office.tenant_id)
    assert (row.case_id, declared.person_id) == (case_id, office.eva)
    assert (declared.reference, declared.reason) == ("ANN-2026-0001", "De termijn is voorbij.")
    assert office.session.scalars(select(Outbox.case_id).where(Outbox.kind == ERASE)).all() == [case_id]


def test_it_takes_every_word_and_file_and_leaves_what_is_counted(
    office: Office, tmp_path: Path, audit_key: bytes
) -> None:
    case_id = destroyed(office)
    before = open_case(office.session, office.tenant_id, case_id, LATER).case
    erase(office.session, office.tenant_id, case_id)
    assert isinstance(office.engine.files, Files)
    office.engine.files.erase(office.session, office.tenant_id, case_id)
    office.engine.keyring.destroy_case(office.tenant_id, case_id)

    opened = open_case(office.session, office.tenant_id, case_id, LATER)
    assert opened.case == before
    assert opened.case.facts["judgement"] == "upheld"
    assert not any(event.sealed for event in read_words(office.engine, office.tenant_id, opened))
    assert opened.stored[-1].kind == Kind.DESTROYED
    assert office.session.scalars(select(Document)).all() == []
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []
    office.session.expire_all()
    assert {(row.body, row.address) for row in office.session.scalars(select(Message))} == {(None, None)}
    assert file_of(office, case_id).complainant is None

    seal_heads(office.session, audit_key, office.tenant_id, LATER)
    witness(office.session, tmp_path / "audit", office.tenant_id)
    report = verify(office.session, audit_key, tmp_path / "audit", office.tenant_id)
    assert (report.findings, report.cases) == ([], 1)


def test_it_lets_nothing_happen_to_a_case_that_was_destroyed_but_shows_it(office: Office) -> None:
    case_id = destroyed(office)
    erase(office.session, office.tenant_id, case_id)
    office.engine.keyring.destroy_case(office.tenant_id, case_id)

    with pytest.raises(Refused) as refused:
        office.do(case_id, Destroy("Nog eens."), office.eva, LATER)
    assert refused.value.code == "destroyed"
    view = seen_by_eva(office, case_id, LATER)
    assert view.keeping is not None
    assert view.keeping.destroyed
    assert view.story == ""
    assert shelf(office, Shelf.GONE, LATER) == ["ANN-2026-0001"]
