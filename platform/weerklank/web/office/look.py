"""How the organisation's pages look: colours one can read, and a logo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import format_decimal
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.audit.office import Change
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.tenancy.branding import (
    LOGO_BYTES,
    Branding,
    check_look,
    in_the_dark,
    pairs,
    pairs_in_the_dark,
    read_branding,
)
from weerklank.tenancy.organisations import set_logo, set_look
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.office import blueprint
from weerklank.web.office.here import organisation
from weerklank.web.office.trail import note
from weerklank.web.parts import now
from weerklank.web.uploads import takes_files

PARTS = tuple(field.name for field in fields(Branding))


@blueprint.get("/look")
@access(Access.ADMIN)
def look() -> str:
    """Colours and logo as they are."""
    return show(Form(asdict(read_branding(g.tenant.branding))))


def show(form: Form) -> str:
    """The form; below it, how pages look by it, or by what is in force while there is a mistake in it."""
    try:
        look = check_look(read_form(form))
    except Refused:
        look = read_branding(organisation().branding)
    return render_template(
        "office/look.html",
        form=form,
        logo=organisation().branding.get("logo"),
        light=look,
        dark=in_the_dark(look),
        measured=list(zip(pairs(look), pairs_in_the_dark(look), strict=True)),
        most=LOGO_BYTES // 1024,
    )


def read_form(form: Form) -> Branding:
    return Branding(**{name: form.value(name) for name in PARTS})


@blueprint.post("/look")
@limiter.limit(FORM)
@access(Access.ADMIN)
def paint() -> AnyResponse | str:
    """Another look, unless text in it could not be read; or only to see what it would be."""
    form = Form(request.form)
    try:
        if form.value("do") == "see":
            check_look(read_form(form))
            return show(form)
        set_look(db.session(), organisation(), read_form(form))
        note(Change.COLOURS)
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        form.fail(refused.values["field"], texts.refused(refused.code, said(refused.values)))
        return make_response(show(form), 422)
    flash(_("Saved. It can take some seconds before every page shows it."))
    return redirect(url_for("office.look"))


def said(values: Mapping[str, str]) -> dict[str, str]:
    """The values of a refusal, its contrasts as the reader writes numbers."""
    return {name: format_decimal(one, "0.0") if name in ("found", "least") else one for name, one in values.items()}


@blueprint.post("/look/logo")
@takes_files
@limiter.limit(FORM)
@access(Access.ADMIN)
def hang_logo() -> AnyResponse | str:
    """Another logo."""
    form = Form(asdict(read_branding(g.tenant.branding)))
    upload = request.files.get("file")
    data = upload.read(LOGO_BYTES + 1) if upload else b""
    if not data:
        form.fail("file", _("Choose a file."))
    else:
        try:
            set_logo(db.session(), organisation(), data, now())
            note(Change.LOGO)
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            form.fail("file", texts.refused(refused.code, refused.values))
    if form.errors:
        return make_response(show(form), 422)
    flash(_("Saved. It can take some seconds before every page shows it."))
    return redirect(url_for("office.look"))
