"""The admin's pages."""

import gzip
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.cast import PASSWORD, SMALL
from tests.conftest import Database
from tests.web.own import Own, make_own
from tests.web.pages import Page, Reader
from weerklank.cases.refresh import REFRESH
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.ids import new_id
from weerklank.kernel.outbox import Outbox
from weerklank.rehearsal.asked import REHEARSE
from weerklank.web.office import procedure
from weerklank.web.parts import NAME
from weerklank.workers.jobs import run_job

OTHER = SMALL.replace("within: 6 weeks", "within: 8 weeks")
EXTERNAL = OTHER.replace("    kind: post\n", "    kind: post\n    external: true\n", 1)
STORY = """
story: A letter is acknowledged within two working days
people:
  prins: {posts: quality_officer}
  dekker: {posts: board}
happenings:
  - at: 2026-03-06 16:00
    receive: {channel: letter, by: prins}
    expect:
      due: {acknowledge: 2026-03-10}
"""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'


@pytest.fixture
def own(app: Flask, web_database: Database) -> Own:
    return make_own(app, web_database)


@pytest.fixture
def dewi(own: Own) -> Reader:
    """Dewi, the admin, logged in."""
    return own.log_in("dewi")


def person_page(own: Own, dewi: Reader, who: str) -> Page:
    return dewi.get(f"/office/people/{getattr(own.cast, who)}")


def day(name: str, days: int = 0) -> dict[str, str]:
    """The three fields of a day so many days from now."""
    value = datetime.now(UTC).date() + timedelta(days=days)
    return {f"{name}-day": str(value.day), f"{name}-month": str(value.month), f"{name}-year": str(value.year)}


def test_it_opens_for_admins_only(own: Own) -> None:
    for path in ("/office/", "/office/people", "/office/procedure", "/office/look", f"/office/people/{own.cast.els}"):
        own.log_in("els").get(path, status=403)
        assert own.reader().get(path).heading == "Log in"


def test_it_tells_what_needs_attention(own: Own, dewi: Reader) -> None:
    assert "Nobody holds" not in dewi.get("/office/").text
    dewi.send(person_page(own, dewi, "bram"), action="/leave")
    assert "Nobody holds these posts quality officer" in dewi.get("/office/").text


def test_it_lists_people_with_posts_manager_and_marks(own: Own, dewi: Reader) -> None:
    rows = {row.text for row in dewi.get("/office/people").root.all("tr")}
    assert "Els Evers – Femke Faber –" in rows
    assert "Bram Bakker quality officer Dewi Dekker –" in rows
    assert "Hugo Haan – – – from outside cannot log in yet" in rows


def test_it_adds_somebody_and_mails_an_invitation(own: Own, dewi: Reader) -> None:
    values = {"name": "Iris Ivens", "email": "iris@example.nl", "manager": str(own.cast.femke), "invite": "yes"}
    page = dewi.send(dewi.get("/office/people/new"), values)
    assert page.heading == "Iris Ivens"
    with open_session(own.database.engine) as session, tenant_scope(session, own.id):
        assert session.execute(text("SELECT kind FROM outbox")).scalars().all() == ["link"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": ""}, "Fill in a name."),
        ({"name": "Iris", "email": "iris"}, "This is not an e-mail address"),
        ({"name": "Iris", "email": "els@example.nl"}, "Somebody here already has"),
        ({"name": "Iris", "invite": "yes"}, "cannot be invited"),
        ({"name": "Iris", "manager": str(new_id())}, "Choose one"),
        ({"name": "a\x00b"}, "cannot keep"),
    ],
)
def test_it_keeps_what_was_typed_and_says_what_is_wrong(
    own: Own, dewi: Reader, values: dict[str, str], sentence: str
) -> None:
    page = dewi.send(dewi.get("/office/people/new"), values, status=422)
    assert sentence in " ".join(page.errors())
    if values["name"] == "Iris":
        assert page.form().one("input", id="name").attributes["value"] == "Iris"


def test_it_changes_particulars_and_refuses_a_circle(own: Own, dewi: Reader) -> None:
    els = person_page(own, dewi, "els")
    page = dewi.send(els, {"name": "Els Evers-Kok", "team": "Oost"}, action="/particulars")
    assert page.heading == "Els Evers-Kok"
    femke = person_page(own, dewi, "femke")
    page = dewi.send(femke, {"manager": str(own.cast.els)}, action="/particulars", status=422)
    assert page.errors() == ["This person stands below, so cannot stand above too."]


def test_it_appoints_by_the_procedures_rules_and_ends_a_post(own: Own, dewi: Reader) -> None:
    page = dewi.send(person_page(own, dewi, "gijs"), {"post": "quality_officer"}, action="/posts", status=422)
    assert page.errors() == ["There can be no more than 1 at once as kwaliteitsmedewerker. End another one first."]
    bram = person_page(own, dewi, "bram")
    page = dewi.send(bram, action="/end")
    assert "The post ends today." in page.text
    page = dewi.send(
        person_page(own, dewi, "gijs"), {"post": "quality_officer", **day("post-from", 1)}, action="/posts"
    )
    assert "Appointed." in page.text


def test_it_names_the_clause_that_stands_in_the_way_of_an_appointment(own: Own, dewi: Reader) -> None:
    page = dewi.post(
        "/office/procedure/new", {"text": EXTERNAL, "do": "publish", **day("from"), "csrf_token": token_of(dewi)}
    )
    dewi.send(person_page(own, dewi, "bram"), action="/end")
    values = {"post": "quality_officer", **day("post-from", 1)}
    page = dewi.send(person_page(own, dewi, "gijs"), values, action="/posts", status=422)
    assert page.errors() == ["kwaliteitsmedewerker must be somebody from outside the organisation (art-4)."]
    assert "Appointed." in dewi.send(person_page(own, dewi, "hugo"), values, action="/posts").text


def token_of(reader: Reader) -> str:
    return next(reader.get("/office/procedure/new").form().all("input", name="csrf_token")).attributes["value"]


def test_it_records_who_is_away_and_back(own: Own, dewi: Reader) -> None:
    page = dewi.send(
        person_page(own, dewi, "bram"), {**day("away-from"), **day("away-to", -1)}, action="/absences", status=422
    )
    assert page.errors() == ["The last day lies before the first."]
    page = dewi.send(
        person_page(own, dewi, "bram"),
        {"away-from-day": "31", "away-from-month": "2", "away-from-year": "2026"},
        action="/absences",
        status=422,
    )
    assert "This day does not exist" in page.errors()[0]
    page = dewi.send(person_page(own, dewi, "bram"), day("away-from", -3), action="/absences")
    assert "until further notice" in page.text
    assert any("Bram" in row.text and "away" in row.text for row in dewi.get("/office/people").root.all("tr"))
    page = dewi.send(page, action="/absences/")
    assert "until further notice" not in page.text.split("Record an absence")[0]


def test_it_lets_open_work_follow_whoever_comes_goes_or_moves(own: Own, dewi: Reader) -> None:
    def jobs() -> int:
        with open_session(own.database.engine) as session, tenant_scope(session, own.id):
            return len(session.scalars(select(Outbox.id).where(Outbox.kind == REFRESH)).all())

    assert jobs() == 0
    page = dewi.send(person_page(own, dewi, "bram"), day("away-from"), action="/absences")
    dewi.send(page, action="/absences/")
    dewi.send(person_page(own, dewi, "bram"), action="/end")
    assert jobs() == 3


def test_it_makes_and_ends_administrators_but_keeps_the_last(own: Own, dewi: Reader) -> None:
    page = dewi.send(person_page(own, dewi, "dewi"), action="admin/end")
    assert "This is the last administrator" in page.text
    dewi.send(person_page(own, dewi, "els"), action="/admin")
    els = own.log_in("els")
    assert els.get("/office/").status == 200
    els.send(person_page(own, els, "dewi"), action="admin/end")
    dewi.get("/office/", status=403)


def test_it_shuts_out_who_leaves_at_once_and_lets_him_come_back(own: Own, dewi: Reader) -> None:
    els = own.log_in("els")
    page = dewi.send(person_page(own, dewi, "els"), action="/leave")
    assert "No longer works here" in page.text
    assert els.get("/account").heading == "Log in"
    page = dewi.send(page, action="come-back")
    assert "Cannot log in yet." in page.text


def test_it_demands_an_app_of_admins_before_anything_else_opens(own: Own, dewi: Reader) -> None:
    dewi.send(dewi.get("/office/"), action="second-factor")
    page = dewi.get("/office/people")
    assert page.heading == "My account"
    assert "Set it up first." in page.text
    assert own.log_in("els").get("/account").status == 200


def test_it_checks_a_procedure_and_shows_the_line_of_each_mistake(own: Own, dewi: Reader) -> None:
    wrong = SMALL.replace("owner: handler", "owner: hanlder")
    line = 1 + wrong[: wrong.index("owner: hanlder")].count("\n")
    page = dewi.send(dewi.get("/office/procedure/new"), {"text": wrong, "do": "check"})
    assert re.search(rf"Line {line}, character [0-9]+:", page.text)
    assert "owner: hanlder" in page.text
    page = dewi.send(page, {"do": "publish"}, status=422)
    assert page.errors() == ["There are mistakes in this procedure."]
    assert "hanlder" in page.form().one("textarea", id="text").text


def test_it_publishes_from_a_day_and_keeps_the_versions(own: Own, dewi: Reader) -> None:
    page = dewi.send(dewi.get("/office/procedure/new"), {"text": OTHER, "do": "publish", **day("from", 7)})
    assert "Version 2 is published" in page.text
    assert "A new version is waiting" in dewi.get("/office/").text
    downloaded = dewi.client.get(f"/{own.slug}/office/procedure/2")
    assert downloaded.text == OTHER
    assert "attachment" in downloaded.headers["Content-Disposition"]
    dewi.get("/office/procedure/3", status=404)


@pytest.mark.clause("KZ-D4")
def test_it_keeps_every_version_that_counted_readable_with_its_number(own: Own, dewi: Reader) -> None:
    dewi.send(dewi.get("/office/procedure/new"), {"text": OTHER, "do": "publish", **day("from")})
    dewi.send(dewi.get("/office/procedure/new"), {"text": SMALL, "do": "publish", **day("from", 7)})
    anybody = own.reader()
    page = anybody.get("/procedure")
    assert "Version 2, counts from" in page.text
    assert "This is an earlier version" not in page.text
    earlier = anybody.get("/procedure/1")
    assert "Version 1, counts from" in earlier.text
    assert "This is an earlier version" in earlier.text
    for number in ("3", "4"):
        anybody.get(f"/procedure/{number}", status=404)


def test_it_publishes_a_file_with_what_a_windows_editor_makes_of_it(own: Own, dewi: Reader) -> None:
    data = {
        "do": "publish",
        **day("from"),
        "csrf_token": token_of(dewi),
        "text": "",
        "file": (BytesIO(b"\xef\xbb\xbf" + OTHER.replace("\n", "\r\n").encode()), "policy.yaml"),
    }
    page = dewi.post("/office/procedure/new", data)
    assert "Version 2 is published" in page.text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"text": ""}, "Choose a file, or type the procedure."),
        ({"text": SMALL}, "already says exactly this"),
        ({"text": OTHER, **day("from", -2)}, "Choose today or a later day"),
        ({"text": OTHER, "from-day": "31", "from-month": "2"}, "does not exist"),
        ({"text": "\x00"}, "There are mistakes"),
        ({"text": "- ["}, "There are mistakes"),
        ({"text": "a" * 300_000}, "There are mistakes"),
    ],
)
def test_it_refuses_to_publish_and_loses_nothing(dewi: Reader, values: dict[str, str], sentence: str) -> None:
    page = dewi.send(dewi.get("/office/procedure/new"), {**day("from"), "do": "publish", **values}, status=422)
    assert sentence in " ".join(page.errors())


def carried_on(own: Own, tenants: Path) -> None:
    """What the workers do until nothing is left to try out."""
    platform = own.app.extensions[NAME]
    platform = replace(platform, settings=replace(platform.settings, tenants=tenants))
    waiting = select(Outbox.id).where(Outbox.kind == REHEARSE, Outbox.state == "pending")
    for _ in range(20):
        with open_session(own.database.engine) as session, tenant_scope(session, own.id):
            jobs = session.scalars(waiting).all()
        for job_id in jobs:
            assert run_job(platform, own.id, job_id, datetime.now(UTC))
        if not jobs:
            break
    platform.database.dispose()
    assert not jobs


def newest_run(dewi: Reader) -> str:
    """The address of what was tried last, as the page of the procedure links to it."""
    links = (str(one.attributes.get("href", "")) for one in dewi.get("/office/procedure").root.all("a"))
    return next(one for one in links if "/procedure/tried/" in one).removeprefix(dewi.base)


def test_it_plays_the_organisations_stories_while_one_does_something_else(
    own: Own, dewi: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / own.slug
    (folder / "stories").mkdir(parents=True)
    for number in range(5):
        (folder / "stories" / f"0{number}-acknowledged.yaml").write_text(STORY, encoding="utf-8")
    monkeypatch.setattr(procedure, "folder_here", lambda: folder)
    page = dewi.get("/office/procedure/new")
    assert "Play the stories" in page.text
    page = dewi.send(page, {"text": SMALL, "do": "stories"})
    assert "This is being tried out: 0 of 5." in page.text
    assert "0 of 5" in dewi.get("/office/procedure").text
    carried_on(own, tmp_path)
    found = newest_run(dewi)
    page = dewi.get(found)
    assert "Stories: 5 of 5 go as told" in page.text
    slower = SMALL.replace("within: 2 working_days", "within: 3 working_days")
    dewi.send(dewi.get("/office/procedure/new"), {"text": slower, "do": "stories"})
    carried_on(own, tmp_path)
    found = newest_run(dewi)
    page = dewi.get(found)
    assert "Stories: 0 of 5 go as told" in page.text
    assert "within: 3 working_days" in dewi.send(page).text
    with open_session(own.database.engine) as session, tenant_scope(session, own.id):
        assert session.execute(text("SELECT count(*) FROM tenant WHERE slug LIKE 'rehearsal%'")).scalar_one() == 0


def test_it_walks_every_case_and_says_what_it_found_in_the_readers_language(
    own: Own, dewi: Reader, tmp_path: Path
) -> None:
    stuck = SMALL.replace("when: {happened: sent.acknowledgement}", "when: {happened: done.close}")
    dewi.send(dewi.get("/office/procedure/new"), {"text": stuck, "do": "walk"})
    carried_on(own, tmp_path)
    found = newest_run(dewi)
    assert "nothing leads to closing any more" in dewi.get(found).text
    page = dewi.get(f"{found}?lang=nl").text
    assert "komen waar niets meer tot sluiten leidt" in page and "combinaties, elk met een behandelaar" in page


def test_it_tries_a_text_on_the_cases_there_are(own: Own, dewi: Reader, tmp_path: Path) -> None:
    dewi.send(dewi.get("/office/procedure/new"), {"text": SMALL, "do": "cases"})
    carried_on(own, tmp_path)
    found = newest_run(dewi)
    assert "Nothing would change." in dewi.get(found).text
    assert dewi.client.get(f"{dewi.base}/office/procedure/tried/{new_id()}").status_code == 404


def test_it_checks_a_text_with_mistakes_in_place_of_trying_it(dewi: Reader) -> None:
    page = dewi.get("/office/procedure/new")
    page = dewi.send(page, {"text": SMALL.replace("weerklank: 1", "werklank: 1"), "do": "walk"})
    assert "Mistakes:" in page.text and "being tried out" not in page.text


def test_it_saves_colours_one_can_read_and_refuses_others(own: Own, dewi: Reader) -> None:
    values = {"brand": "#5B2A6E", "on_brand": "#ffffff", "tint": "#f6f0f8", "accent": "#a8521a"}
    page = dewi.send(dewi.get("/office/look"), values, action="/look")
    assert page.form("/look").one("input", id="brand").attributes["value"] == "#5b2a6e"
    assert "--brand:#5b2a6e" in dewi.client.get(f"/{own.slug}/style-portal.css").text
    page = dewi.send(page, {"accent": "#ffd000"}, action="/look", status=422)
    assert page.errors() == [
        "#ffd000 cannot be seen well on #faf7f2: contrast 1.4 to 1, at least 4.5 is needed. #856c00 would do."
    ]
    page = dewi.send(page, {"accent": "red;}body{"}, action="/look", status=422)
    assert "This is not a colour" in page.errors()[0]


def test_it_shows_a_look_before_it_is_saved(own: Own, dewi: Reader) -> None:
    page = dewi.get("/office/look")
    page = dewi.send(page, {"brand": "#7a1f2b", "corners": "square", "voice": "plain", "do": "see"}, action="/look")
    assert page.text.count("This is how it looks") == 1
    drawn = page.response.text
    assert 'fill="#7a1f2b"' in drawn and 'rx="0"' in drawn
    assert "--brand:#7a1f2b" not in dewi.client.get(f"/{own.slug}/style-portal.css").text
    dewi.send(page, {"do": ""}, action="/look")
    sheet = dewi.client.get(f"/{own.slug}/style-portal.css").text
    assert "--brand:#7a1f2b" in sheet and "--corner:0;--voice:var(--plain)" in sheet


def test_the_sheet_travels_small(own: Own, dewi: Reader) -> None:
    address = f"/{own.slug}/style-portal.css"
    plain = dewi.client.get(address)
    small = dewi.client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert gzip.decompress(small.data) == plain.data
    assert small.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert small.headers["Vary"] == plain.headers["Vary"]


def test_it_hangs_a_plain_logo_and_refuses_one_that_can_do_something(own: Own, dewi: Reader) -> None:
    page = dewi.get("/office/look")
    page = dewi.send(page, action="/logo", files=[(SVG, "logo.svg")])
    address = re.findall(r'src="([^"]+logo-[^"]+)"', page.response.text)[0]
    answer = dewi.client.get(address)
    assert answer.data == SVG
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    evil = SVG.replace(b"<rect", b"<script>alert(1)</script><rect")
    page = dewi.send(page, action="/logo", files=[(evil, "logo.svg")], status=422)
    assert "holds more than plain shapes" in page.errors()[0]
    assert "Choose a file." in dewi.send(page, action="/logo", status=422).errors()


def test_it_is_not_found_with_another_organisations_ids(
    own: Own, dewi: Reader, app: Flask, web_database: Database
) -> None:
    carla = make_own(app, web_database).cast
    csrf = token_of(dewi)
    dewi.get(f"/office/people/{carla.els}", status=404)
    for path in (
        "/particulars",
        "/posts",
        "/absences",
        "/invite",
        "/admin",
        "/admin/end",
        "/forget-app",
        "/leave",
        "/come-back",
        f"/posts/{new_id()}/end",
        f"/absences/{new_id()}/end",
    ):
        dewi.post(f"/office/people/{carla.els}{path}", {"csrf_token": csrf, "name": "x"}, status=404)
    ours = f"/office/people/{own.cast.els}"
    dewi.post(f"{ours}/posts/{new_id()}/end", {"csrf_token": csrf}, status=404)
    values = {"csrf_token": csrf, "name": "Els", "email": "els@example.nl", "manager": str(carla.femke)}
    assert dewi.post(f"{ours}/particulars", values, status=422).errors() == ["Choose one of the answers."]


def test_it_writes_nothing_without_a_token(own: Own, dewi: Reader) -> None:
    answer = dewi.client.post(f"/{own.slug}/office/people/{own.cast.els}/leave")
    assert answer.status_code == 400
    assert own.log_in("els").get("/account").status == 200


def test_it_says_everything_in_dutch_too(own: Own) -> None:
    dewi = own.log_in("dewi", "nl")
    assert dewi.get("/office/").heading.startswith("Beheer van")
    assert dewi.get("/office/people").heading == "Mensen"
    assert dewi.get("/office/procedure").heading == "Regeling"
    assert dewi.get("/office/look").heading == "Uiterlijk"
    assert PASSWORD not in dewi.get("/account").response.text


def test_it_records_who_is_family_of_whom(own: Own, dewi: Reader) -> None:
    def family(page: Page) -> str:
        return page.text.split("Family and partners who work here")[1].split("Add somebody")[0]

    page = dewi.send(person_page(own, dewi, "bram"), {"relative": str(own.cast.els)}, action="/relatives")
    assert "Els Evers" in family(page)
    page = person_page(own, dewi, "els")
    assert "Bram Bakker" in family(page)
    assert "None." in family(dewi.send(page, action=f"/relatives/{own.cast.bram}/end"))


def test_it_leads_from_trouble_back_to_where_one_works(own: Own, dewi: Reader) -> None:
    assert "To the office" in dewi.get("/office/no-such-page", status=404).text
    assert "To the worklist" in own.log_in("els").get("/office/people", status=403).text


def test_it_says_what_a_trial_still_needs(own: Own, dewi: Reader) -> None:
    before = dewi.get("/office/").text
    assert "Write your procedure down done" in before and "Appoint somebody to each post done" in before
    assert "Give your pages your colours and logo to do" in before
    dewi.send(dewi.get("/office/look"), action="/logo", files=[(SVG, "logo.svg")])
    dewi.send(person_page(own, dewi, "bram"), action="/leave")
    after = dewi.get("/office/").text
    assert "Give your pages your colours and logo done" in after and "Appoint somebody to each post to do" in after
