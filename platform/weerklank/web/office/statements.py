"""The organisation's own words on the pages about privacy, accessibility and rules, with their earlier versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import abort, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.audit.office import Change
from weerklank.identity.people import names
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.tenancy.model import StatementText
from weerklank.tenancy.statements import LONGEST, STATEMENTS, paragraphs, versions, words_on, write
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.office import blueprint
from weerklank.web.office.here import organisation, today
from weerklank.web.office.trail import STATEMENTS as TITLES
from weerklank.web.office.trail import note
from weerklank.web.parts import now, parts

ANY = ", ".join(f"'{name}'" for name in STATEMENTS)


@blueprint.get("/texts")
@access(Access.ADMIN)
def statements() -> str:
    """The pages on which the organisation can say something itself, and whether it does."""
    today()
    found = [(name, TITLES[name], words_on(db.session(), organisation(), name)) for name in STATEMENTS]
    return render_template("office/statements.html", found=found, tongues=texts.TONGUES)


@blueprint.get(f"/texts/<any({ANY}):statement>")
@access(Access.ADMIN)
def statement(statement: str) -> str:
    """The words as they stand there, or those of an earlier version, to be changed."""
    kept = versions(db.session(), g.tenant.id, statement)
    asked = request.args.get("version", "")
    words: Mapping[str, str] = words_on(db.session(), organisation(), statement)
    if asked:
        words = version_of(kept, asked).words
    return show(statement, kept, Form({field_of(language): text for language, text in words.items()}))


def version_of(kept: Sequence[StatementText], number: str) -> StatementText:
    return next((each for each in kept if str(each.number) == number), None) or abort(404)


def field_of(language: str) -> str:
    return f"text-{language}"


def show(name: str, kept: Sequence[StatementText], form: Form, after: str = "") -> str:
    """The form, and below it how it reads. `after`: the version that was in sight; empty: the newest."""
    today()
    tongues = texts.tongues_of(organisation())
    typed = {language: form.value(field_of(language)) for language in tongues}
    return render_template(
        "office/statement.html",
        name=name,
        title=TITLES[name],
        form=form,
        kept=kept,
        after=after or (kept[0].number if kept else 0),
        field_of=field_of,
        tongues=tongues,
        staff=texts.LANGUAGES,
        shown={language: paragraphs(text) for language, text in typed.items() if text.strip()},
        called=names(db.session(), parts().keyring, g.tenant.id, [each.written_by for each in kept if each.written_by]),
        most=LONGEST,
    )


@blueprint.post(f"/texts/<any({ANY}):statement>")
@limiter.limit(FORM)
@access(Access.ADMIN)
def say_so(statement: str) -> AnyResponse | str:
    """Other words from now on; or only to see how they read."""
    form, kept = Form(request.form), versions(db.session(), g.tenant.id, statement)
    tongues = texts.tongues_of(organisation())
    words = {language: form.text(field_of(language), most=LONGEST, lines=True) for language in tongues}
    typed = form.value("after")
    if not form.errors and form.value("do") != "see":
        try:
            after = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0
            row = write(db.session(), organisation(), statement, words, after, g.person.id, now())
            note(Change.STATEMENT, page=statement, number=row.number)
            db.session.commit()
            flash(_("Saved. It stands on the page now."))
            return redirect(url_for("office.statement", statement=statement))
        except Refused as refused:
            db.session.rollback()
            form.fail("", texts.refused(refused.code, refused.values))
            typed = ""  # what was in the way is in sight from now on
    page = show(statement, kept, form, typed)
    return make_response(page, 422) if form.errors else page
