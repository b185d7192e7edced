"""An organisation signs up: on the platform's own pages, without an account."""

from __future__ import annotations

from flask import make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.identity.joining import join
from weerklank.identity.letters import send_link
from weerklank.kernel.database import db, tenant_scope
from weerklank.kernel.errors import Refused
from weerklank.tenancy.organisations import Wanted
from weerklank.tenancy.templates import names, templates
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.forms import Form
from weerklank.web.limits import GUESSES, limiter
from weerklank.web.login import blueprint
from weerklank.web.parts import now, parts

FIELDS = {
    "organisation_name_needed": "organisation",
    "address_needed": "address",
    "prefix_wrong": "prefix",
    "unknown_template": "template",
    "terms_not_accepted": "terms",
    "name_needed": "name",
    "not_an_email": "email",
}


@blueprint.get("/sign-up")
@access(Access.PLATFORM)
def sign_up_page() -> str:
    """The form to sign an organisation up."""
    return show(Form())


def show(form: Form) -> str:
    base = parts().settings.base_url.split("://", 1)[1]
    offered = [(one.name, one.label.in_(texts.language()), one.meant_for.in_(texts.language())) for one in templates()]
    return render_template("login/sign_up.html", form=form, templates=offered, base=base)


@blueprint.post("/sign-up")
@limiter.limit(GUESSES)
@access(Access.PLATFORM)
def sign_up() -> AnyResponse | str:
    """Sign up, and mail the link that proves the address."""
    form = Form(request.form)
    wanted, name, email = read(form)
    if not form.errors:
        try:
            joined = join(db.session(), parts().keyring, wanted, name, email, now())
            with tenant_scope(db.session(), joined.tenant.id):
                send_link(db.session(), joined.link)
                db.session.commit()
        except Refused as refused:
            db.session.rollback()
            form.fail(FIELDS.get(refused.code, "slug"), texts.refused(refused.code, refused.values))
    if form.errors:
        return make_response(show(form), 422)
    return render_template("login/signed_up.html", email=email)


def read(form: Form) -> tuple[Wanted, str, str]:
    """What was filled in, with what is wrong said beside it."""
    wanted = Wanted(
        name=form.text("organisation", required=_("Fill in the name of the organisation.")),
        slug=form.text("slug", most=40, required=_("Choose the name for your address.")).lower(),
        prefix=form.text("prefix", most=8, required=_("Choose the letters for your references.")).upper(),
        address=form.text("address", most=500, lines=True, required=_("Fill in the postal address.")),
        template=form.choice("template", names(), required=_("Choose a procedure to start from.")) or "",
        terms_accepted=form.ticked("terms"),
        locale=texts.language(),
    )
    if not wanted.terms_accepted:
        form.fail("terms", _("You can only sign up if you agree to the terms."))
    name = form.text("name", required=_("Fill in your name."))
    return wanted, name, form.email("email", required=_("Fill in your e-mail address."))
