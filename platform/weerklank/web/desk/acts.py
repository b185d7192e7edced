"""What one can do in a case beside its steps: each a short form of its own, with what it brings about."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Response, abort, g, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from weerklank.cases.act import Acted
from weerklank.cases.actions.ask import Ask, TakeAnswer
from weerklank.cases.actions.extend import Agree, Extend
from weerklank.cases.actions.involve import Involve, Release
from weerklank.cases.actions.keep import Archive
from weerklank.cases.actions.measures import CarryOutMeasure, MoveMeasure, PlanMeasure, VerifyMeasure
from weerklank.cases.actions.record import Note, Record
from weerklank.cases.actions.verb import Action
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.cases.doors import UploadedFile, keep_files
from weerklank.cases.labels import AskedFact
from weerklank.cases.timeline import duration_text
from weerklank.cases.undoing import Back
from weerklank.cases.view import CaseView, InvolvedView, MeasureView
from weerklank.deadlines import Duration, Unit
from weerklank.documents.sorts import MOST_BYTES, MOST_FILES_AT_ONCE, allowed_endings
from weerklank.kernel.database import db
from weerklank.kernel.ids import new_id
from weerklank.policy.model import RELATIONS
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.answers import field_of, fields_of, read_day, read_facts, read_person
from weerklank.web.desk import blueprint
from weerklank.web.desk.act import Act, reason
from weerklank.web.desk.check import save_checked, to_change
from weerklank.web.desk.here import Trouble, actor, carry_out, colleagues, seen, whole
from weerklank.web.desk.merge import sides
from weerklank.web.desk.offered import OFFERED, given_of, term_of
from weerklank.web.desk.righting import RIGHTING, entry_of
from weerklank.web.desk.steps import LONGEST_REASON, LONGEST_TEXT, since
from weerklank.web.desk.together import TOGETHER, is_offered
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts
from weerklank.web.uploads import takes_files, uploads

UNITS = ("weeks", "days", "working_days", "months")

def read_note(form: Form, view: CaseView, about: str) -> Action:
    text = form.text("text", most=LONGEST_TEXT, lines=True, required=_("Write the note."))
    return Note(text, read_apart(form, view))


def read_apart(form: Form, view: CaseView) -> str:
    """The step that is kept apart in which something is written or attached; empty: none."""
    return form.choice("step", ["", *(offer.step for offer in view.offers if offer.visible)]) or ""


def read_question(form: Form, view: CaseView, about: str) -> Action:
    return Ask(form.text("text", most=LONGEST_TEXT, lines=True, required=_("Write what you ask.")))


def read_answer(form: Form, view: CaseView, about: str) -> Action:
    return TakeAnswer(form.text("text", most=LONGEST_TEXT, lines=True))


def read_involved(form: Form, view: CaseView, about: str) -> Action:
    people = [person for person, called in colleagues()]
    person = read_person(form, "person", people, required=_("Choose who is involved."))
    relation = form.choice("relation", RELATIONS, required=_("Choose how he or she is involved."))
    return Involve(person or g.person.id, relation or "involved", reason(form))


def read_step_back(form: Form, view: CaseView, about: str) -> Action:
    return Involve(g.person.id, "involved", reason(form))


def read_release(form: Form, view: CaseView, about: str) -> Action:
    return Release(involved_of(view, about).person_id, reason(form))


def read_extension(form: Form, view: CaseView, about: str) -> Action:
    term = term_of(view, about)
    amount = form.number("amount", low=1, high=99, required=_("Fill in how much longer."))
    unit = form.choice("unit", UNITS, required=_("Choose days, weeks or months."))
    return Extend(term.term, Duration(amount or 1, Unit(unit or "days")), reason(form))


def read_agreement(form: Form, view: CaseView, about: str) -> Action:
    term = term_of(view, about)
    until = read_day(form, "until", required=_("Fill in the day you agreed."))
    asked = [role for role, called in term.consenting]
    who = form.choices("consented", asked, required=_("Say who agreed in writing."))
    words = form.text("words", most=LONGEST_REASON, lines=True, required=_("Say how he or she agreed."))
    return Agree(term.term, until or view.received_on, reason(form), who, read_day(form, "on"), words)


def read_withdrawal(form: Form, view: CaseView, about: str) -> Action:
    if not form.ticked("sure"):
        form.fail("sure", _("Tick this box if you are sure."))
    return Withdraw(reason(form), read_day(form, "on"))


def read_plan(form: Form, view: CaseView, about: str) -> Action:
    people = [person for person, called in colleagues()]
    owner = read_person(form, "owner", people, required=_("Choose who carries it out."))
    day = read_day(form, "day", required=_("Fill in by which day."))
    what = form.text("text", most=LONGEST_TEXT, lines=True, required=_("Write what will be done."))
    return PlanMeasure(new_id(), owner or g.person.id, day or view.received_on, what)


def read_move(form: Form, view: CaseView, about: str) -> Action:
    measure = measure_of(view, about)
    day = read_day(form, "day", required=_("Fill in by which day."))
    return MoveMeasure(measure.id, day or measure.day, reason(form))


def read_proof(form: Form, view: CaseView, about: str) -> Action:
    return CarryOutMeasure(measure_of(view, about).id, form.text("text", most=LONGEST_TEXT, lines=True))


def read_verification(form: Form, view: CaseView, about: str) -> Action:
    return VerifyMeasure(measure_of(view, about).id)


def read_archiving(form: Form, view: CaseView, about: str) -> Action:
    if view.keeping is None or not view.keeping.asks_day:
        return Archive()
    return Archive(read_day(form, "until", required=_("Fill in until which day it is kept.")))


def read_record(form: Form, view: CaseView, about: str) -> Action:
    given = read_facts(form, fields_of("facts", (fact_of(view, about),)), [person for person, called in colleagues()])
    return Record(given.facts, given.texts)


def measure_of(view: CaseView, name: str) -> MeasureView:
    return next((each for each in view.measures if str(each.id) == name), None) or abort(404)


def involved_of(view: CaseView, name: str) -> InvolvedView:
    return next((each for each in view.involved if str(each.person_id) == name), None) or abort(404)


def fact_of(view: CaseView, name: str) -> AskedFact:
    return next((each for each in view.askable if each.name == name), None) or abort(404)


ACTS: dict[str, Act] = {
    "note": Act(
        lazy_gettext("Write a note"),
        lazy_gettext("For those who handle the complaint. The complainant never sees it."),
        lazy_gettext("Keep the note"),
        lazy_gettext("The note is kept."),
        read_note,
    ),
    "ask": Act(
        lazy_gettext("Ask the complainant for something"),
        lazy_gettext("The complainant gets your words at once, and can answer on the status page or by mail."),
        lazy_gettext("Send the request"),
        lazy_gettext("The request is on its way."),
        read_question,
    ),
    "answered": Act(
        lazy_gettext("Register the answer"),
        lazy_gettext("What you asked for has come in by letter, telephone or mail. Terms that stood still go on."),
        lazy_gettext("Register the answer"),
        lazy_gettext("The answer is registered."),
        read_answer,
    ),
    "involve": Act(
        lazy_gettext("Somebody is involved"),
        lazy_gettext(
            "Whoever is involved no longer sees this case and cannot handle it. If it was the handler, another one is"
            " found by the procedure at once. The days do not change."
        ),
        lazy_gettext("Register involvement"),
        lazy_gettext("The involvement is registered."),
        read_involved,
        asks_person=True,
    ),
    "step-back": Act(
        lazy_gettext("Step back from this case"),
        lazy_gettext("You are involved yourself. From then on you do not see this case and somebody else handles it."),
        lazy_gettext("Step back"),
        lazy_gettext("You have stepped back. The case goes on without you."),
        read_step_back,
    ),
    "release": Act(
        lazy_gettext("Not involved after all"),
        lazy_gettext("It was a mistake: this person may see and handle the case again."),
        lazy_gettext("Take the wall away"),
        lazy_gettext("This person is no longer registered as involved."),
        read_release,
    ),
    "extend": Act(
        lazy_gettext("Extend a term"),
        lazy_gettext("The last day moves as soon as the complainant has been told, with your reason."),
        lazy_gettext("Extend"),
        lazy_gettext("The term is extended."),
        read_extension,
    ),
    "agree": Act(
        lazy_gettext("Agree on a later day"),
        lazy_gettext("This can only be done with consent in writing. Every consent stays readable with the term."),
        lazy_gettext("Record the agreement"),
        lazy_gettext("The agreed day is recorded."),
        read_agreement,
    ),
    "withdraw": Act(
        lazy_gettext("The complaint is withdrawn"),
        lazy_gettext("The complainant told you to stop. What is open ends, but for what the procedure lets go on."),
        lazy_gettext("Register the withdrawal"),
        lazy_gettext("The withdrawal is registered."),
        read_withdrawal,
    ),
    "plan": Act(
        lazy_gettext("Plan a measure"),
        lazy_gettext("What the organisation will do about it. Whoever carries it out gets it on the worklist."),
        lazy_gettext("Plan the measure"),
        lazy_gettext("The measure is planned."),
        read_plan,
        asks_person=True,
    ),
    "move": Act(
        lazy_gettext("Move a measure"),
        lazy_gettext("The earlier day stays readable in the file."),
        lazy_gettext("Move the measure"),
        lazy_gettext("The measure has another day."),
        read_move,
    ),
    "carry-out": Act(
        lazy_gettext("Report a measure as carried out"),
        lazy_gettext("Say what shows that it was done. Somebody else may still check it."),
        lazy_gettext("Report as carried out"),
        lazy_gettext("The measure is reported as carried out."),
        read_proof,
    ),
    "verify": Act(
        lazy_gettext("Check a measure"),
        lazy_gettext("You have seen that it was really done. Once all are checked, the case goes on by itself."),
        lazy_gettext("It was really done"),
        lazy_gettext("The measure is checked."),
        read_verification,
    ),
    "archive": Act(
        lazy_gettext("Put in the archive"),
        lazy_gettext("From then on the case can only be read. It stays findable, with its letters and files."),
        lazy_gettext("Put in the archive"),
        lazy_gettext("The case is in the archive."),
        read_archiving,
    ),
    "facts": Act(
        lazy_gettext("Fill in or correct"),
        lazy_gettext("What was there before stays readable in the file."),
        lazy_gettext("Save"),
        lazy_gettext("It is filled in."),
        read_record,
        asks_person=True,
    ),
    **OFFERED,
    **TOGETHER,
    **RIGHTING,
}
NAMES = ", ".join(f"'{name}'" for name in ACTS)


@blueprint.get(f"/cases/<uuid:case_id>/<any({NAMES}):act>", defaults={"about": ""})
@blueprint.get(f"/cases/<uuid:case_id>/<any({NAMES}):act>/<about>")
@access(Access.STAFF)
def act(case_id: UUID, act: str, about: str) -> str:
    """The form."""
    return show(whole(case_id), act, about, Form())


@blueprint.post(f"/cases/<uuid:case_id>/<any({NAMES}):act>", defaults={"about": ""})
@blueprint.post(f"/cases/<uuid:case_id>/<any({NAMES}):act>/<about>")
@takes_files
@limiter.limit(FORM)
@access(Access.STAFF)
def do_act(case_id: UUID, act: str, about: str) -> Response:
    """It is done, unless a rule says no."""
    view, form = whole(case_id), Form(request.form)
    if to_change(form) or not is_offered(view, act, about):
        return make_response(show(view, act, about, form))
    action, files = ACTS[act].read(form, view, about), asked_files(act, about)
    if form.errors:
        return make_response(show(view, act, about, form), 422)

    def again(trouble: Trouble) -> str:
        return show(whole(case_id), act, about, form, trouble)

    if callable(action):
        return carry_out(case_id, action, str(ACTS[act].done), again, form)
    return save_checked(
        case_id, action, since_of(act, form), files, form, str(ACTS[act].done), again, str(ACTS[act].title)
    )


def since_of(act: str, form: Form) -> int | None:
    """What the form was made from; a note may always be added."""
    return None if act == "note" else seen(form)


def asked_files(act: str, about: str) -> list[UploadedFile]:
    """The files of a fact that is filled in."""
    return uploads(field_of("facts", about), about) if act == "facts" else []


def show(view: CaseView, name: str, about: str, form: Form, trouble: Trouble | None = None) -> str:
    """The page of one form. 404 when it names something that is not in the case."""
    if name == "facts" and not about:
        return render_template("desk/facts.html", view=view)
    if not is_offered(view, name, about):
        abort(404)
    return render_template(
        "desk/act.html",
        view=view,
        name=name,
        about=about,
        act=ACTS[name],
        form=form,
        trouble=trouble,
        since=since(view, form) if trouble and not trouble.refusal else [],
        duration=duration_text,
        known={each.name: each.value for each in view.facts}.get(about, ""),
        people=colleagues() if ACTS[name].asks_person else [],
        term=term_of(view, about) if name in ("extend", "agree", "later") else None,
        measure=measure_of(view, about) if name in ("move", "carry-out", "verify") else None,
        file=given_of(view, about) if name == "withhold" else None,
        person=involved_of(view, about) if name == "release" else None,
        fact=fact_of(view, about) if name == "facts" else None,
        sides=sides(view, form, fields_of("facts", (fact_of(view, about),))) if name == "facts" and trouble else [],
        entry=entry_of(view, about, Back(name)) if name in RIGHTING else None,
        split_facts=[(each.name, f"{each.label}: {each.value}") for each in view.facts],
    )


@blueprint.get("/cases/<uuid:case_id>/files")
@access(Access.STAFF)
def files(case_id: UUID) -> str:
    """Where one adds files."""
    return show_files(whole(case_id), Form())


def show_files(view: CaseView, form: Form, trouble: Trouble | None = None) -> str:
    limits = {"most_files": MOST_FILES_AT_ONCE, "most_bytes": MOST_BYTES, "endings": allowed_endings()}
    return render_template("desk/files.html", view=view, form=form, trouble=trouble, **limits)


@blueprint.post("/cases/<uuid:case_id>/files")
@takes_files
@limiter.limit(FORM)
@access(Access.STAFF)
def add_files(case_id: UUID) -> Response:
    """Files join the case."""
    view, form, files = whole(case_id), Form(request.form), uploads()
    if not files:
        form.fail("file", _("Choose a file."))
    if len(files) > MOST_FILES_AT_ONCE:
        form.fail("file", texts.refused("too_many_files", {"most": str(MOST_FILES_AT_ONCE)}))
    if form.errors:
        return make_response(show_files(view, form), 422)
    return carry_out(
        case_id,
        lambda: keep(case_id, files, read_apart(form, view)),
        _("The files are with the case."),
        lambda trouble: show_files(whole(case_id), form, trouble),
        form,
    )


def keep(case_id: UUID, files: Sequence[UploadedFile], step: str) -> Acted | None:
    keep_files(db.session(), parts().engine, g.tenant.id, case_id, files, actor(), now(), step)
    return None
