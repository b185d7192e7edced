"""One case: what it is about, where it stands, what is due and what one can do; its files, letters and prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases.act import open_case
from weerklank.cases.codes import carried_code
from weerklank.cases.glance import first_words, ranked
from weerklank.cases.labels import label_of
from weerklank.cases.model import Message
from weerklank.cases.post import PAGE, posted, to_post
from weerklank.cases.posted import MessageView, message_label
from weerklank.cases.seen import WHOLE, Seen, note_seen
from weerklank.cases.view import CaseView, GlimpseView
from weerklank.cases.walls import reader
from weerklank.correspondence.notices import way_in
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import look, policy_today, today, whole
from weerklank.web.desk.steps import needs_people
from weerklank.web.downloads import attachment
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts

FEW = 8  # of files, messages and happenings on the case's page; the rest is a page further
MANY = 50  # on those
RUNNING = ("running", "suspended")
# What one can do beside the steps, by what it is about.
GROUPS: tuple[tuple[LazyString, dict[str, LazyString]], ...] = (
    (
        lazy_gettext("In the file"),
        {
            "note": lazy_gettext("Write a note"),
            "plan": lazy_gettext("Plan a measure"),
            "link": lazy_gettext("Link to another case"),
            "merge": lazy_gettext("Merge with another case"),
            "split": lazy_gettext("Split off a part"),
        },
    ),
    (
        lazy_gettext("With the complainant"),
        {
            "ask": lazy_gettext("Ask the complainant for something"),
            "share": lazy_gettext("Share files with the complainant"),
            "answered": lazy_gettext("Register the answer"),
            "represent": lazy_gettext("Who acts for the complainant"),
            "join": lazy_gettext("Add a complainant"),
            "code": lazy_gettext("The secret code was lost"),
            "withdraw": lazy_gettext("The complaint is withdrawn"),
        },
    ),
    (
        lazy_gettext("Who handles it"),
        {
            "hand-over": lazy_gettext("Hand over to a colleague"),
            "involve": lazy_gettext("Somebody is involved"),
        },
    ),
)


@blueprint.get("/cases/<uuid:case_id>")
@access(Access.STAFF)
def case(case_id: UUID) -> str:
    """The case, or the part of it that the procedure shows to somebody involved."""
    view = look(case_id)
    if not isinstance(view, CaseView):
        return show_part(view)
    called = {WHOLE: ""} | {str(each.id): each.name for each in view.files}
    called |= {str(each.id): each.label for each in view.messages}
    return render_template(
        "desk/case.html",
        view=view,
        about=first_words(view.story),
        ranked=ranked(view),
        groups=groups(view),
        sections=sections(),
        seen=saw(case_id, WHOLE, [one.person_id for one in view.involved]),
        called=called,
        form=Form(),
        people=needs_people(view.offers),
        running=[each for each in view.deadlines if each.state in RUNNING],
        ended=[each for each in view.deadlines if each.state not in RUNNING],
        letters=letters_of(view),
        few=FEW,
        today=today(),
    )


def show_part(view: GlimpseView) -> str:
    """The page of somebody who is involved, or who only carries out a measure."""
    days = {step.label: step.due_on for step in view.part.steps} if view.part else {}
    return render_template(
        "desk/glimpse.html", view=view, form=Form(), people=needs_people(view.offers), days=days, today=today()
    )


def sections() -> list[tuple[str, str]]:
    """Where the page's sections stand, and how they are called."""
    return [
        ("do", _("To do")),
        ("story", _("The complaint")),
        ("days", _("Days")),
        ("reach", _("People")),
        ("messages", _("Messages")),
        ("files", _("Files")),
        ("measures", _("Measures")),
        ("course", _("What happened")),
    ]


def groups(view: CaseView) -> list[tuple[str, list[tuple[str, str]]]]:
    """What this reader can do beside the steps: under each heading an address and words."""

    def address(act: str) -> str:
        if act == "hand-over":
            return url_for("desk.hand_over", case_id=view.case_id)
        return url_for("desk.act", case_id=view.case_id, act=act)

    found = {
        str(name): [(address(act), str(words)) for act, words in acts.items() if act in view.can]
        for name, acts in GROUPS
    }
    file, complainant, handling = found.values()
    if "file" in view.can:
        file.insert(1, (url_for("desk.files", case_id=view.case_id), _("Add files")))
    if view.can_restrict:
        complainant.append((address("restrict"), _("Restrict contact")))
    handling.append((address("step-back"), _("I am involved: step back")))
    return [(name, entries) for name, entries in found.items() if entries]


def letters_of(view: CaseView) -> list[MessageView]:
    """What was sent by the procedure, newest first; not what the platform told staff."""
    return [each for each in view.messages if not each.notice]


@blueprint.get("/cases/<uuid:case_id>/history")
@access(Access.STAFF)
def history(case_id: UUID) -> str:
    """Everything that happened, newest first, a page at a time."""
    view = whole(case_id)
    before = read_number(request.args.get("before", ""))
    told = [each for each in reversed(view.timeline) if not before or each.seq < before]
    more = told[MANY - 1].seq if len(told) > MANY else None
    return render_template("desk/history.html", view=view, entries=told[:MANY], before=before, more=more)


@blueprint.get("/cases/<uuid:case_id>/messages")
@access(Access.STAFF)
def messages(case_id: UUID) -> str:
    """All messages of the case, newest first, a page at a time."""
    view = whole(case_id)
    first = read_number(request.args.get("after", ""))
    sent = letters_of(view)
    more = first + MANY if len(sent) > first + MANY else None
    return render_template("desk/messages.html", view=view, shown=sent[first : first + MANY], first=first, more=more)


def read_number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0


def saw(case_id: UUID, what: str, involved: Iterable[UUID] = ()) -> Mapping[UUID, Sequence[Seen]]:
    """Note it for when this reader turns out to be involved; answers what those saw who are."""
    seen = note_seen(db.session(), g.tenant.id, case_id, g.person.id, what, now(), involved)
    db.session.commit()
    return seen


@blueprint.get("/cases/<uuid:case_id>/file/<uuid:file_id>")
@access(Access.STAFF)
def download(case_id: UUID, file_id: UUID) -> Response:
    """A file of a case, to be saved."""
    if file_id not in {each.id for each in whole(case_id).files}:
        abort(404)
    found = parts().files.read(db.session(), parts().keyring, g.tenant.id, case_id, file_id)
    saw(case_id, str(file_id))
    return attachment(found.name, found.media_type, found.data)


@blueprint.get("/cases/<uuid:case_id>/messages/<uuid:message_id>")
@access(Access.STAFF)
def letter(case_id: UUID, message_id: UUID) -> str:
    """A message as it was written out, with letterhead, to be printed."""
    view = whole(case_id)
    message = next((each for each in view.messages if each.id == message_id), None)
    if message is None or not message.paragraphs:
        abort(404)
    saw(case_id, str(message_id))
    return render_template("desk/letter.html", view=view, message=message, way_in=code_paragraph(view, message_id))


def code_paragraph(view: CaseView, message_id: UUID) -> str:
    """How the complainant follows his complaint, in the letter that tells him; empty in every other."""
    row = db.session().get_one(Message, (g.tenant.id, message_id))
    policy = open_case(db.session(), g.tenant.id, view.case_id, now()).world.policy
    code = carried_code(db.session(), parts().keyring, row, policy)
    address = url_for("portal.status", _external=True)
    return way_in(code, address, view.language) if code else ""


@blueprint.post("/cases/<uuid:case_id>/messages/<uuid:message_id>/posted")
@limiter.limit(FORM)
@access(Access.STAFF)
def post_letter(case_id: UUID, message_id: UUID) -> AnyResponse:
    """A letter has been printed and posted."""
    whole(case_id)
    try:
        posted(db.session(), g.tenant.id, case_id, message_id, now())
    except Refused:
        flash(_("Somebody has posted this letter already."), "warn")
    else:
        db.session.commit()
        flash(_("The letter has been posted."), "good")
    return redirect(url_for("desk.letters"))


@blueprint.get("/letters")
@access(Access.STAFF)
def letters() -> str:
    """The letters that wait for the printer, oldest first."""
    policy, mine = policy_today(), reader(db.session(), g.tenant.id, g.person.id, today())
    after = request.args.get("after", "", type=str)[:36]
    found = to_post(db.session(), g.tenant.id, mine, read_uuid(after))
    language = texts.language()
    rows = [
        (each, message_label(policy, each.name, language), label_of(policy.roles, each.role, language))
        for each in found[:PAGE]
    ]
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return render_template("desk/letters.html", rows=rows, more=more)


def read_uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
