"""Cases of a story that belong together: linked, merged and split, and how they then stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from weerklank.cases import combining
from weerklank.cases.act import Opened, read_words
from weerklank.cases.belonging import link_views
from weerklank.kernel.errors import NotFound
from weerklank.policy.case import Value
from weerklank.policy.restrictions import holding
from weerklank.rehearsal.model import Expect, Happening

if TYPE_CHECKING:
    from weerklank.rehearsal.player import Stage

JOINING = ("link", "unlink", "merge", "split")
NOBODY = UUID(int=0)


def belongs(happening: Happening) -> bool:
    """Whether this happening is about more than one case."""
    return any(getattr(happening, verb) is not None for verb in JOINING)


def join_cases(
    stage: Stage, happening: Happening, facts: Mapping[str, Value], texts: Mapping[str, str], now: datetime
) -> None:
    """Do it; a new case gets its name in the story."""
    case_id, actor = stage.case(happening.case), stage.actor(happening.by)
    where = (stage.session, stage.engine, stage.tenant.id, case_id)
    if happening.link:
        other = stage.case(happening.other) if happening.other else None
        combining.link(*where, happening.link, actor, now, other=other, number=happening.number or "")
    elif happening.unlink:
        combining.unlink(*where, _link(stage, happening, now), happening.reason, actor, now)
    elif happening.merge:
        combining.merge(*where, stage.case(happening.merge), actor, now, happening.text)
    elif happening.split:
        part = combining.Part(happening.text, facts, texts, happening.reason)
        stage.cases[happening.split] = combining.split(*where, part, actor, now)


def _link(stage: Stage, happening: Happening, now: datetime) -> UUID:
    """The newest link of that name, to the other case that is named."""
    other = stage.case(happening.other) if happening.other else None
    known = stage.opened(happening.case, now).case.links.items()
    found = [link_id for link_id, link in known if link.name == happening.unlink and link.case == other]
    if not found:
        raise NotFound("link")
    return found[-1]


def belonging(stage: Stage, opened: Opened, expect: Expect, now: datetime) -> Iterator[tuple[str, str]]:
    """What a story expects of links and restrictions."""
    events = read_words(stage.engine, stage.tenant.id, opened)
    links = list(link_views(stage.session, stage.tenant.id, opened, events, NOBODY, "nl"))
    for name, wanted in expect.links.items():
        found = {"rests" if link.rests else "runs" for link in links if link.name == name}
        if wanted not in found:
            yield "links", f"link {name} {' and '.join(sorted(found)) or 'is not there'}"
    rests = any(link.rests and link.back for link in links)
    if expect.rests is not None and expect.rests != rests:
        yield "rests", "this case rests" if rests else "this case does not rest"
    held = holding(opened.case, opened.world.day_of(now))
    if expect.restricted is not None and set(expect.restricted) != set(held):
        yield "restricted", f"what holds now is {', '.join(held) or 'nothing'}"
