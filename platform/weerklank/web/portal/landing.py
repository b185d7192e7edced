"""What happens when you complain, and the procedure in plain words: both made from the policy in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import abort, g, render_template

from weerklank.kernel.database import db
from weerklank.kernel.errors import NotFound
from weerklank.policy.course import HERE, stages
from weerklank.policy.model import Asked, Channel, ChannelKind, ChannelState, Policy
from weerklank.policy.phrases import Words
from weerklank.policy.show import Telling, asked, bodies, describe
from weerklank.tenancy.model import PolicyVersion, State
from weerklank.tenancy.policies import in_force, policy_of, versions
from weerklank.web.access import Access, access
from weerklank.web.parts import now
from weerklank.web.portal import blueprint
from weerklank.web.texts import HOME_ZONE, LANGUAGES, language

WRITTEN_TO = (ChannelKind.POST, ChannelKind.EMAIL)


@dataclass(frozen=True)
class Way:
    """A channel as the page shows it; `here`: it is the form of these very pages; `at`: it has an address to know;
    `calls`: it has a number to know.
    """

    name: str
    label: str
    help: str
    address: str
    link: str
    here: bool
    at: bool
    calls: bool


@dataclass(frozen=True)
class Shut:
    """A channel that is in maintenance: what its notice says, and which ways are open meanwhile."""

    label: str
    notice: str
    instead: tuple[str, ...]


def policy_today() -> Policy:
    """The policy in force today; sets the zone in which this request tells days. 404 while there is none."""
    require_approved()
    try:
        policy = policy_of(in_force(db.session(), g.tenant.id, now().astimezone(ZoneInfo(HOME_ZONE)).date()))
    except NotFound:
        abort(404)
    g.zone = ZoneInfo(policy.calendar.timezone)
    return policy


def require_approved() -> None:
    """404 for an organisation that signed up and was not let in yet."""
    if g.tenant.state == State.PENDING:
        abort(404)


def landing() -> str:
    """An organisation's first page."""
    policy = policy_today()
    telling = Telling(policy, language())
    return render_template(
        "portal/landing.html",
        policy=policy,
        form_channel=form_channel(policy),
        ways=list(open_ways(telling)),
        shut=list(shut_ways(telling)),
        stages=stages(policy, language()),
        bodies=bodies(telling)[1],
        asked=asked(telling, (Asked.REQUIRED,)),
        helped=policy.contact.representative != "no",
    )


def form_channel(policy: Policy) -> str | None:
    """The channel by which a complaint made on these pages comes in; None while the pages take none."""
    if not g.tenant.takes_complaints:
        return None
    named = policy.channels.items()
    return next((name for name, one in named if one.kind in HERE and one.state is ChannelState.OPEN), None)


def open_ways(words: Words) -> Iterator[Way]:
    """The channels that work now, this page first."""
    here = form_channel(words.policy)
    working = [item for item in words.policy.channels.items() if item[1].state is ChannelState.OPEN]
    for name, one in sorted(working, key=lambda item: item[0] != here):
        if one.kind not in HERE or name == here:
            called = words.text(one.question) or words.label(one, name)
            told = words.text(one.help)
            at, calls = one.kind in WRITTEN_TO, one.kind is ChannelKind.PHONE
            yield Way(name, called, told, address_of(one), link_of(one), name == here, at, calls)


def address_of(channel: Channel) -> str:
    """The channel's own address, for letters else the one the organisation gave when it signed up."""
    given = g.tenant.address if channel.kind is ChannelKind.POST else None
    return channel.address or ", ".join((given or "").splitlines())


def link_of(channel: Channel) -> str:
    """Where a click on the address goes, if anywhere."""
    if not channel.address:
        return ""
    match channel.kind:
        case ChannelKind.EMAIL:
            return f"mailto:{channel.address}"
        case ChannelKind.PHONE:
            return "tel:" + "".join(sign for sign in channel.address if sign.isdigit() or sign == "+")
        case ChannelKind.EXTERNAL_SITE:
            return channel.address if channel.address.startswith("https://") else f"https://{channel.address}"
    return ""


def shut_ways(words: Words) -> Iterator[Shut]:
    """The channels in maintenance, each with what to do instead."""
    channels = words.policy.channels
    for name, one in channels.items():
        if one.state is ChannelState.MAINTENANCE:
            instead = tuple(words.label(channels[other], other) for other in one.fallback)
            yield Shut(words.label(one, name), words.text(one.notice), instead)


@blueprint.get("/procedure")
@blueprint.get("/procedure/<int:number>")
@access(Access.PUBLIC)
def procedure(number: int | None = None) -> str:
    """The whole procedure in plain words: as it is in force, or an earlier version. 404 for one still to begin."""
    form_here, known = form_channel(policy_today()), begun()
    version = next((one for one in known if number in (None, one.number)), None)
    if version is None:
        abort(404)
    policy = policy_of(version)
    written = language() if language() in LANGUAGES else g.tenant.locale
    return render_template(
        "portal/procedure.html",
        policy=policy,
        version=version,
        versions=known,
        sections=describe(policy, written),
        written=written,
        form_channel=form_here,
    )


def begun() -> list[PolicyVersion]:
    """The versions that are or were in force, newest first; before the first one begins, that one."""
    every, today = versions(db.session(), g.tenant.id), now().astimezone(g.zone).date()
    return [one for one in every if one.in_force_from <= today] or every[-1:]
