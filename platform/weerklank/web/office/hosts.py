"""An address of the organisation's own, in place of one below the platform's."""

from __future__ import annotations

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.audit.office import Change
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.tenancy.hosts import ask_for_host, drop_host, hosts_of, record_of
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.office import blueprint
from weerklank.web.office.here import organisation
from weerklank.web.office.trail import note
from weerklank.web.parts import now, parts
from weerklank.web.tenants import platform_hosts


@blueprint.get("/hosts")
@access(Access.ADMIN)
def hosts() -> str:
    """The names that were asked for, how far each is, and what to do."""
    return show(Form())


def show(form: Form) -> str:
    found = [(host, *record_of(host)) for host in hosts_of(db.session(), g.tenant.id)]
    platform = f"{parts().settings.base_url}/{g.tenant.slug}/"
    return render_template("office/hosts.html", form=form, hosts=found, platform=platform)


@blueprint.post("/hosts")
@limiter.limit(FORM)
@access(Access.ADMIN)
def ask_host() -> AnyResponse | str:
    """Ask for a name."""
    form = Form(request.form)
    given = form.text("host", most=300, required=_("Fill in a name, such as klachten.example.nl."))
    if not form.errors:
        try:
            own = platform_hosts(parts().settings)
            asked = ask_for_host(db.session(), organisation(), given, now(), own=own)
            note(Change.HOST_ASKED, host=asked)
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            form.fail("host", texts.refused(refused.code, refused.values))
    if form.errors:
        return make_response(show(form), 422)
    flash(_("Noted. Now put the record below in your DNS."))
    return redirect(url_for("office.hosts"))


@blueprint.post("/hosts/drop")
@limiter.limit(FORM)
@access(Access.ADMIN)
def leave_host() -> AnyResponse:
    """Do without a name."""
    given = request.form.get("host", "")
    drop_host(db.session(), organisation(), given)
    note(Change.HOST_LEFT, host=given)
    db.session.commit()
    flash(_("Saved. It can take some seconds before every page shows it."))
    return redirect(url_for("office.hosts"))
