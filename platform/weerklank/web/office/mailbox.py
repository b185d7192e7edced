"""The mailbox we read for an organisation: where it is, how we get in, and whether that works."""

from __future__ import annotations

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.audit.office import Change
from weerklank.cases.labels import label_of
from weerklank.correspondence.inbound.imap import CannotRead, try_out
from weerklank.correspondence.inbound.model import Mailbox
from weerklank.correspondence.inbound.settings import PORTS, MailboxSettings, Security, read_settings, set_mailbox
from weerklank.kernel.database import db
from weerklank.kernel.errors import Refused
from weerklank.policy.model import ChannelKind
from weerklank.tenancy.policies import policy_of
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.forms import Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.office import blueprint
from weerklank.web.office.here import today
from weerklank.web.office.trail import note
from weerklank.web.office.trouble import version_or_none
from weerklank.web.parts import now, parts

FAILURES: dict[str, LazyString] = {
    "unreachable": lazy_gettext("The server does not answer. Is the name right, and the port?"),
    "tls": lazy_gettext("The connection is not safe: the server's certificate is not right."),
    "login": lazy_gettext("The server does not take this name and password."),
    "folder": lazy_gettext("The folder is not there, or we may not make one beside it."),
    "answer": lazy_gettext("The server answers, but not as a mailbox does."),
    "platform": lazy_gettext("A mail could not be taken in and still lies there. Warn whoever runs the platform."),
}
SECURITIES: dict[Security, LazyString] = {
    Security.TLS: lazy_gettext("Safe from the start (TLS, usually port 993)"),
    Security.STARTTLS: lazy_gettext("Safe after it began (STARTTLS, usually port 143)"),
    Security.PLAIN: lazy_gettext("Not safe (only to try out)"),
}


@blueprint.get("/mailbox")
@access(Access.ADMIN)
def mailbox() -> str:
    """What is set, without the password, and how reading goes."""
    row = db.session().get(Mailbox, g.tenant.id)
    settings = read_settings(parts().keyring, row) if row else None
    typed = {"security": Security.TLS.value, "folder": "INBOX", "done": "Weerklank"}
    if row and settings:
        typed = {
            "channel": row.channel, "host": settings.host, "port": str(settings.port), "user": settings.user,
            "security": settings.security.value, "address": settings.address, "folder": settings.folder,
            "done": settings.done,
        }  # fmt: skip
    return show(Form(typed), row)


def show(form: Form, row: Mailbox | None) -> str:
    return render_template(
        "office/mailbox.html",
        form=form,
        row=row,
        why=FAILURES.get((row.failure or "") if row else "", ""),
        channels=channels(),
        securities=[(each.value, called) for each, called in SECURITIES.items() if each in allowed()],
    )


def allowed() -> list[Security]:
    return [each for each in Security if not (in_production() and each is Security.PLAIN)]


def in_production() -> bool:
    return parts().settings.environment == "production"


def channels() -> list[tuple[str, str]]:
    """The policy's channels that mail comes in by."""
    version = version_or_none(today())
    known = policy_of(version).channels if version else {}
    return [
        (name, label_of(known, name, texts.language()))
        for name, channel in known.items()
        if channel.kind in (ChannelKind.EMAIL, ChannelKind.EXTERNAL_SITE)
    ]


@blueprint.post("/mailbox")
@limiter.limit(FORM)
@access(Access.ADMIN)
def read_mailbox() -> AnyResponse | str:
    """Try it, and read it from now on when it works."""
    row, form, waiting = db.session().get(Mailbox, g.tenant.id), Form(request.form), 0
    settings, channel = read(form, row)
    if not form.errors:
        try:
            set_mailbox(
                db.session(), parts().keyring, g.tenant.id, channel, settings, now(), production=in_production()
            )
            waiting = try_out(settings)
        except Refused as refused:
            form.fail("port" if refused.code == "mailbox_port" else "security", texts.refused(refused.code, {}))
        except CannotRead as failed:
            form.fail("password" if failed.code == "login" else "host", str(FAILURES[failed.code]))
    if form.errors:
        db.session.rollback()
        return make_response(show(form, db.session().get(Mailbox, g.tenant.id)), 422)
    note(Change.MAILBOX)
    db.session.commit()
    flash(_("It works: %(count)s mails wait. From now on we look every minute.", count=waiting), "good")
    return redirect(url_for("office.mailbox"))


def read(form: Form, row: Mailbox | None) -> tuple[MailboxSettings, str]:
    """What was filled in. An empty password keeps the one that is set, for the same server and name only."""
    named = [name for name, called in channels()]
    channel = form.choice("channel", named, required=_("Choose what the mail comes in by.")) or ""
    security = Security(form.choice("security", [each.value for each in allowed()]) or Security.TLS.value)
    host = form.text("host", required=_("Fill in the name of the server."))
    port = form.number("port", low=1, high=65535) or PORTS[security.value]
    user = form.text("user", required=_("Fill in the name to log in with."))
    known = read_settings(parts().keyring, row) if row else None
    same = known is not None and (known.host, known.port, known.user) == (host, port, user)
    password = form.value("password")[:500] or (known.password if known and same else "")
    if not password:
        form.fail("password", _("Fill in the password."))
    address = form.email("address", required=_("Fill in the address people write to."))
    folder, done = form.text("folder") or "INBOX", form.text("done") or "Weerklank"
    if folder.casefold() == done.casefold():
        form.fail("done", _("Choose another folder than the one that is read."))
    return MailboxSettings(host, port, security, user, password, address, folder, done), channel


@blueprint.post("/mailbox/off")
@limiter.limit(FORM)
@access(Access.ADMIN)
def leave_mailbox() -> AnyResponse:
    """Read it no more; what came in stays."""
    row = db.session().get(Mailbox, g.tenant.id)
    if row is not None:
        row.active, row.failed_at, row.failure = False, None, None
        note(Change.MAILBOX_OFF)
        db.session.commit()
    flash(_("The mailbox is not read any more."), "good")
    return redirect(url_for("office.mailbox"))
