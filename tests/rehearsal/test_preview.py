"""What is said before saving is what saving does: held against the rows, over whole stories of every organisation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from weerklank.cases import doors
from weerklank.cases.act import Acted, Engine
from weerklank.cases.act import Refused as RefusedByPolicy
from weerklank.cases.actions.verb import Action
from weerklank.cases.model import CaseFile, CaseTask, Deadline, Message, MessageKind
from weerklank.cases.preview import PostView, Preview, preview
from weerklank.correspondence.delivery import letter_ahead, write_out
from weerklank.policy.apart import limits_of_message
from weerklank.policy.events import Actor
from weerklank.policy.parties import LODGERS
from weerklank.rehearsal import player
from weerklank.rehearsal.run import play_story, stories_of
from weerklank.tenancy.model import Tenant

TENANTS = sorted(path.parent for path in Path("tenants").glob("[a-z]*/policy.yaml"))
NOBODY = UUID(int=0)
Terms = dict[str, tuple[str, date | None]]


@dataclass
class Watch:
    """Stands at the door: asks what will follow, lets it happen, and looks at what was written."""

    perform: Callable[..., Acted]
    seen: int = 0
    sent: int = 0
    letters: int = 0
    moved: int = 0

    def __call__(
        self, session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, action: Action | Sequence[Action],
        actor: Actor, now: datetime, seen: int | None = None, files: Sequence[doors.UploadedFile] = (),
    ) -> Acted:  # fmt: skip
        values = (session, engine, tenant_id, case_id, action, actor, now)
        try:
            opened, acted, follows = doors.foretell(*values, files=files)
        except RefusedByPolicy as foretold:
            return self.refused(values, files, foretold)
        told = preview(engine, tenant_id, opened, acted, follows, actor.id or NOBODY, "nl")
        assert told.mark == preview(engine, tenant_id, opened, acted, follows, actor.id or NOBODY, "nl").mark
        tenant = session.get_one(Tenant, tenant_id)
        to_lodgers = [post for post in told.messages if opened.world.policy.roles[post.role].kind in LODGERS]
        letters = [
            (post, letter_ahead(session, engine, tenant, opened, acted, post, "http://here")) for post in to_lodgers
        ]
        terms = terms_of(session, case_id)
        done = self.perform(*values, files=files)
        self.seen += 1
        self.compare_messages(session, case_id, opened.case.seq, told, opened.world, now)
        self.compare_terms(terms, terms_of(session, case_id), told)
        compare_tasks(session, case_id, told)
        file = session.scalars(select(CaseFile).where(CaseFile.id == case_id)).one()
        assert told.phase is None or told.phase.value == file.phase
        for post, letter in letters:
            self.compare_letter(session, engine, tenant_id, case_id, post, letter, now)
        return done

    def refused(self, values: Any, files: Sequence[doors.UploadedFile], foretold: RefusedByPolicy) -> Acted:
        """What was refused before saving is refused on saving, by the same rule."""
        with pytest.raises(RefusedByPolicy) as found:
            self.perform(*values, files=files)
        assert found.value.refusal == foretold.refusal
        raise found.value

    def compare_messages(
        self, session: Session, case_id: UUID, before: int, told: Preview, world: Any, now: datetime
    ) -> None:
        query = select(Message).where(Message.case_id == case_id, Message.seq > before)
        rows = session.scalars(query.where(Message.kind == MessageKind.POLICY.value)).all()
        written = {(row.seq, row.name, row.role, row.person_id, row.copy, row.number) for row in rows}
        said = {(each.seq, each.name, each.role, each.person, each.copy, each.number) for each in told.messages}
        kept_apart = {
            name
            for name, message in world.policy.messages.items()
            if any(limits_of_message(world, doors.open_case(session, rows[0].tenant_id, case_id, now).case, message))
        } if written != said else set()  # fmt: skip
        assert said <= written
        assert {each for each in written - said if each[1] not in kept_apart} == set()
        self.sent += len(said)

    def compare_terms(self, before: Terms, after: Terms, told: Preview) -> None:
        changed = {term for term in before.keys() | after.keys() if before.get(term) != after.get(term)}
        assert {each.term for each in told.terms} == changed
        for each in told.terms:
            assert each.change == "gone" or after[each.term][1] == each.day
        self.moved += len(changed)

    def compare_letter(
        self, session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, post: PostView, letter: Any,
        now: datetime,
    ) -> None:  # fmt: skip
        query = select(Message.id).where(Message.case_id == case_id, Message.seq == post.seq, Message.name == post.name)
        message_id = session.scalars(query.where(Message.role == post.role, Message.number == post.number)).first()
        assert message_id is not None
        nested = session.begin_nested()
        out = write_out(session, engine, tenant_id, message_id, "http://here", "us@here", now)
        nested.rollback()
        assert out is not None
        assert out.letter.subject == letter.subject
        assert set(letter.paragraphs) <= set(out.letter.paragraphs)  # the mail adds a code or a line in his language
        self.letters += 1


def terms_of(session: Session, case_id: UUID) -> Terms:
    rows = session.scalars(select(Deadline).where(Deadline.case_id == case_id))
    session.expire_all()
    return {row.term: (row.state, row.due_on) for row in rows}


def compare_tasks(session: Session, case_id: UUID, told: Preview) -> None:
    rows = session.scalars(select(CaseTask).where(CaseTask.case_id == case_id, CaseTask.measure.is_(False))).all()
    people = [row.what for row in rows]
    for turn in told.turns:
        assert people.count(turn.step) == (0 if turn.gone else len(turn.people))


def longest(folder: Path) -> Path:
    """The story of a folder in which most happens."""
    return max(stories_of(folder), key=lambda path: path.stat().st_size)


@pytest.mark.parametrize("folder", TENANTS, ids=lambda folder: folder.name)
def test_it_says_before_saving_what_saving_does(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(doors.perform)
    monkeypatch.setattr(player.doors, "perform", watch)
    assert play_story(database.engine, folder, longest(folder)).differences == ()
    assert watch.seen > 5
    assert watch.sent
    assert watch.letters
    assert watch.moved
