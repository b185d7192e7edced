"""Where learning happens: one organisation on one instant, its policy and people, and how what happens is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy.orm import Session

from weerklank.cases.act import Engine, Refused
from weerklank.identity.people import directory
from weerklank.kernel import events, outbox
from weerklank.kernel.sealed import Erased
from weerklank.learning.model import Kind, Traced
from weerklank.policy.case import Case
from weerklank.policy.events import ActorKind
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import present
from weerklank.policy.words import Text
from weerklank.policy.world import World, calendar_of
from weerklank.tenancy import policies
from weerklank.tenancy.model import PolicyVersion

NOTICE = "learning_notice"  # the kind of job; its args are {"person", "word", "element"}
NO_CASE = Case(id=UUID(int=0))


@dataclass(frozen=True)
class Place:
    """An organisation at an instant (`now`, aware): the version in force, its calendar, the people of the day."""

    session: Session
    engine: Engine
    tenant_id: UUID
    version: PolicyVersion
    world: World
    now: datetime

    @property
    def today(self) -> date:
        """The legal day."""
        return self.world.day_of(self.now)

    def holders(self, role: str | None) -> tuple[UUID, ...]:
        """Who holds a role outside any case today: posts with their substitutes, and all staff."""
        return present(self.world, NO_CASE, role) if role and role in self.world.policy.roles else ()

    def among(self, roles: Iterable[str | None]) -> frozenset[UUID]:
        """Everybody who holds one of these roles today."""
        return frozenset(person for role in roles for person in self.holders(role))

    def only(self, person: UUID, roles: Iterable[str | None], rule: str, source: tuple[str, ...]) -> None:
        """Refuse, by this rule of the policy, whoever holds none of these roles."""
        given = [role for role in roles if role]
        if person not in self.among(given):
            refuse("not_your_step", rule, source, role=self.label(given[0]) if given else "-")

    def label(self, role: str) -> Text | str:
        """What people call a role."""
        return self.world.policy.roles[role].label or role.replace("_", " ")

    def read(self, row: Traced) -> dict[str, Any]:
        """The words of a row; none once they were struck or the key is gone."""
        if row.words is None:
            return {}
        sealer = self.engine.keyring.for_tenant(self.tenant_id)
        said = sealer.unseal_json(row.words, table=row.__tablename__, column="words", row=row.id)
        return {} if isinstance(said, Erased) else dict(said)

    def write(self, row: Traced, **words: Any) -> None:
        """Seal these words into the row, beside those that are there."""
        self.replace(row, self.read(row) | words)

    def replace(self, row: Traced, words: dict[str, Any]) -> None:
        """Seal these words in place of those that are there."""
        sealer = self.engine.keyring.for_tenant(self.tenant_id)
        row.words = sealer.seal_json(words, table=row.__tablename__, column="words", row=row.id)

    def record(self, row: Traced, kind: Kind, by: UUID | None, elements: Iterable[str], **open_part: Any) -> None:
        """Append what happened to the row's own chain in the trail, and write the row. No words go in."""
        draft = events.EventDraft(
            kind.value,
            (ActorKind.PERSON if by else ActorKind.PLATFORM).value,
            by,
            {"elements": list(elements), **open_part},
        )
        events.append(
            self.session,
            self.engine.keyring,
            self.engine.audit_key,
            tenant_id=self.tenant_id,
            case_id=row.id,
            expected_seq=row.seq,
            drafts=[draft],
            now=self.now,
        )
        row.seq += 1
        self.session.flush()

    def tell(self, row: Traced, word: str, element: str, people: Iterable[UUID]) -> None:
        """Mail these people, without content, that there is something for them; the trail says whom."""
        persons = sorted(set(people))
        self.record(row, Kind.TOLD, None, [element], word=word, persons=persons)
        outbox.enqueue_all(
            self.session,
            [
                outbox.JobDraft(
                    NOTICE,
                    f"learning:{row.id}:{row.seq}:{person}",
                    {"person": str(person), "word": word, "element": element},
                    max_attempts=outbox.FIVE_DAYS,
                )
                for person in persons
            ],
        )


def place_of(session: Session, engine: Engine, tenant_id: UUID, now: datetime) -> Place:
    """The organisation as it is at this instant. NotFound while it has no policy."""
    version = policies.in_force(session, tenant_id, now.date())
    policy = policies.policy_of(version)
    day = calendar_of(policy.calendar).day_of(now)
    return Place(session, engine, tenant_id, version, World.of(policy, directory(session, tenant_id, day)), now)


def refuse(code: str, rule: str, source: tuple[str, ...], **values: str | Text) -> NoReturn:
    """Say no: by which rule of the policy, and where that comes from."""
    raise Refused(Refusal(code, rule, source, values))


def past_day(place: Place, day: date, rule: str, source: tuple[str, ...]) -> None:
    """Refuse a day that is still to come for something that has happened."""
    if day > place.today:
        refuse("in_the_future", rule, source)


def needed(text: str, rule: str, source: tuple[str, ...]) -> str:
    """The words, refused when there are none."""
    if not text.strip():
        refuse("words_needed", rule, source)
    return text.strip()
