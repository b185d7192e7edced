"""Forms about who complains and what belongs together: representatives, linked and merged cases, restrictions."""

from __future__ import annotations

from uuid import UUID

from flask import abort, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from weerklank.cases import combining
from weerklank.cases import worklist as lists
from weerklank.cases.act import open_case, read_words
from weerklank.cases.actions.parties import Join, Represent
from weerklank.cases.actions.restrict import Lift, Restrict
from weerklank.cases.actions.verb import Action
from weerklank.cases.codes import replace_code
from weerklank.cases.combining import Part
from weerklank.cases.labels import texts_of
from weerklank.cases.view import CaseView
from weerklank.cases.walls import reader
from weerklank.kernel.database import db
from weerklank.web.answers import read_day, read_party
from weerklank.web.desk.act import Act, Deed, reason
from weerklank.web.desk.here import actor, today
from weerklank.web.desk.steps import LONGEST_REASON, LONGEST_TEXT
from weerklank.web.forms import Form
from weerklank.web.parts import now, parts
from weerklank.web.portal.sessions import end_sessions_of

LONGEST_NUMBER = 100


def read_representative(form: Form, view: CaseView, about: str) -> Action:
    acting = form.choice("acting", ("acts", "helps", "nobody"), required=_("Choose who acts for the complainant."))
    if acting == "nobody":
        return Represent({})
    return Represent(read_party(form, "party", _("Fill in a name.")), helps=acting == "helps")


def read_joining(form: Form, view: CaseView, about: str) -> Action:
    return Join(read_party(form, "party", _("Fill in a name.")))


def read_new_code(form: Form, view: CaseView, about: str) -> Deed:
    how = form.text("reason", most=LONGEST_REASON, lines=True, required=_("Write how you saw who it is."))
    if not form.ticked("checked"):
        form.fail("checked", _("Tick this box once you have checked who it is."))

    def replace() -> None:
        replace_code(db.session(), parts().engine, g.tenant.id, view.case_id, how, actor(), now())
        end_sessions_of(db.session(), view.case_id, now())

    return replace


def read_link(form: Form, view: CaseView, about: str) -> Deed:
    named = {name: outside for name, label, outside in view.can_link}
    name = form.choice("link", list(named), required=_("Choose how they belong together.")) or ""
    number = form.text("number", most=LONGEST_NUMBER, required=_("Fill in the reference or number."))
    other = None if named.get(name, True) or not number else other_case(form, number)
    known = number if named.get(name) else ""
    return lambda: combining.link(
        db.session(), parts().engine, g.tenant.id, view.case_id, name, actor(), now(), other=other, number=known
    )


def other_case(form: Form, number: str) -> UUID | None:
    """The case with this reference that whoever is logged in may see."""
    mine = reader(db.session(), g.tenant.id, g.person.id, today())
    found = lists.by_reference(db.session(), g.tenant.id, mine, number) if number.isprintable() else None
    if found is None:
        form.fail("number", _("There is no case with this reference that you can see."))
    return found


def is_offered(view: CaseView, name: str, about: str) -> bool:
    """Whether there is anything for this form to choose from, or to take away."""
    match name:
        case "link":
            return bool(view.can_link)
        case "restrict":
            return bool(view.can_restrict)
        case "unlink":
            return any(str(each.id) == about for each in view.links)
        case "lift":
            return any(each.name == about for each in view.restrictions)
        case _:
            return True


def read_unlinking(form: Form, view: CaseView, about: str) -> Deed:
    link = next((each.id for each in view.links if str(each.id) == about), None) or abort(404)
    why = reason(form)
    return lambda: combining.unlink(db.session(), parts().engine, g.tenant.id, view.case_id, link, why, actor(), now())


def read_merging(form: Form, view: CaseView, about: str) -> Deed:
    number = form.text("number", most=LONGEST_NUMBER, required=_("Fill in the reference or number."))
    into = other_case(form, number) if number else None
    text = form.text("text", most=LONGEST_TEXT, lines=True)
    return lambda: combining.merge(
        db.session(), parts().engine, g.tenant.id, view.case_id, into or abort(404), actor(), now(), text
    )


def read_splitting(form: Form, view: CaseView, about: str) -> Deed:
    story = form.text("story", most=LONGEST_TEXT, lines=True, required=_("Write which part becomes a case of its own."))
    chosen = form.choices("facts", [each.name for each in view.facts])
    opened = open_case(db.session(), g.tenant.id, view.case_id, now())
    words = texts_of(read_words(parts().engine, g.tenant.id, opened))
    facts = {name: value for name, value in opened.case.facts.items() if name in chosen}
    texts = {name: said for name, said in words.items() if name in chosen and name not in facts}
    part = Part(story, facts, texts, form.text("text", most=LONGEST_TEXT, lines=True))

    def split() -> None:
        combining.split(db.session(), parts().engine, g.tenant.id, view.case_id, part, actor(), now())

    return split


def read_restriction(form: Form, view: CaseView, about: str) -> Action:
    names = [name for name, label in view.can_restrict]
    name = form.choice("restriction", names, required=_("Choose which restriction."))
    until = read_day(form, "until", required=_("Fill in until which day."))
    return Restrict(name or "", until or view.received_on, reason(form))


def read_lifting(form: Form, view: CaseView, about: str) -> Action:
    return Lift(next((each.name for each in view.restrictions if each.name == about), None) or abort(404), reason(form))


TOGETHER: dict[str, Act] = {
    "represent": Act(
        lazy_gettext("Who acts for the complainant"),
        lazy_gettext("Letters to the complainant go to whoever acts for him from now on, and name the complainant."),
        lazy_gettext("Save"),
        lazy_gettext("It is registered who acts for the complainant."),
        read_representative,
    ),
    "join": Act(
        lazy_gettext("Add a complainant"),
        lazy_gettext("Somebody complains along. The first complainant speaks for all; everybody gets the letters."),
        lazy_gettext("Add"),
        lazy_gettext("The complainant has been added."),
        read_joining,
    ),
    "code": Act(
        lazy_gettext("The secret code was lost"),
        lazy_gettext(
            "The complainant gets another code in the way he or she hears from us. The old code works no more. Whoever"
            " holds the code can read everything, so be sure who asks for it."
        ),
        lazy_gettext("Send a new code"),
        lazy_gettext("A new code is on its way. The old one works no more."),
        read_new_code,
    ),
    "link": Act(
        lazy_gettext("Link to another case"),
        lazy_gettext("Both cases show it; only who may see both can go from one to the other."),
        lazy_gettext("Link"),
        lazy_gettext("They are linked."),
        read_link,
    ),
    "unlink": Act(
        lazy_gettext("Take a link away"),
        lazy_gettext("It was a mistake. What was there before stays readable in the file."),
        lazy_gettext("Take the link away"),
        lazy_gettext("The link is gone."),
        read_unlinking,
    ),
    "merge": Act(
        lazy_gettext("Merge with another case"),
        lazy_gettext("This case closes and refers to the other. Its complainant is told, and complains along there."),
        lazy_gettext("Merge"),
        lazy_gettext("This case goes on in the other one."),
        read_merging,
    ),
    "split": Act(
        lazy_gettext("Split off a part"),
        lazy_gettext("It becomes a case with a reference of its own. The day of receipt stays the same."),
        lazy_gettext("Split off"),
        lazy_gettext("The part is a case of its own now."),
        read_splitting,
    ),
    "restrict": Act(
        lazy_gettext("Restrict contact"),
        lazy_gettext("Only for unreasonable conduct. The complainant is told, with your reason and the last day."),
        lazy_gettext("Restrict contact"),
        lazy_gettext("Contact is restricted, and the complainant is told."),
        read_restriction,
    ),
    "lift": Act(
        lazy_gettext("Lift a restriction"),
        lazy_gettext("Contact is open again from now on."),
        lazy_gettext("Lift it"),
        lazy_gettext("The restriction is lifted."),
        read_lifting,
    ),
}
