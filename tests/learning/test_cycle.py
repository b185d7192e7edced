"""The report cycle, recommendations, duties and publication, each with who may not and what comes by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from tests.cases.conftest import Office, by
from tests.learning.conftest import NEW_YEAR, at, bram_complained_about, worker_counts
from weerklank.audit.seals import seal_heads
from weerklank.audit.verify import verify
from weerklank.cases.act import Refused
from weerklank.cases.actions.record import Record
from weerklank.kernel.errors import NotFound
from weerklank.kernel.ids import new_id
from weerklank.learning import clock, improvements, log, recommendations, register, reports
from weerklank.learning.export import as_csv, register_rows
from weerklank.learning.improvements import Plan
from weerklank.learning.labels import WORDS
from weerklank.learning.model import Improvement, Kind, LogEntry, Recommendation, Report
from weerklank.learning.notices import SENTENCES, notice
from weerklank.learning.show import Sight, report_view, reports_for
from weerklank.learning.tasks import is_published, tasks_of


@pytest.fixture
def report(office: Office) -> Report:
    """The report over 2026, opened by the clock."""
    bram_complained_about(office, 2)
    clock.every_day(office.session, office.engine, office.tenant_id, NEW_YEAR)
    worker_counts(office)
    return office.session.scalars(select(Report)).one()


def work(office: Office, person: object, now: datetime = NEW_YEAR) -> set[str]:
    return {str(task) for task in tasks_of(at(office, now), person)}  # type: ignore[arg-type]  # an id of the cast


def refused(rule: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.refusal.rule == rule and bool(error.refusal.source))


def released(office: Office, report: Report) -> None:
    reports.write(at(office), office.eva, report.id, "analysis", "Het lag aan de drukte.")
    reports.release(at(office), office.eva, report.id)


def test_the_clock_opens_a_report_once_over_the_year_that_ended(office: Office, report: Report) -> None:
    clock.every_day(office.session, office.engine, office.tenant_id, NEW_YEAR + timedelta(days=1))
    assert office.session.scalar(select(func.count()).select_from(Report)) == 1
    assert (report.first_day, report.last_day) == (date(2026, 1, 1), date(2026, 12, 31))
    assert report.due_on == date(2027, 2, 28)
    assert "reports.annual.write" in work(office, office.eva)
    assert "reports.annual.write" not in work(office, office.gijs)


def test_a_clock_that_stood_still_opens_every_year_it_missed(office: Office, report: Report) -> None:
    clock.every_day(office.session, office.engine, office.tenant_id, datetime(2029, 1, 3, tzinfo=UTC))
    assert list(office.session.scalars(select(Report.first_day).order_by(Report.first_day))) == [
        date(2026, 1, 1), date(2027, 1, 1), date(2028, 1, 1),
    ]  # fmt: skip


def test_it_reminds_the_writer_and_tells_when_the_day_has_passed_each_once(office: Office, report: Report) -> None:
    for day in (date(2027, 2, 13), date(2027, 2, 14), date(2027, 2, 15), date(2027, 3, 1), date(2027, 3, 2)):
        now = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        clock.every_day(office.session, office.engine, office.tenant_id, now)
        office.session.refresh(report)
        expected = (["remind.0"] if day >= date(2027, 2, 14) else []) + (["late"] if day >= date(2027, 3, 1) else [])
        assert report.told == expected, day


def test_it_is_not_released_without_the_text_that_must_be_there(office: Office, report: Report) -> None:
    reports.write(at(office), office.eva, report.id, "outlook", "Meer rust.")
    with refused("reports.annual.sections.analysis"):
        reports.release(at(office), office.eva, report.id)
    released(office, report)
    with refused("reports.annual"):
        reports.write(at(office), office.eva, report.id, "analysis", "Anders")


def test_only_who_the_policy_names_takes_each_step(office: Office, report: Report) -> None:
    with refused("reports.annual.by"):
        reports.write(at(office), office.fred, report.id, "analysis", "Van mij")
    with refused("reports.annual"):
        reports.decide(at(office), office.fred, report.id)
    released(office, report)
    with refused("reports.annual.decides"):
        reports.decide(at(office), office.eva, report.id)
    with refused("reports.annual.presented_to"):
        reports.present(at(office), office.eva, report.id, NEW_YEAR.date())
    with refused("reports.annual.evaluated_by"):
        reports.evaluate(at(office), office.eva, report.id, NEW_YEAR.date(), [], "Besproken")
    with pytest.raises(NotFound):
        reports.release(at(office), office.eva, new_id())


def test_it_goes_round_and_is_recorded_and_everybody_sees_the_measures(office: Office, report: Report) -> None:
    case = office.receive()
    released(office, report)
    assert report_view(at(office), report.id, office.fred).sight is Sight.WHOLE
    assert reports_for(at(office), office.gijs) == []
    plan = Plan("Meer mensen aan de balie.", office.gijs, date(2027, 5, 1), references=(case.reference,))
    reports.decide(at(office), office.fred, report.id, [plan])
    reports.present(at(office), office.eva, report.id, NEW_YEAR.date())
    assert report.state == "recorded"
    pack = report_view(at(office), report.id, office.gijs)
    assert pack.sight is Sight.PACK
    assert pack.words() == ["Het lag aan de drukte.", "", "Meer mensen aan de balie.", ""]
    assert pack.improvements[0].references == ()  # Gijs may not know of that complaint
    assert report_view(at(office), report.id, office.eva).improvements[0].references == (case.reference,)
    assert pack.figures["totals"] == {}
    with pytest.raises(NotFound):
        report_view(at(office), new_id(), office.eva)


def test_a_measure_needs_owner_and_day_and_no_case_one_is_kept_out_of(office: Office, report: Report) -> None:
    case = office.receive(facts={"about": office.fred})
    released(office, report)
    for wrong in (
        Plan("Iets", None, date(2027, 5, 1)),
        Plan("Iets", office.gijs, None),
        Plan("Iets", office.gijs, date(2026, 5, 1)),
        Plan("", office.gijs, date(2027, 5, 1)),
        Plan("Iets", office.gijs, date(2027, 5, 1), kind="party"),
        Plan("Iets", office.gijs, date(2027, 5, 1), references=(case.reference,)),
        Plan("Iets", office.gijs, date(2027, 5, 1), references=("VBD-1999-0001",)),
    ):
        with pytest.raises(Refused):
            reports.decide(at(office), office.fred, report.id, [wrong])
    assert office.session.scalar(select(func.count()).select_from(Improvement)) == 0


def test_a_measure_is_carried_out_by_its_owner_with_proof_and_verified(office: Office, report: Report) -> None:
    released(office, report)
    reports.decide(at(office), office.fred, report.id, [Plan("Iets", office.gijs, date(2027, 5, 1))])
    one = office.session.scalars(select(Improvement)).one()
    assert "measures.carry_out" in work(office, office.gijs)
    for who, proof, rule in ((office.fred, "Klaar", "measures"), (office.gijs, " ", "measures.proof")):
        with refused(rule):
            improvements.carry_out(at(office), who, one.id, proof)
    with refused("measures.verified_by"):
        improvements.verify(at(office), office.gijs, one.id)
    improvements.carry_out(at(office), office.gijs, one.id, "Het staat er.")
    assert "measures.verify" in work(office, office.eva)
    improvements.verify(at(office), office.eva, one.id)
    assert "measures.verify" not in work(office, office.eva)


def test_recommendations_are_numbered_and_answered_by_whom_they_are_for(office: Office) -> None:
    first = recommendations.make(at(office), office.eva, "advise", "board", "Bel terug.")
    second = recommendations.make(at(office), office.eva, "advise", "board", "Schrijf korter.")
    assert (first.number, second.number) == (1, 2)
    with refused("duties.advise.consult"):
        recommendations.accept(at(office), office.fred, first.id)
    recommendations.consult(at(office), office.eva, first.id, "Met het team besproken.")
    with refused("duties.advise.to"):
        recommendations.accept(at(office), office.eva, first.id)
    recommendations.accept(at(office), office.fred, first.id)
    recommendations.carry_out(at(office), office.fred, first.id)
    with refused("duties.advise"):
        recommendations.consult(at(office), office.eva, first.id, "Nog eens")
    recommendations.consult(at(office), office.eva, second.id, "Besproken.")
    with refused("duties.advise"):
        recommendations.reject(at(office), office.fred, second.id, " ")
    recommendations.reject(at(office), office.fred, second.id, "Dat kan niet.")
    assert list(office.session.scalars(select(Recommendation.state).order_by(Recommendation.number))) == [
        "carried_out", "rejected",
    ]  # fmt: skip


def test_a_duty_that_was_not_done_is_told_once_on_its_day(office: Office) -> None:
    for day in (1, 2, 30):
        now = datetime(2026, 12, day, 9, tzinfo=UTC)
        clock.every_day(office.session, office.engine, office.tenant_id, now)
    warned = select(func.count()).select_from(LogEntry).where(LogEntry.kind == log.WARNED)
    assert office.session.scalar(warned) == 1
    now = datetime(2027, 11, 1, tzinfo=UTC)
    assert "duties.talk.duty" in work(office, office.fred, now)
    log.do_duty(at(office, now), office.fred, "talk", now.date(), "Besproken.")
    assert "duties.talk.duty" not in work(office, office.fred, now)
    clock.every_day(office.session, office.engine, office.tenant_id, datetime(2027, 12, 5, tzinfo=UTC))
    assert office.session.scalar(warned) == 1


def test_the_procedure_is_made_known_once_somebody_looked_at_every_place(office: Office) -> None:
    with refused("publication.site.by"):
        log.check(at(office), office.gijs, "site")
    log.check(at(office), office.eva, "site")
    assert is_published(at(office))
    waiting = log.expect(at(office), office.gijs, "start", "Dossier 12")
    assert "publication.start.tell" in work(office, office.bram)
    log.tell(at(office), office.bram, "start", NEW_YEAR.date(), entry_id=waiting.id)
    assert "publication.start.tell" not in work(office, office.bram)
    with pytest.raises(NotFound):
        log.tell(at(office), office.bram, "start", NEW_YEAR.date(), entry_id=waiting.id)


def test_the_register_holds_no_names_and_words_can_be_struck(office: Office) -> None:
    case = office.receive(facts={"about": office.bram, "about_what": "tone"})
    office.do(case.case_id, Record(texts={"cause": "Hij was ziek."}), by(office.eva))

    def export() -> str:
        lines, _ = register.page(at(office), office.reader(office.eva, NEW_YEAR), most=None)
        return as_csv(register_rows(at(office), lines, "nl")).decode("utf-8-sig")

    assert "Hij was ziek." in export()
    assert "toon" in export()
    assert not any(word in export() for word in ("Anna", "Bram", "mis"))
    with refused("keeping.struck_by"):
        log.strike_fact(at(office), office.fred, case.reference, "cause", "Gezondheid")
    log.strike_fact(at(office), office.eva, case.reference, "cause", "Gezondheid")
    assert "Hij was ziek." not in export()
    assert register.page(at(office), office.reader(office.bram, NEW_YEAR), most=None)[0] == []


def test_a_cell_is_never_a_formula() -> None:
    assert as_csv([["=1+1", "-2", "gewoon"]]).decode("utf-8-sig") == "'=1+1;'-2;gewoon\r\n"


def test_everything_that_happened_stands_in_the_trail(office: Office, report: Report, tmp_path: Path) -> None:
    released(office, report)
    entry = log.register(at(office), office.eva, "note", "incident", NEW_YEAR.date(), "Een dossier lag open.")
    log.strike(at(office), office.eva, entry.id, "Te veel.")
    seal_heads(office.session, office.engine.audit_key, office.tenant_id, NEW_YEAR)
    proven = verify(office.session, office.engine.audit_key, tmp_path, office.tenant_id)
    assert proven.findings == []
    assert proven.unsealed == 0
    kinds = [deed.kind for deed in report_view(at(office), report.id, office.eva).deeds]
    assert kinds[0] == Kind.REPORT_OPENED
    assert Kind.REPORT_RELEASED in kinds


def test_no_word_lies_open(office: Office, report: Report) -> None:
    released(office, report)
    log.register(at(office), office.eva, "note", "incident", NEW_YEAR.date(), "Een dossier lag open.")
    tables = ("report", "improvement", "recommendation", "log_entry", "event", "outbox")
    kept = [str(row) for table in tables for row in office.session.execute(text(f"SELECT * FROM {table}"))]
    assert kept
    assert not any(word in row for row in kept for word in ("drukte", "dossier lag"))


def test_every_kind_of_event_and_everything_told_has_words_in_both_languages() -> None:
    assert {kind.value for kind in Kind} <= WORDS.keys()
    assert all(len({*pair}) == 2 or pair[0] for pair in WORDS.values())
    assert all(nl and en for nl, en in SENTENCES.values())


def test_a_notice_says_that_there_is_something_and_never_what(office: Office, report: Report) -> None:
    args = (office.session, office.engine, office.tenant)
    mail = notice(*args, office.eva, "opened", "reports.annual", "https://home.example", NEW_YEAR)
    assert mail is not None
    assert mail.to == "eva@organisatie.example"
    assert "jaarverslag" in " ".join(mail.paragraphs)
    assert mail.paragraphs[-1] == "https://home.example/desk/learning"
    assert notice(*args, new_id(), "opened", "reports.annual", "https://home.example", NEW_YEAR) is None
