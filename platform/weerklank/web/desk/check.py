"""Between filling in a form and saving it: a page that says what will follow, made of what saving writes down.

Without script. The form asks for it by its button (`do=check`); the page keeps what was typed and saves only what it
showed: when that is no longer what would follow, it is shown anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Response, g, make_response, render_template, request

from weerklank.cases import doors
from weerklank.cases.actions.verb import Action
from weerklank.cases.doors import UploadedFile
from weerklank.cases.preview import PostView, Preview, preview
from weerklank.correspondence.delivery import letter_ahead
from weerklank.correspondence.letters import Letter
from weerklank.kernel.database import db
from weerklank.policy.parties import LODGERS, PUBLISHED
from weerklank.web import texts
from weerklank.web.desk.here import Trouble, actor, attempt, carry_out, perform
from weerklank.web.forms import Form
from weerklank.web.parts import now, parts

OWN = ("csrf_token", "once", "do", "checked")  # fields of this page itself


@dataclass(frozen=True)
class Ahead:
    """What follows, and the letters that go out, as they will read."""

    preview: Preview
    letters: tuple[tuple[PostView, Letter], ...]


def to_change(form: Form) -> bool:
    """Whether somebody came back from the page to change what he typed."""
    return form.value("do") == "change"


def save_checked(
    case_id: UUID, action: Action | Sequence[Action], since: int | None, files: Sequence[UploadedFile], form: Form,
    done: str, again: Callable[[Trouble], str], title: str, *, away: bool = False,
) -> Response:
    """Save it as `carry_out` does; first show what follows if the form asks for that and anything does."""
    if form.value("do") == "check" or form.value("checked"):
        found = attempt(lambda: ahead_of(case_id, action, since, files), again, form)
        if isinstance(found, Response):
            return found
        if found.preview.says_something and found.preview.mark != form.value("checked"):
            db.session.rollback()
            return make_response(show(case_id, found, form, title))
    return carry_out(case_id, lambda: perform(case_id, action, since, files), done, again, form, away=away)


def ahead_of(
    case_id: UUID, action: Action | Sequence[Action], since: int | None, files: Sequence[UploadedFile]
) -> Ahead:
    """What would follow now, with nothing written."""
    session, engine = db.session(), parts().engine
    opened, acted, follows = doors.foretell(
        session, engine, g.tenant.id, case_id, action, actor(), now(), seen=since, files=files
    )
    g.zone = opened.world.zone
    found = preview(engine, g.tenant.id, opened, acted, follows, g.person.id, texts.language())
    roles = opened.world.policy.roles
    first = {post.name: post for post in reversed(found.messages) if roles[post.role].kind in LODGERS}
    base = parts().settings.base_url
    letters = ((post, letter_ahead(session, engine, g.tenant, opened, acted, post, base)) for post in first.values())
    return Ahead(found, tuple(letters))


def show(case_id: UUID, found: Ahead, form: Form, title: str) -> str:
    return render_template(
        "desk/check.html",
        case_id=case_id,
        title=title,
        found=found.preview,
        letters=found.letters,
        published=PUBLISHED,
        changed=bool(form.value("checked")),
        kept=[pair for pair in form.typed.items(multi=True) if pair[0] not in OWN],
        files=sorted({name for name, file in request.files.items(multi=True) if file.filename}),
        form=Form(),
    )
