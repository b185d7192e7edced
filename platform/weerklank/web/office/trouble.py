"""What did not go by itself: to try again, or to say that it was seen to. Which case, never what is in it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import flash, g, redirect, render_template, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from weerklank.cases.keeping import ERASE
from weerklank.cases.lost import LOST
from weerklank.cases.messages import ADMINISTRATORS
from weerklank.cases.refresh import REFRESH
from weerklank.cases.search.index import INDEX
from weerklank.cases.trouble import Sort, count_troubles, guard_again, troubles
from weerklank.correspondence.delivery import send_again, went_by_letter
from weerklank.correspondence.digest import DIGEST
from weerklank.correspondence.drafts import SAVED
from weerklank.correspondence.inbound.model import Mailbox
from weerklank.correspondence.office import OWN_POST
from weerklank.doctor.findings import Sort as Finding
from weerklank.doctor.findings import found_rows
from weerklank.doctor.letters import sentence
from weerklank.documents.dossier.asking import MAKE
from weerklank.documents.files import SCAN
from weerklank.identity.letters import JOB as LINK
from weerklank.identity.people import directory, vacancies
from weerklank.kernel.database import db
from weerklank.kernel.errors import Conflict, NotFound, Refused
from weerklank.kernel.outbox import Outbox, revive
from weerklank.learning.counting import COUNT
from weerklank.learning.place import NOTICE
from weerklank.policy.model import Policy
from weerklank.policy.people import People
from weerklank.rehearsal.asked import REHEARSE
from weerklank.tenancy.model import PolicyVersion
from weerklank.tenancy.policies import in_force, policy_of
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.limits import FORM, limiter
from weerklank.web.office import blueprint
from weerklank.web.office.here import post_labels, today
from weerklank.web.parts import now

JOBS = {
    LINK: lazy_gettext("A mail with a link to choose a password"),
    OWN_POST: lazy_gettext("A mail that an administrator gave himself a post"),
    NOTICE: lazy_gettext("A mail about reports and measures"),
    DIGEST: lazy_gettext("The one mail of a day or a week about somebody's work"),
    SAVED: lazy_gettext("A mail with the link to go on with a form"),
    LOST: lazy_gettext("Another code for somebody who lost it"),
    SCAN: lazy_gettext("Checking a file for viruses"),
    REFRESH: lazy_gettext("Letting open work follow a change of people"),
    REHEARSE: lazy_gettext("Trying out a version of the procedure"),
    ERASE: lazy_gettext("Destroying a case that need not be kept"),
    MAKE: lazy_gettext("Making the file of a case to download"),
    COUNT: lazy_gettext("Counting the numbers of a report"),
    INDEX: lazy_gettext("Making the words of cases findable"),
    # Kinds of the workers' own, and one of the back-ups', which no page may know.
    "export": lazy_gettext("Making an export of the whole organisation"),
    "read_mailbox": lazy_gettext("Reading the mailbox for complaints"),
    "tell_of_mail": lazy_gettext("A mail that something is in the mailbox for complaints"),
    "sweep": lazy_gettext("Cleaning up what is not needed any more"),
    "check_up": lazy_gettext("Looking for what was forgotten"),
    "doctor_alarm": lazy_gettext("A warning about what was forgotten"),
}
# By how the reason begins, the longest first: `workers/jobs.py` keeps an SMTP answer or the class of an error.
REASONS = {
    "address": lazy_gettext("This is no address that mail can go to."),
    "smtp 55": lazy_gettext(
        "The recipient's mail server refuses it. The address may not be right, or not exist any more."
    ),
    "smtp 5": lazy_gettext("The mail server refuses it."),
    "smtp 4": lazy_gettext("The mail server kept asking to come back later."),
    "SMTPNotSupported": lazy_gettext("The mail server lacks what was asked of it, such as encryption."),
    "SSL": lazy_gettext("No safe connection with the mail server could be made."),
    "SMTP": lazy_gettext("The mail server could not be reached."),
    "Timeout": lazy_gettext("The mail server could not be reached."),
    "Connection": lazy_gettext("The mail server could not be reached."),
    "gaierror": lazy_gettext("The mail server could not be reached."),
    "OSError": lazy_gettext("The mail server could not be reached."),
    "ScannerAway": lazy_gettext("The virus scanner could not be reached."),
    "NotScannable": lazy_gettext("The virus scanner cannot open it far enough. Nobody can open this file."),
    "LeaseExpired": lazy_gettext("It was begun again and again, and never finished."),
    "MemoryError": lazy_gettext("It asked for more memory than there is."),
}
UNKNOWN = lazy_gettext("Something is wrong on the platform itself. Warn whoever runs it.")


@blueprint.get("/trouble")
@access(Access.ADMIN)
def trouble() -> str:
    """Messages, jobs and terms that failed, steps and posts that are nobody's."""
    day = today()
    version = version_or_none(day)
    policy = policy_of(version) if version else None
    found = troubles(db.session(), g.tenant.id, g.person.id, found_rows(g.tenant.id, g.person.id))
    return render_template(
        "office/trouble.html",
        found={sort.value: [one for one in found if one.sort is sort] for sort in Sort},
        vacant=vacant_posts(policy, day),
        role=lambda name: role_name(policy, name),
        term=lambda name: term_name(policy, name),
        why=reason,
        unread=unread(mailbox_here()),
        jobs=JOBS,
        finding=lambda name: sentence(Finding(name), texts.language()),
    )


def version_or_none(day: date) -> PolicyVersion | None:
    """The policy in force on this legal day, if there is one yet."""
    try:
        return in_force(db.session(), g.tenant.id, day)
    except NotFound:
        return None


def vacant_posts(policy: Policy | None, day: date) -> list[str]:
    """What people call the posts that somebody has to hold and nobody does."""
    return vacant_among(policy, directory(db.session(), g.tenant.id, day)) if policy else []


def vacant_among(policy: Policy, people: People) -> list[str]:
    """As `vacant_posts`, for who has the people at hand."""
    labels = dict(post_labels(policy))
    return [labels[name] for name in vacancies(policy, people)]


def count_all(mailbox: Mailbox | None) -> int:
    """How much there is on the page, for the overview, which tells of vacant posts by itself."""
    found = found_rows(g.tenant.id, g.person.id)
    return count_troubles(db.session(), g.tenant.id, g.person.id, found) + bool(unread(mailbox))


def mailbox_here() -> Mailbox | None:
    """The organisation's mailbox, if one was set."""
    return db.session().get(Mailbox, g.tenant.id)


def unread(mailbox: Mailbox | None) -> Mailbox | None:
    """The mailbox, when it should be read and cannot."""
    return mailbox if mailbox and mailbox.active and mailbox.failed_at else None


def role_name(policy: Policy | None, name: str) -> str:
    if name in ("", ADMINISTRATORS):
        return str(_("the administrators") if name else _("somebody who works here"))
    known = policy.roles.get(name) if policy else None
    return (texts.say(known.label) if known else "") or name.replace("_", " ")


def term_name(policy: Policy | None, name: str) -> str:
    known = policy.terms.get(name) if policy else None
    return (texts.say(known.label) if known else "") or name.replace("_", " ")


def reason(why: str | None) -> LazyString:
    """Why a job was given up, in plain words."""
    return next((words for begins, words in REASONS.items() if (why or "").startswith(begins)), UNKNOWN)


@blueprint.post("/trouble/messages/<uuid:message_id>/again")
@limiter.limit(FORM)
@access(Access.ADMIN)
def try_message(message_id: UUID) -> AnyResponse:
    """Send a message once more."""
    try:
        send_again(db.session(), g.tenant.id, message_id, g.person.id)
        db.session.commit()
        flash(_("It goes out again. If that fails too, it comes back here."))
    except Refused as refused:
        say_late(texts.refused(refused.code, refused.values))
    return redirect(url_for("office.trouble"))


@blueprint.post("/trouble/messages/<uuid:message_id>/letter")
@limiter.limit(FORM)
@access(Access.ADMIN)
def by_letter(message_id: UUID) -> AnyResponse:
    """Somebody brought it over in another way."""
    try:
        went_by_letter(db.session(), g.tenant.id, message_id, g.person.id, now())
        db.session.commit()
        flash(_("Noted."))
    except Refused as refused:
        say_late(texts.refused(refused.code, refused.values))
    return redirect(url_for("office.trouble"))


@blueprint.post("/trouble/jobs/<uuid:job_id>/again")
@limiter.limit(FORM)
@access(Access.ADMIN)
def try_job(job_id: UUID) -> AnyResponse:
    """Let a job that was given up begin anew."""
    if db.session().get(Outbox, (g.tenant.id, job_id)) is None:
        raise NotFound("job")
    try:
        revive(db.session(), job_id)
        db.session.commit()
        flash(_("It begins again. If that fails too, it comes back here."))
    except Conflict:
        say_late(_("Somebody was first: this does not wait for anybody any more."))
    return redirect(url_for("office.trouble"))


@blueprint.post("/trouble/cases/<uuid:case_id>/again")
@limiter.limit(FORM)
@access(Access.ADMIN)
def try_terms(case_id: UUID) -> AnyResponse:
    """Let the clock guard a case's terms again."""
    guard_again(db.session(), g.tenant.id, case_id, g.person.id)
    db.session.commit()
    flash(_("The clock tries again. If that fails too, it comes back here."))
    return redirect(url_for("office.trouble"))


def say_late(sentence: str) -> None:
    db.session.rollback()
    flash(sentence, "warn")
