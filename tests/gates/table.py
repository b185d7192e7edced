"""Who looks at which page and in which states. Every address that can be read stands here: `test_pages.py` holds it.

`Look("prins")` visits every address of a route that the links lead to, one for each word in it; with `path` it is
that address. `filled` is written into the page's form and sent: what then stands there is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """One visit. `who` has the browser, `state` says what is special about it, `status` is what comes back."""

    who: str
    state: str = ""
    path: str = ""
    filled: Mapping[str, str] | None = None
    status: int = 200
    shows_parts: bool = False  # the same part in several states, so that names stand there more than once
    beside: str = ""  # somebody who looks at the same route: what he comes to is left to him


# Who has a browser, whose pages are asked, and where the links are followed from.
STARTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "everybody": ("full", ("/",)),
    "stranger": ("", ("/",)),
    "fills in": ("full", ("/complain/check",)),
    "sent it": ("full", ("/complain/sent",)),
    "sends it": ("full", ("/complain/check",)),
    "follows received": ("full", ("/status/complaint",)),
    "follows triage": ("full", ("/status/complaint",)),
    "follows treatment": ("full", ("/status/complaint",)),
    "follows decided": ("full", ("/status/complaint",)),
    "follows measures": ("full", ("/status/complaint",)),
    "follows closed": ("full", ("/status/complaint",)),
    "saved it": ("full", ("/complain/saved",)),
    "follows asked": ("rare", ("/status/complaint",)),
    "follows answers": ("rare", ("/status/complaint",)),
    "visits": ("rare", ("/",)),
    "bram": ("rare", ("/desk/", "/desk/cases/{asked}")),
    "gijs": ("rare", ("/desk/",)),
    "prins": ("full", ("/desk/", "/desk/cases/{received}", "/office/")),
    "rijn": ("full", ("/desk/",)),
    "bos": ("full", ("/desk/",)),
    "smid": ("full", ("/desk/",)),
    "begin": ("empty", ("/desk/", "/office/")),
    "operator": ("", ("/console/",)),
}

# What is fetched or saved and is no page.
NO_PAGES = {
    "desk.complaint_form", "desk.download", "desk.export_register", "desk.raw_mail", "desk.report_figures",
    "desk.save_dossier", "desk.show_file", "manual.picture", "office.download", "portal.save_copy",
    "portal.save_confirmation", "portal.save_letter", "portal.save_own_file", "shared.healthz", "shared.logo",
    "shared.readyz", "shared.static", "shared.style",
}  # fmt: skip

FOLLOWS = tuple(Look(who) for who in STARTS if who.startswith("follows"))
BOTH = (Look("prins"), Look("begin", "empty"))

NOBODY = "00000000-0000-7000-8000-000000000000"

PAGES: Mapping[str, tuple[Look, ...]] = {
    "shared.front": (Look("everybody"), Look("stranger")),
    "portal.complain": (Look("everybody", path="/complain"),),
    "portal.fill_in": (
        Look("fills in"),
        Look("everybody", "empty", "/complain/story", filled={"story": ""}, status=422),
        Look("fills in", "wrong name", "/complain/you", filled={"name": "", "email": "anna@"}, status=422),
        Look("fills in", "wrong details", "/complain/details", filled={"fact-event_day-day": "40"}, status=422),
    ),
    "portal.sent": (Look("sends it", path="/complain/check", filled={}),),  # and, in Arabic, asks for a mail
    "manual.read": tuple(
        Look("everybody", name, f"/manual/{name}")
        for name in ("klager", "medewerker", "klachtenfunctionaris", "directie")
    ),
    "portal.privacy": (Look("everybody"),),
    "portal.terms": (Look("everybody"),),
    "portal.accessibility": (Look("everybody"),),
    "portal.question": (Look("follows answers"),),
    "portal.more_time": (Look("follows asked"),),
    "portal.lost_code": (Look("everybody", path="/status/lost"), Look("everybody", "wrong", "/status/lost", {}, 422)),
    "portal.go_on": (Look("everybody"), Look("everybody", "wrong", "/complain/go-on", {"code": "ABC"}, 422)),
    "portal.saved": (Look("saved it"),),
    "portal.disagree": (Look("follows closed"),),
    "portal.receipt": (Look("follows triage", path="/status/add", filled={"text": "Het gebeurde weer."}),),
    "portal.satisfied": (Look("follows closed"),),
    "portal.letter": (Look("follows closed"),),
    "portal.procedure": (Look("everybody"), Look("everybody", "old", "/procedure/1")),
    "portal.published": (Look("visits", path="/published"), Look("everybody", "empty", "/published")),
    "portal.published_item": (
        Look("visits", path="/published/{published}"),
        Look("everybody", "gone", f"/published/{NOBODY}", status=404),
    ),
    "portal.status": (Look("everybody"), Look("everybody", "wrong", "/status", filled={"code": "ABC"}, status=422)),
    "portal.overview": FOLLOWS,
    "portal.add": (Look("follows treatment"), Look("follows treatment", "wrong", "/status/add", {"text": ""}, 422)),
    "portal.copy": (Look("follows closed"), Look("follows treatment")),
    "portal.stop_complaint": (Look("follows treatment"),),
    "login.account": BOTH,
    "login.forgotten": (Look("everybody"), Look("everybody", "wrong", "/login/forgotten", {"email": "x"}, 422)),
    "login.link": (
        Look("visits", path="/link/{invitation}"),
        Look("visits", "wrong", "/link/{invitation}", {"password": "kort", "password-again": "anders"}, 422),
        Look("everybody", "gone", "/link/no-such-token", status=404),
    ),
    "login.log_in_page": (
        Look("everybody"),
        Look("everybody", "wrong", "/login", {"email": "prins@staatvandienst.example", "password": "fout"}, 422),
    ),
    "login.sign_up_page": (Look("stranger"), Look("stranger", "wrong", "/sign-up", {}, 422)),
    "desk.worklist": (*BOTH, Look("rijn"), Look("bos", "respondent")),
    "desk.case": (*(Look("prins", phase, f"/desk/cases/{{{phase}}}") for phase in (
        "received", "triage", "treatment", "decided", "measures", "closed"
    )), Look("rijn"), Look("gijs", "has a measure")),
    "desk.act": (
        Look("prins"),
        Look("rijn", beside="prins"),
        Look("prins", "wrong", "/desk/cases/{treatment}/note", {"text": ""}, 422),
        Look("bram", "what follows", "/desk/cases/{asked}/withdraw", {"sure": "yes", "reason": "Zij belde."}),
    ),
    "desk.step": (Look("prins"), Look("rijn", beside="prins")),
    "desk.history": (Look("prins"),),
    "desk.messages": (Look("prins", path="/desk/cases/{treatment}/messages"),),
    "desk.letter": (Look("prins"),),
    "desk.files": (Look("prins"),),
    "desk.dossier": (Look("prins"),),
    "desk.destruction": (
        Look("bram", path="/desk/cases/{old}/destruction"),
        Look("bram", "wrong", "/desk/cases/{old}/destruction", {"reason": ""}, 422),
        Look("bram", "sure", "/desk/cases/{old}/destruction", {"reason": "De termijn is voorbij."}),
        Look("prins", "not yet", "/desk/cases/{closed}/destruction", status=404),
    ),
    "desk.measure": (
        Look("gijs", path="/desk/cases/{answers}/measure/{measure}"),
        Look("smid", "not his", f"/desk/cases/{{measures}}/measure/{NOBODY}", status=404),
    ),
    "desk.own": (Look("bos", path="/desk/about-me"), Look("smid", "empty", "/desk/about-me")),
    "desk.board": (*BOTH,),
    "desk.calendar": (*BOTH,),
    "desk.tasks": (*BOTH,),
    "desk.narrow": (Look("prins", path="/desk/narrow"),),
    "desk.new_view": (Look("prins", path="/desk/views/new"),),
    "desk.print_cases": (Look("prins", path="/desk/print?case={treatment}"),),
    "desk.hand_over": (Look("prins"),),
    "desk.beside": (Look("prins"),),
    "desk.version": (
        Look("bram", path="/desk/cases/{asked}/version"),
        Look("bram", "wrong", "/desk/cases/{asked}/version", {"reason": ""}, 422),
        Look("prins", "no newer", "/desk/cases/{treatment}/version", status=404),
    ),
    "desk.duty": (Look("prins"),),
    "desk.export": (Look("prins"),),
    "desk.find": (Look("prins", path="/desk/find"),),
    "desk.inbox": BOTH,
    "desk.mail": (Look("prins"),),
    "desk.learning": BOTH,
    "desk.oversee": (Look("prins"),),
    "desk.letters": (Look("prins", path="/desk/letters"), Look("begin", "empty", "/desk/letters")),
    "desk.print_letters": (Look("prins", path="/desk/letters/print"),),
    "desk.measures": BOTH,
    "desk.people": BOTH,
    "desk.absence": BOTH,
    "desk.archive": BOTH,
    "desk.publication": BOTH,
    "desk.quality": BOTH,
    "desk.strike_text": (Look("prins"),),
    "desk.advice": BOTH,
    "desk.register": (Look("prins"), Look("prins", "wrong", "/desk/register", {}, 422)),
    "desk.registered": (Look("prins", path="/desk/registered"),),
    "desk.report": (Look("prins"),),
    "desk.report_step": (Look("prins"),),
    "desk.begin_report": (Look("bram"), Look("bram", "wrong", "/desk/reports/begin/interim", {}, 422)),
    "desk.search": (Look("prins"), Look("prins", "found", "/desk/search", {"words": "contactpersoon"}, 200)),
    "office.overview": BOTH,
    "office.hosts": BOTH,
    "office.look": (Look("prins"),),
    "office.mailbox": (Look("prins"), Look("prins", "wrong", "/office/mailbox", {}, 422)),
    "office.statements": BOTH,
    "office.statement": (Look("prins"),),
    "office.people": BOTH,
    "office.person": (Look("prins"),),
    "office.new_person": (Look("prins"), Look("prins", "wrong", "/office/people/new", {}, 422)),
    "office.procedure": (Look("prins"),),
    "office.write": (Look("prins"),),
    "office.tried": (Look("prins"),),
    "office.trail": BOTH,
    "office.trouble": BOTH,
    "console.organisations": (Look("operator"),),
    "console.organisation": (Look("operator"),),
    "console.health": (Look("operator"),),
    "console.gallery": (Look("operator", shows_parts=True),),
    "console.log_in": (Look("stranger", path="/console/login"), Look("stranger", "wrong", "/console/login", {}, 422)),
    "console.link": (
        Look("stranger", path="/console/link/{operator}"),
        Look("stranger", "gone", "/console/link/no-such-token", status=404),
    ),
}
