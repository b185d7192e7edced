"""Who works where, holds which post and is away: the rules of the chart, and its snapshot for the engine.

Every function works inside the scope of one tenant, which its session carries.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, text
from sqlalchemy.orm import Session

from weerklank.identity.model import Absence, Admin, Credential, OneTimeLink, Person, PostHolder, Relative, StaffSession
from weerklank.kernel.errors import NotFound, Refused
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.policy import people as snapshot
from weerklank.policy.model import Policy, RoleKind

LONGEST_NAME = 200
LONGEST_EMAIL = 254


def find_person(session: Session, person_id: UUID) -> Person:
    """The person; NotFound when there is none in this organisation."""
    person = session.scalar(select(Person).where(Person.id == person_id))
    if person is None:
        raise NotFound("person")
    return person


def add_person(
    session: Session,
    keyring: Keyring,
    tenant_id: UUID,
    *,
    name: str,
    email: str | None,
    today: date,
    external: bool = False,
    team: str | None = None,
    locale: str = "nl",
) -> Person:
    """Add somebody who works in (or, `external`, for) the organisation from this legal day on.

    Refused: an empty or too long name, an address that is none, an address somebody here already has.
    """
    name = _checked_name(name)
    person = Person(tenant_id=tenant_id, id=new_id(), external=external, locale=locale, active_from=today)
    person.team = (team or "").strip() or None
    _seal_name(keyring, person, name)
    _seal_email(session, keyring, person, email)
    session.add(person)
    session.flush()
    return person


def rename(session: Session, keyring: Keyring, person: Person, *, name: str, email: str | None) -> None:
    """Correct a name or address, under the same rules as adding. Open links to the old address stop working."""
    _seal_name(keyring, person, _checked_name(name))
    before = person.email_hash
    _seal_email(session, keyring, person, email)
    if person.email_hash != before:
        _drop_links(session, person.id)
    session.flush()


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or "\0" in name:
        raise Refused("name_needed", {"most": str(LONGEST_NAME)})
    return name


def _seal_name(keyring: Keyring, person: Person, name: str) -> None:
    sealer = keyring.for_tenant(person.tenant_id)
    person.name = sealer.seal(name, table="person", column="name", row=person.id)


def _seal_email(session: Session, keyring: Keyring, person: Person, email: str | None) -> None:
    email = normal_email(email) if email else None
    if email is None:
        person.email = person.email_hash = None
        return
    hashed = keyring.address_hash(person.tenant_id, email)
    if session.scalar(select(Person.id).where(Person.email_hash == hashed, Person.id != person.id)):
        raise Refused("email_taken")
    person.email_hash = hashed
    person.email = keyring.for_tenant(person.tenant_id).seal(email, table="person", column="email", row=person.id)


def normal_email(email: str) -> str:
    """The address as it is compared: trimmed, lower case. Refused when it cannot be one."""
    email = email.strip().lower()
    local, at, host = email.rpartition("@")
    odd = any(character.isspace() or not character.isprintable() or character in '<>,;"' for character in email)
    if not (local and at and "." in host.strip(".")) or odd or len(email) > LONGEST_EMAIL or "@" in local:
        raise Refused("not_an_email")
    return email


def set_chart(
    session: Session,
    person: Person,
    *,
    manager: UUID | None,
    coordinator: UUID | None,
    team: str | None,
    external: bool,
) -> None:
    """Say whom the person works under and in which team. Refused when somebody would come to stand above himself."""
    set_manager(session, person, manager)
    if coordinator is not None:
        find_person(session, coordinator)
    person.coordinator_id = coordinator
    person.team = (team or "").strip() or None
    person.external = external
    session.flush()


def set_manager(session: Session, person: Person, manager: UUID | None) -> None:
    """Say who the person's manager is. Refused when that closes a circle."""
    if manager is not None:
        find_person(session, manager)
        if person.id in _line_above(session, manager):
            raise Refused("chart_circle")
    person.manager_id = manager
    session.flush()


def _line_above(session: Session, person_id: UUID) -> list[UUID]:
    """The person and everybody above, nearest first."""
    managers = {row.id: row.manager_id for row in session.execute(select(Person.id, Person.manager_id))}
    line: list[UUID] = []
    above: UUID | None = person_id
    while above is not None and above not in line:
        line.append(above)
        above = managers.get(above)
    return line


def appoint(session: Session, policy: Policy, person: Person, post: str, from_day: date) -> PostHolder:
    """Let the person hold a post of the policy from this day on.

    Refused by the policy's own rules, with their clause: a post that it does not know, one that asks somebody from
    outside or somebody employed, one whose seats are all taken; also twice the same.
    """
    role = policy.roles.get(post)
    if role is None or role.kind is not RoleKind.POST:
        raise Refused("unknown_post", {"post": post})
    label = role.label.in_(policy.procedure.languages[0]) if role.label else post
    values = {"post": label, "clause": ", ".join(role.source)}
    if role.external is not None and role.external != person.external:
        raise Refused("must_be_external" if role.external else "must_be_employed", values)
    holders = set(session.scalars(select(PostHolder.person_id).where(PostHolder.post == post, _reaches(from_day))))
    if person.id in holders:
        raise Refused("already_holds", values)
    if len(holders) >= role.seats:
        raise Refused("seats_taken", {**values, "seats": str(role.seats)})
    held = PostHolder(tenant_id=person.tenant_id, id=new_id(), person_id=person.id, post=post, from_day=from_day)
    session.add(held)
    session.flush()
    return held


def _reaches(day: date) -> ColumnElement[bool]:
    return or_(PostHolder.to_day.is_(None), PostHolder.to_day >= day)


def end_post(session: Session, post_holder_id: UUID, last_day: date) -> str:
    """Let somebody hold a post up to and including this day; its name. Ending before the first day undoes it."""
    held = session.scalar(select(PostHolder).where(PostHolder.id == post_holder_id))
    if held is None:
        raise NotFound("post_holder")
    if last_day < held.from_day:
        session.delete(held)
    else:
        held.to_day = last_day
    session.flush()
    return held.post


def record_absence(session: Session, person: Person, from_day: date, to_day: date | None) -> Absence:
    """Record that somebody is away; both days included, no last day while nobody knows it."""
    if to_day is not None and to_day < from_day:
        raise Refused("ends_before_it_begins")
    absence = Absence(tenant_id=person.tenant_id, id=new_id(), person_id=person.id, from_day=from_day, to_day=to_day)
    session.add(absence)
    session.flush()
    return absence


def end_absence(session: Session, absence_id: UUID, last_day: date) -> None:
    """Somebody is back after this day. Ending before the first day takes the absence back."""
    absence = session.scalar(select(Absence).where(Absence.id == absence_id))
    if absence is None:
        raise NotFound("absence")
    if last_day < absence.from_day:
        session.delete(absence)
    else:
        absence.to_day = last_day
    session.flush()


def declare_relative(session: Session, person: Person, relative_id: UUID) -> None:
    """Two people are family or partners: the policy may keep each out of what concerns the other. Twice is once."""
    find_person(session, relative_id)
    if relative_id == person.id:
        raise Refused("own_relative")
    if relative_id not in relatives_of(session, person.id):
        session.add(Relative(tenant_id=person.tenant_id, person_id=person.id, relative_id=relative_id))
        session.flush()


def relatives_of(session: Session, person_id: UUID) -> frozenset[UUID]:
    """Whom somebody is related to, whichever of the two declared it."""
    either = or_(Relative.person_id == person_id, Relative.relative_id == person_id)
    rows = session.scalars(select(Relative).where(either))
    return frozenset(row.relative_id if row.person_id == person_id else row.person_id for row in rows)


def end_relative(session: Session, person: Person, relative_id: UUID) -> None:
    """They are related no more, or never were."""
    pair = (person.id, relative_id)
    session.execute(delete(Relative).where(Relative.person_id.in_(pair), Relative.relative_id.in_(pair)))


def deactivate(session: Session, person: Person, today: date, now: datetime, by: UUID | None = None) -> None:
    """Somebody leaves today: no longer found by any rule, and everything by which he could get in ends at once.

    Refused for the last admin. The person stays in the files that name him.
    """
    if is_admin(session, person.id):
        end_admin(session, person.id, now, by)
    person.active_to = today
    for held in session.scalars(select(PostHolder).where(PostHolder.person_id == person.id, _reaches(today))):
        end_post(session, held.id, today)
    for below in session.scalars(select(Person).where(Person.manager_id == person.id)):
        below.manager_id = person.manager_id
    shut_out(session, person.id, now)


def reactivate(session: Session, person: Person) -> None:
    """Somebody works here again, or never left. Posts and a way in are given anew."""
    person.active_to = None
    session.flush()


def shut_out(session: Session, person_id: UUID, now: datetime) -> None:
    """End all sessions of somebody, his open links and his password."""
    for one in session.scalars(
        select(StaffSession).where(StaffSession.person_id == person_id, StaffSession.revoked_at.is_(None))
    ):
        one.revoked_at = now
    _drop_links(session, person_id)
    credential = session.scalar(select(Credential).where(Credential.person_id == person_id))
    if credential is not None:
        session.delete(credential)
    session.flush()


def _drop_links(session: Session, person_id: UUID) -> None:
    open_links = select(OneTimeLink).where(OneTimeLink.person_id == person_id, OneTimeLink.used_at.is_(None))
    for link in session.scalars(open_links):
        session.delete(link)


def make_admin(session: Session, person: Person, now: datetime, by: UUID | None) -> None:
    """Let somebody manage the organisation's settings; `by` is None when the platform does it."""
    if not is_admin(session, person.id):
        row = Admin(tenant_id=person.tenant_id, id=new_id(), person_id=person.id, granted_at=now, granted_by=by)
        session.add(row)
        session.flush()


def end_admin(session: Session, person_id: UUID, now: datetime, by: UUID | None) -> None:
    """Somebody no longer manages the settings. Refused for the last one, or nobody could."""
    # Locked in one order, so that of two admins who end each other one is told no.
    running = list(session.scalars(select(Admin).where(Admin.ended_at.is_(None)).order_by(Admin.id).with_for_update()))
    if {admin.person_id for admin in running} == {person_id}:
        raise Refused("last_admin")
    for admin in running:
        if admin.person_id == person_id:
            admin.ended_at, admin.ended_by = now, by
    session.flush()


def is_admin(session: Session, person_id: UUID) -> bool:
    """Whether somebody manages the organisation's settings now."""
    found = select(Admin.id).where(Admin.person_id == person_id, Admin.ended_at.is_(None))
    return session.scalar(found) is not None


@dataclass(frozen=True)
class Chart:
    """Who works here on a day, and the sealed names of everybody who ever did."""

    people: snapshot.People
    sealed_names: Mapping[UUID, bytes]

    def names(self, keyring: Keyring, tenant_id: UUID, ids: Iterable[UUID]) -> dict[UUID, str]:
        """The names of these people, opened; of who is unknown here, nothing."""
        sealer = keyring.for_tenant(tenant_id)
        wanted = {one: self.sealed_names[one] for one in ids if one in self.sealed_names}
        return {one: str(sealer.unseal(name, table="person", column="name", row=one)) for one, name in wanted.items()}


def directory(session: Session, tenant_id: UUID, day: date) -> snapshot.People:
    """Everybody active on this legal day, with posts and absences: what the engine asks. One query, no names."""
    return chart(session, tenant_id, day).people


def chart(session: Session, tenant_id: UUID, day: date) -> Chart:
    """The directory of this legal day with the sealed names of all, in one query."""
    rows = session.execute(CHART, {"tenant": tenant_id, "day": day}).all()
    here = [row for row in rows if row.active]
    posts: dict[str, tuple[UUID, ...]] = {}
    for _, _, post, person_id in sorted((*held, row.id) for row in here for held in row.posts or ()):
        posts[post] = (*posts.get(post, ()), person_id)
    persons = {
        row.id: snapshot.Person(
            row.id, row.manager_id, row.coordinator_id, row.team, row.external, tuple(row.relatives or ())
        )
        for row in here
    }
    away = frozenset(row.id for row in here if row.away)
    people = snapshot.People(persons, posts, away, {row.id: row.deputy for row in here if row.deputy})
    return Chart(people, {row.id: row.name for row in rows})


# Asked for every action and page, hence as text. `posts` have their first day and id, which give the order of holders.
CHART = text(
    """
    SELECT id, manager_id, coordinator_id, team, external, name,
        active_from <= :day AND (active_to IS NULL OR active_to > :day) AS active,
        gone.person_id IS NOT NULL AS away, gone.deputy, held.posts, kin.relatives
    FROM person LEFT JOIN (
        SELECT person_id, json_agg(json_build_array(from_day, id, post)) AS posts FROM post_holder
        WHERE tenant_id = :tenant AND from_day <= :day AND (to_day IS NULL OR to_day >= :day)
        GROUP BY person_id
    ) AS held ON held.person_id = person.id
    LEFT JOIN (
        SELECT person_id, (array_agg(deputy_id ORDER BY from_day, id) FILTER (WHERE deputy_id IS NOT NULL))[1] AS deputy
        FROM absence
        WHERE tenant_id = :tenant AND from_day <= :day AND (to_day IS NULL OR to_day >= :day)
        GROUP BY person_id
    ) AS gone ON gone.person_id = person.id
    LEFT JOIN (
        SELECT one, array_agg(other ORDER BY other) AS relatives FROM (
            SELECT person_id AS one, relative_id AS other FROM relative WHERE tenant_id = :tenant
            UNION SELECT relative_id, person_id FROM relative WHERE tenant_id = :tenant
        ) AS pairs GROUP BY one
    ) AS kin ON kin.one = person.id
    WHERE tenant_id = :tenant
    ORDER BY id
    """
)


def vacancies(policy: Policy, people: snapshot.People) -> tuple[str, ...]:
    """The posts without which the procedure cannot run and that nobody holds."""
    posts = (name for name, role in policy.roles.items() if role.kind is RoleKind.POST and role.required)
    return tuple(name for name in posts if not people.posts.get(name))


NAMES = text("SELECT id, name FROM person WHERE tenant_id = :tenant AND id = ANY(:ids)")


def names(session: Session, keyring: Keyring, tenant_id: UUID, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """The names of these people, in one query; also of those who have left."""
    wanted = set(ids)
    if not wanted:
        return {}
    sealer = keyring.for_tenant(tenant_id)
    rows = session.execute(NAMES, {"tenant": tenant_id, "ids": list(wanted)})
    return {row.id: str(sealer.unseal(row.name, table="person", column="name", row=row.id)) for row in rows}


def email_of(keyring: Keyring, person: Person) -> str | None:
    """Somebody's address, opened."""
    if person.email is None:
        return None
    return str(keyring.for_tenant(person.tenant_id).unseal(person.email, table="person", column="email", row=person.id))


def person_by_email(session: Session, keyring: Keyring, tenant_id: UUID, email: str) -> Person | None:
    """Who has this address here, if anybody."""
    try:
        hashed = keyring.address_hash(tenant_id, normal_email(email))
    except Refused:
        return None
    return session.scalar(select(Person).where(Person.tenant_id == tenant_id, Person.email_hash == hashed))
