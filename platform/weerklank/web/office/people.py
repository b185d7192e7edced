"""People: who works here, under whom, in which post, and who is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from weerklank.audit.office import Change
from weerklank.cases.refresh import ask_for_refresh
from weerklank.identity import people as rules
from weerklank.identity.letters import invite
from weerklank.identity.login import revoke_all
from weerklank.identity.model import Absence, Admin, Credential, Person, PostHolder
from weerklank.identity.phones import phone_of, set_phone
from weerklank.identity.second_factor import forget_second_factor
from weerklank.kernel.database import db
from weerklank.kernel.errors import NotFound, Refused
from weerklank.policy.model import Policy
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.forms import LONGEST_EMAIL, Form
from weerklank.web.limits import FORM, limiter
from weerklank.web.office import blueprint
from weerklank.web.office.here import policy_now, post_labels, today
from weerklank.web.office.telling import tell_of_own_post
from weerklank.web.office.trail import note
from weerklank.web.parts import now, parts

BESIDE = {
    "name_needed": "name",
    "not_an_email": "email",
    "not_a_telephone": "phone",
    "email_taken": "email",
    "chart_circle": "manager",
}
LANGUAGES = tuple(texts.LANGUAGES)


def posts_now() -> list[tuple[str, str]]:
    """The posts one can be appointed to; none while there is no policy."""
    policy = policy_or_none()
    return list(post_labels(policy)) if policy else []


def policy_or_none() -> Policy | None:
    """The policy in force; None while there is none."""
    try:
        return policy_now()
    except NotFound:
        return None


@blueprint.get("/people")
@access(Access.ADMIN)
def people() -> str:
    """Everybody who works here, by name; who has left stands apart."""
    day, session = today(), db.session()
    chart = rules.chart(session, g.tenant.id, day)
    everybody = session.scalars(select(Person).where(Person.tenant_id == g.tenant.id)).all()
    named = chart.names(parts().keyring, g.tenant.id, [person.id for person in everybody])
    policy, posts = policy_or_none(), chart.people.posts
    labels = dict(post_labels(policy)) if policy else {}
    vacant = rules.vacancies(policy, chart.people) if policy else ()
    held = {person.id: [labels.get(p, p) for p, who in posts.items() if person.id in who] for person in everybody}
    return render_template(
        "office/people.html",
        everybody=sorted(everybody, key=lambda person: named[person.id].casefold()),
        named=named,
        held=held,
        posts=[(post, label, post in vacant) for post, label in labels.items()],
        holders={post: [named[each] for each in posts.get(post, ())] for post in labels},
        absent=chart.people.absent,
        admins=set(session.scalars(select(Admin.person_id).where(Admin.ended_at.is_(None)))),
        with_password=set(session.scalars(select(Credential.person_id))),
    )


@blueprint.get("/people/new")
@access(Access.ADMIN)
def new_person() -> str:
    """The form to add somebody."""
    return show_new(Form({"locale": g.tenant.locale}))


def show_new(form: Form) -> str:
    return render_template(
        "office/new_person.html", form=form, tongues=tuple(texts.LANGUAGES.items()), others=others(None)
    )


def others(person: Person | None) -> list[tuple[UUID, str]]:
    """Everybody active but this person, by name: who can stand above."""
    query = select(Person.id).where(Person.tenant_id == g.tenant.id, Person.active_to.is_(None))
    ids = [each for each in db.session().scalars(query) if person is None or each != person.id]
    named = rules.names(db.session(), parts().keyring, g.tenant.id, ids)
    return sorted(named.items(), key=lambda pair: pair[1].casefold())


@blueprint.post("/people/new")
@limiter.limit(FORM)
@access(Access.ADMIN)
def add() -> AnyResponse | str:
    """Add somebody, and mail an invitation if asked."""
    form = Form(request.form)
    name, email = form.text("name", required=_("Fill in a name.")), form.text("email", most=LONGEST_EMAIL)
    locale = form.choice("locale", LANGUAGES) or "nl"
    manager, coordinator = chart_fields(form, None)
    if not email and form.ticked("invite"):
        form.fail("email", _("Somebody without an address cannot be invited."))
    if not form.errors:
        try:
            person = rules.add_person(
                db.session(), parts().keyring, g.tenant.id, name=name, email=email, today=today(), locale=locale
            )
            place(person, form, manager, coordinator)
            note(Change.PERSON_ADDED, person.id)
            if form.ticked("invite"):
                send_invitation(person)
            db.session.commit()
        except Refused as refused:
            say_refused(form, refused)
    if form.errors:
        return make_response(show_new(form), 422)
    flash(_("Added."))
    return redirect(url_for("office.person", person_id=person.id))


def chart_fields(form: Form, person: Person | None) -> tuple[UUID | None, UUID | None]:
    among = [each for each, _name in others(person)]
    return form.id("manager", among), form.id("coordinator", among)


def place(person: Person, form: Form, manager: UUID | None, coordinator: UUID | None) -> None:
    set_phone(parts().keyring, person, form.text("phone", most=40))
    team, external = form.text("team", most=60), form.ticked("external")
    rules.set_chart(
        db.session(), person, manager=manager, coordinator=coordinator, team=team or None, external=external
    )


def say_refused(form: Form, refused: Refused) -> None:
    """Undo what was begun, and say beside the field what stood in the way."""
    db.session.rollback()
    form.fail(BESIDE.get(refused.code, "name"), texts.refused(refused.code, refused.values))


@blueprint.get("/people/<uuid:person_id>")
@access(Access.ADMIN)
def person(person_id: UUID) -> str:
    """One person, with everything one can change."""
    found = rules.find_person(db.session(), person_id)
    return show_person(found, filled(found), Form(), Form())


def filled(person: Person) -> Form:
    """The form as it stands for somebody."""
    return Form(MultiDict(particulars(person)))


def particulars(person: Person) -> dict[str, str]:
    """What can be changed of somebody, as the form's fields hold it."""
    keyring = parts().keyring
    return {
        "name": rules.names(db.session(), keyring, g.tenant.id, [person.id])[person.id],
        "email": rules.email_of(keyring, person) or "",
        "phone": phone_of(keyring, person),
        "manager": str(person.manager_id or ""),
        "coordinator": str(person.coordinator_id or ""),
        "team": person.team or "",
        "external": "yes" if person.external else "",
        "locale": person.locale,
    }


def show_person(person: Person, form: Form, post_form: Form, absence_form: Form) -> str:
    session, day = db.session(), today()
    name = rules.names(session, parts().keyring, g.tenant.id, [person.id])[person.id]
    held = session.scalars(select(PostHolder).where(PostHolder.person_id == person.id).order_by(PostHolder.from_day))
    away = session.scalars(select(Absence).where(Absence.person_id == person.id).order_by(Absence.from_day.desc()))
    credential = session.scalar(select(Credential).where(Credential.person_id == person.id))
    posts = posts_now()
    return render_template(
        "office/person.html",
        person=person,
        name=name,
        form=form,
        post_form=post_form,
        absence_form=absence_form,
        others=others(person),
        relatives=rules.names(session, parts().keyring, g.tenant.id, rules.relatives_of(session, person.id)),
        posts=posts,
        labels=dict(posts),
        held=held.all(),
        away=away.all(),
        day=day,
        credential=credential,
        admin=rules.is_admin(session, person.id),
        tongues=tuple(texts.LANGUAGES.items()),
    )


@blueprint.post("/people/<uuid:person_id>/particulars")
@limiter.limit(FORM)
@access(Access.ADMIN)
def change(person_id: UUID) -> AnyResponse | str:
    """Name, address and place in the chart."""
    found = rules.find_person(db.session(), person_id)
    form = Form(request.form)
    name, email = form.text("name", required=_("Fill in a name.")), form.text("email", most=LONGEST_EMAIL)
    manager, coordinator = chart_fields(form, found)
    locale = form.choice("locale", LANGUAGES) or found.locale
    before = particulars(found)
    if not form.errors:
        try:
            rules.rename(db.session(), parts().keyring, found, name=name, email=email)
            place(found, form, manager, coordinator)
            found.locale = locale
            after = particulars(found)
            fields = [field for field, value in after.items() if value != before[field]]
            if fields:
                note(Change.PERSON_CHANGED, found.id, fields=fields)
            ask_for_refresh(db.session())
            db.session.commit()
        except Refused as refused:
            say_refused(form, refused)
    if form.errors:
        return make_response(show_person(found, form, Form(), Form()), 422)
    return done(person_id, _("Saved."))


def done(person_id: UUID, sentence: str) -> AnyResponse:
    flash(sentence)
    return redirect(url_for("office.person", person_id=person_id))


@blueprint.post("/people/<uuid:person_id>/posts")
@limiter.limit(FORM)
@access(Access.ADMIN)
def appoint(person_id: UUID) -> AnyResponse | str:
    """Appoint somebody to a post, by the policy's rules for it."""
    found = rules.find_person(db.session(), person_id)
    form = Form(request.form)
    post = form.choice("post", [name for name, _label in posts_now()], required=_("Choose a post."))
    day = form.day("post-from") or today()
    if post and not form.errors:
        try:
            rules.appoint(db.session(), policy_now(), found, post, day)
            tell_of_own_post(policy_now(), note(Change.APPOINTED, found.id, post=post, day=day), found, post)
            ask_for_refresh(db.session())
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            form.fail("post", texts.refused(refused.code, refused.values))
    if form.errors:
        return make_response(show_person(found, filled(found), form, Form()), 422)
    return done(person_id, _("Appointed."))


@blueprint.post("/people/<uuid:person_id>/posts/<uuid:held_id>/end")
@access(Access.ADMIN)
def end_post(person_id: UUID, held_id: UUID) -> AnyResponse:
    """Today is the last day in this post; one that has not begun is taken back."""
    rules.find_person(db.session(), person_id)
    post = rules.end_post(db.session(), held_id, today())
    note(Change.POST_ENDED, person_id, post=post, day=today())
    ask_for_refresh(db.session())
    db.session.commit()
    return done(person_id, _("The post ends today."))


@blueprint.post("/people/<uuid:person_id>/absences")
@limiter.limit(FORM)
@access(Access.ADMIN)
def be_away(person_id: UUID) -> AnyResponse | str:
    """Record that somebody is away."""
    found = rules.find_person(db.session(), person_id)
    form = Form(request.form)
    first = form.day("away-from", required=_("Fill in the first day."))
    last = form.day("away-to")
    if first and not form.errors:
        try:
            rules.record_absence(db.session(), found, first, last)
            note(Change.AWAY, found.id, day=first, until=last)
            ask_for_refresh(db.session())
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            form.fail("away-to", texts.refused(refused.code, refused.values))
    if form.errors:
        return make_response(show_person(found, filled(found), Form(), form), 422)
    return done(person_id, _("Recorded."))


@blueprint.post("/people/<uuid:person_id>/absences/<uuid:absence_id>/end")
@access(Access.ADMIN)
def be_back(person_id: UUID, absence_id: UUID) -> AnyResponse:
    """Somebody is back today; an absence that has not begun is taken back."""
    rules.find_person(db.session(), person_id)
    rules.end_absence(db.session(), absence_id, yesterday(today()))
    note(Change.BACK, person_id, day=today())
    ask_for_refresh(db.session())
    db.session.commit()
    return done(person_id, _("Recorded."))


def yesterday(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def one_press(path: str, rule: Callable[[Person], str]) -> None:
    """A page that does one thing with one person and says so; a refusal is told on the person's page."""

    def view(person_id: UUID) -> AnyResponse:
        found = rules.find_person(db.session(), person_id)
        try:
            sentence = rule(found)
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            flash(texts.refused(refused.code, refused.values), "bad")
            return redirect(url_for("office.person", person_id=person_id))
        return done(person_id, sentence)

    view.__name__ = rule.__name__
    view.__doc__ = rule.__doc__
    limited = limiter.limit(FORM)(access(Access.ADMIN)(view))
    blueprint.post(f"/people/<uuid:person_id>/{path}")(access(Access.ADMIN)(limited))


def send_invitation(person: Person) -> str:
    """Mail a link by which somebody chooses a password."""
    invite(db.session(), parts().keyring, person, now())
    note(Change.INVITED, person.id)
    return str(_("An invitation is on its way."))


def make_admin(person: Person) -> str:
    """Let somebody manage these settings."""
    rules.make_admin(db.session(), person, now(), by=g.person.id)
    note(Change.ADMIN_MADE, person.id)
    return str(_("Made administrator."))


def end_admin(person: Person) -> str:
    """Somebody no longer manages these settings."""
    rules.end_admin(db.session(), person.id, now(), by=g.person.id)
    note(Change.ADMIN_ENDED, person.id)
    return str(_("No longer administrator."))


def forget_app(person: Person) -> str:
    """Somebody lost the authenticator app: no code is asked for until a new one is set up; all sessions end."""
    credential = db.session().scalar(select(Credential).where(Credential.person_id == person.id))
    if credential is None:
        raise NotFound("credential")
    forget_second_factor(credential)
    revoke_all(db.session(), person.id, now())
    note(Change.APP_FORGOTTEN, person.id)
    return str(_("The app was removed, and the person logged out everywhere."))


def leave(person: Person) -> str:
    """Somebody leaves today: out of every post and logged out at once."""
    rules.deactivate(db.session(), person, today(), now(), by=g.person.id)
    note(Change.LEFT, person.id)
    ask_for_refresh(db.session())
    return str(_("From today on this person no longer works here."))


def come_back(person: Person) -> str:
    """Somebody works here again; posts and invitation follow by themselves no more than for a new person."""
    rules.reactivate(db.session(), person)
    note(Change.CAME_BACK, person.id)
    ask_for_refresh(db.session())
    return str(_("Works here again. Give posts and an invitation as needed."))


for path, rule in {
    "invite": send_invitation,
    "admin": make_admin,
    "admin/end": end_admin,
    "forget-app": forget_app,
    "leave": leave,
    "come-back": come_back,
}.items():
    one_press(path, rule)
