"""The file of a case made up for somebody, with a choice of what goes along; and the complaint form as a document."""

from __future__ import annotations

from uuid import UUID

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from weerklank.cases.act import open_case
from weerklank.cases.seen import WHOLE
from weerklank.cases.view import CaseView
from weerklank.documents.dossier import asking
from weerklank.documents.dossier.contents import PARTS, USUAL, Choice, readers, staff_contents
from weerklank.documents.dossier.paper import as_docx, as_pdf
from weerklank.kernel.database import db
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.case import saw
from weerklank.web.desk.here import Trouble, actor, carry_out, whole
from weerklank.web.desk.steps import LONGEST_REASON
from weerklank.web.downloads import attachment
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OTHER = "other"
FORM_PARTS = frozenset({"facts", "course", "notes", "terms", "measures", "files"})
NAMES: dict[str, LazyString] = {
    "facts": lazy_gettext("What is known, as far as the reader may see it"),
    "course": lazy_gettext("What happened, in order"),
    "notes": lazy_gettext("Notes of those who handle"),
    "terms": lazy_gettext("Terms, with how each day was found"),
    "measures": lazy_gettext("Measures"),
    "messages": lazy_gettext("Messages"),
    "files": lazy_gettext("Files"),
}


@blueprint.get("/cases/<uuid:case_id>/dossier")
@access(Access.STAFF)
def dossier(case_id: UUID) -> str:
    """What can go along, and what was made before."""
    view = whole(case_id)
    everything = [str(each) for each in enclosable(view)]
    typed: dict[str, str | list[str]] = {"parts": [name for name in PARTS if name in USUAL], "with": everything}
    return show(view, Form(typed))


def enclosable(view: CaseView) -> list[UUID]:
    """Everything that can be left out by itself."""
    return [*(each.id for each in view.files), *(each.id for each in view.messages if not each.notice)]


def show(view: CaseView, form: Form, trouble: Trouble | None = None) -> str:
    made = asking.asked(db.session(), parts().keyring, g.tenant.id, view.case_id, g.person.id)
    return render_template(
        "desk/dossier.html",
        view=view,
        form=form,
        trouble=trouble,
        readers=[*read_by(view.case_id), (OTHER, _("Somebody else"))],
        parts=list(NAMES.items()),
        enclosed=[(str(each.id), each.name) for each in view.files]
        + [(str(each.id), f"{each.label} · {each.to}") for each in view.messages if not each.notice],
        made=made,
    )


def read_by(case_id: UUID) -> list[tuple[str, str]]:
    return readers(open_case(db.session(), g.tenant.id, case_id, now()).world, texts.language())


@blueprint.post("/cases/<uuid:case_id>/dossier")
@limiter.limit(FORM)
@access(Access.STAFF)
def make_dossier(case_id: UUID) -> Response:
    """A worker makes it; the trail says who wanted it, for whom and why."""
    view, form = whole(case_id), Form(request.form)
    known = dict(read_by(case_id))
    to = form.choice("to", [*known, OTHER], required=_("Choose for whom it is.")) or OTHER
    name = form.text("name", required=_("Fill in for whom it is.") if to == OTHER else None)
    reason = form.text("reason", most=LONGEST_REASON, lines=True, required=_("Give a reason."))
    chosen = frozenset(form.choices("parts", PARTS))
    every = {str(each) for each in enclosable(view)}
    left_out = frozenset(UUID(each) for each in every - set(form.values("with")))
    if form.errors:
        return make_response(show(view, form), 422)
    choice = Choice(name if to == OTHER else to, chosen, left_out)
    answer = carry_out(
        case_id,
        lambda: ask(case_id, choice, known.get(to, name), reason),
        _("The file is being made. It stands on this page as soon as it is ready."),
        lambda trouble: show(whole(case_id), form, trouble),
        form,
    )
    if answer.status_code != 302:
        return answer
    return make_response(redirect(url_for("desk.dossier", case_id=case_id)))


def ask(case_id: UUID, choice: Choice, called: str, reason: str) -> None:
    language = texts.language()
    asking.ask_for(
        db.session(), parts().engine, g.tenant.id, case_id, choice, called, reason, language, actor(), now()
    )


@blueprint.get("/cases/<uuid:case_id>/dossier/<uuid:dossier_id>/<any('zip', 'pdf'):kind>")
@access(Access.STAFF)
def save_dossier(case_id: UUID, dossier_id: UUID, kind: str) -> Response:
    """To be saved by who had it made."""
    view = whole(case_id)
    media_type = asking.ZIP if kind == "zip" else asking.PDF
    found = asking.read(
        db.session(), parts().keyring, parts().files, g.tenant.id, case_id, dossier_id, g.person.id, media_type,
        view.reference,
    )  # fmt: skip
    return attachment(found.name, found.media_type, found.data)


@blueprint.get("/cases/<uuid:case_id>/form/<any('pdf', 'docx'):kind>")
@access(Access.STAFF)
def complaint_form(case_id: UUID, kind: str) -> Response:
    """The complaint form: contacts, documents, steps and agreements in order of time, with who wrote each."""
    view = whole(case_id)
    made = staff_contents(
        db.session(), parts().engine, g.tenant.id, case_id, g.person.id, "", Choice("", FORM_PARTS),
        texts.language(), now(), form=True,
    )  # fmt: skip
    saw(case_id, WHOLE)
    data, media_type = (as_pdf(made.paper), asking.PDF) if kind == "pdf" else (as_docx(made.paper), DOCX)
    return attachment(f"{view.reference}.{kind}", media_type, data)
