"""Mail that came in by itself and waits for a person: to become a case, to join one, or to be filed elsewhere."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from weerklank.cases import worklist as lists
from weerklank.cases.act import Refused as RefusedByPolicy
from weerklank.cases.act import world_of
from weerklank.cases.labels import label_of
from weerklank.correspondence.inbound import inbox as rules
from weerklank.correspondence.inbound.inbox import MailView
from weerklank.correspondence.inbound.model import InboundMail, Mailbox, MailState
from weerklank.kernel.database import db
from weerklank.kernel.errors import Conflict, NotFound
from weerklank.policy.model import ChannelState, Policy
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import Trouble, actor, policy_today
from weerklank.web.desk.worklist import LONGEST_REFERENCE, me
from weerklank.web.downloads import attachment
from weerklank.web.forms import Form, day_fields
from weerklank.web.limits import FORM, limiter
from weerklank.web.parts import now, parts

LONGEST_STORY = 20_000
DRAWERS: dict[str, tuple[LazyString, tuple[MailState, ...]]] = {
    "waiting": (lazy_gettext("To see to"), (MailState.WAITING,)),
    "aside": (lazy_gettext("Automatic mail"), (MailState.ASIDE,)),
    "filed": (lazy_gettext("Filed: something else"), (MailState.FILED,)),
}
SORTS: dict[str, LazyString] = {
    "automatic": lazy_gettext("automatic"),
    "bounce": lazy_gettext("could not be delivered"),
    "too_large": lazy_gettext("too large: only its head was taken in; the whole mail lies in your own mailbox"),
    "unreadable": lazy_gettext("no mail program could read it; what it says is shown as it came"),
}


@blueprint.get("/inbox")
@access(Access.STAFF)
def inbox() -> str:
    """The mail of the channels that are this person's. What is with a case is not here any more."""
    policy, mine = policy_today(), channels()
    asked = request.args.get("drawer", "")
    drawer = asked if asked in DRAWERS else "waiting"
    mails = rules.listed(db.session(), parts().keyring, g.tenant.id, mine, DRAWERS[drawer][1])
    return render_template(
        "desk/inbox.html",
        mails=mails,
        drawer=drawer,
        drawers=[(name, called) for name, (called, states) in DRAWERS.items()],
        channel=lambda mail: label_of(policy.channels, mail.channel, texts.language()),
        sorts=SORTS,
        mine=mine,
        mailbox=db.session().get(Mailbox, g.tenant.id),
    )


def channels() -> tuple[str, ...]:
    """The channels whose mail whoever is logged in sees."""
    return rules.channels_of(world_of(db.session(), g.tenant.id, policy_today(), now()), g.person.id)


@blueprint.get("/inbox/<uuid:mail_id>")
@access(Access.STAFF)
def mail(mail_id: UUID) -> str:
    """One mail, as plain text, and what can be done with it."""
    row, view = opened(mail_id)
    return show(view, Form({"reference": named(view)}))


def opened(mail_id: UUID, *, lock: bool = False) -> tuple[InboundMail, MailView]:
    return rules.opened(db.session(), parts().keyring, g.tenant.id, mail_id, channels(), lock=lock)


def named(view: MailView) -> str:
    """The reference of the case it seems to be about, for who may see that case."""
    reader, _policy = me()
    return lists.reference_of(db.session(), g.tenant.id, reader, view.case_id) if view.case_id else ""


def show(view: MailView, form: Form, trouble: Trouble | None = None) -> str:
    return render_template("desk/mail.html", mail=view, form=form, trouble=trouble, sorts=SORTS)


@blueprint.get("/inbox/<uuid:mail_id>/raw")
@access(Access.STAFF)
def raw_mail(mail_id: UUID) -> Response:
    """The mail as it arrived, to be saved and opened elsewhere."""
    row, _view = opened(mail_id)
    return attachment(f"mail-{row.id}.eml", "message/rfc822", rules.raw_of(parts().keyring, row))


@blueprint.post("/inbox/<uuid:mail_id>/join")
@limiter.limit(FORM)
@access(Access.STAFF)
def join_mail(mail_id: UUID) -> Response:
    """It belongs to a case that whoever says so may see and has a part in."""
    row, view = opened(mail_id, lock=True)
    form = Form(request.form)
    typed = form.text("reference", most=LONGEST_REFERENCE, required=_("Fill in the reference of the case."))
    reader, _policy = me()
    case_id = lists.by_reference(db.session(), g.tenant.id, reader, typed) if typed else None
    if typed and case_id is None:
        form.fail("reference", _("There is no case with this reference that you can see."))
    if case_id is None or form.errors:
        return make_response(show(view, form), 422)
    try:
        rules.join(db.session(), parts().engine, parts().files, row, view, case_id, actor(), now())
    except RefusedByPolicy as refused:
        db.session.rollback()
        return make_response(show(view, form, Trouble(refused.refusal)), 422)
    except (Conflict, NotFound):
        return too_late()
    db.session.commit()
    flash(_("The mail is with the case."), "good")
    return make_response(redirect(url_for("desk.case", case_id=case_id)))


@blueprint.post("/inbox/<uuid:mail_id>/file")
@limiter.limit(FORM)
@access(Access.STAFF)
def file_mail(mail_id: UUID) -> Response:
    """It is no complaint and about none; or it is looked at again."""
    row, _view = opened(mail_id, lock=True)
    try:
        if row.state == MailState.WAITING:
            rules.file_away(row, g.person.id, now())
            done = _("The mail is filed as something else.")
        else:
            rules.back(row)
            done = _("The mail waits in the inbox again.")
    except Conflict:
        return too_late()
    db.session.commit()
    flash(done, "good")
    return make_response(redirect(url_for("desk.inbox")))


def too_late() -> Response:
    db.session.rollback()
    flash(_("Somebody saw to this mail already."), "warn")
    return make_response(redirect(url_for("desk.inbox")))


def filled_in(policy: Policy, typed: str) -> dict[str, str]:
    """What a mail that waits says, as the fields of the form that registers a complaint; nothing without one."""
    if not typed:
        return {}
    try:
        _row, view = opened(UUID(typed))
    except (ValueError, NotFound):
        abort(404)
    when = view.arrived_at.astimezone(texts.zone())
    known = policy.channels.get(view.channel)
    return {
        "mail": typed,
        "form-id": str(view.id),
        "channel": view.channel if known and known.state is ChannelState.OPEN else "",
        **day_fields("received", when.date()),
        "time": f"{when:%H:%M}",
        "name": view.name or view.sender,
        "email": view.sender,
        "way": "email",
        "story": (f"{view.subject}\n\n{view.text}" if view.subject else view.text)[:LONGEST_STORY],
    }


def goes_with(form: Form, case_id: UUID) -> None:
    """The mail that was registered goes with its case. Conflict when somebody saw to it meanwhile."""
    typed = form.value("mail")
    if not typed:
        return
    try:
        known = db.session().get(InboundMail, (g.tenant.id, UUID(typed)), with_for_update=True)
    except ValueError:
        known = None
    if known is None or known.channel not in channels():
        raise Conflict("mail")
    rules.begun(db.session(), parts().engine, parts().files, known, case_id, g.person.id, now())
