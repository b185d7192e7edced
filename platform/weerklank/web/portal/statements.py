"""Privacy, accessibility and the rules of these pages: made from what is known of the organisation and its policy."""

from __future__ import annotations

from flask import g, render_template

from weerklank.correspondence import drafts
from weerklank.documents.sorts import MOST_BYTES, MOST_FILES_AT_ONCE
from weerklank.kernel.database import db
from weerklank.policy import privacy as told
from weerklank.policy.model import Asked
from weerklank.policy.show import Telling, asked, how_long
from weerklank.policy.words import written_in
from weerklank.tenancy.statements import paragraphs, words_on
from weerklank.web.access import Access, access
from weerklank.web.portal import blueprint
from weerklank.web.portal.landing import open_ways, policy_today
from weerklank.web.texts import language


@blueprint.get("/privacy")
@access(Access.PUBLIC)
def privacy() -> str:
    """Which particulars are kept, why, who reads them, how long, and what one can ask."""
    policy = policy_today()
    telling = Telling(policy, language())
    return render_template(
        "portal/privacy.html",
        policy=policy,
        own=own_text("privacy"),
        required=asked(telling, (Asked.REQUIRED,)),
        optional=asked(telling, (Asked.ASKED, Asked.OPTIONAL)),
        readers=told.readers(policy, language()),
        concerned=told.concerned(policy, language()),
        outside=told.outside(policy, language()),
        kept=how_long(telling),
        hours=drafts.HOURS,
        days=drafts.SAVED_DAYS,
    )


@blueprint.get("/accessibility")
@access(Access.PUBLIC)
def accessibility() -> str:
    """What was done so that everybody can use these pages, what was not, and where to tell that one cannot."""
    ways = list(open_ways(Telling(policy_today(), language())))
    return render_template("portal/accessibility.html", ways=ways, own=own_text("accessibility"))


@blueprint.get("/terms")
@access(Access.PUBLIC)
def terms() -> str:
    """What one can count on when using these pages, and what is asked of whoever does."""
    policy = policy_today()
    limits = {"most_files": MOST_FILES_AT_ONCE, "most_bytes": MOST_BYTES}
    return render_template("portal/terms.html", policy=policy, own=own_text("terms"), **limits)


def own_text(name: str) -> list[str]:
    """What the organisation itself says on such a page, in the reader's language or else its own, by paragraph."""
    said = words_on(db.session(), g.tenant, name)
    code = language() if said.get(language()) else g.tenant.locale
    return [written_in(each, code, language()) for each in paragraphs(str(said.get(code, "")))]
