"""The operator's pages."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from tests.cast import PASSWORD
from tests.conftest import Database
from tests.web.console.operators import an_operator, operator_link
from tests.web.own import Own, make_own
from tests.web.pages import OpenReader, Reader
from weerklank.identity.model import PostHolder
from weerklank.identity.people import end_post
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.ids import new_id
from weerklank.web.access import Access, declared


@pytest.fixture
def own(app: Flask, web_database: Database) -> Own:
    return make_own(app, web_database)


@pytest.fixture
def operator(app: Flask, web_database: Database) -> Reader:
    return an_operator(app, web_database)


def move(operator: Reader, own: Own, name: str, reason: str = "", status: int = 200) -> str:
    page = operator.get(f"/console/organisations/{own.slug}")
    values = {f"reason-{name}": reason} if reason else {}
    values |= {"sure-end": own.slug} if name == "end" else {}
    return operator.send(page, values, action=f"/{name}", status=status).text


def find(operator: Reader, name: str) -> str:
    return operator.send(operator.get("/console/"), {"name": name}, action="/console/").text


def test_it_lists_the_organisations_with_their_state(operator: Reader, own: Own) -> None:
    assert "1 to " in operator.get("/console/").text
    assert "Staatvandienst" in find(operator, "STAATvan")
    assert f"Organisation {own.slug} trial" in find(operator, own.slug)
    assert "There are none here" in find(operator, "nobody at all")
    operator.language = "nl"
    assert "Abonnement proef" in operator.get(f"/console/organisations/{own.slug}").text


def test_it_shows_those_in_one_state(operator: Reader, own: Own) -> None:
    move(operator, own, "suspend", "rekening niet betaald")
    assert own.slug in operator.get("/console/?state=suspended").text
    assert own.slug not in operator.get("/console/?state=ended").text
    operator.get("/console/?state=angry", status=404)
    operator.get("/console/?page=99", status=404)


def test_it_suspends_with_a_reason_and_resumes(operator: Reader, own: Own) -> None:
    assert "Give a reason." in move(operator, own, "suspend", status=422)
    text = move(operator, own, "suspend", "rekening niet betaald")
    assert "Suspended. Terms and status pages go on." in text
    assert "from trial to suspended rekening niet betaald" in text
    dewi = own.log_in("dewi")
    assert "The organisation is suspended" in dewi.get("/office/").text
    assert own.reader().get("/status").status == 200
    assert "Resumed." in move(operator, own, "resume")
    assert "The organisation is suspended" not in dewi.get("/office/").text


def test_it_makes_live_only_what_has_no_open_questions(operator: Reader, own: Own) -> None:
    assert "The organisation is live." in move(operator, own, "activate")
    page = operator.get("/console/organisations/staatvandienst")
    page = operator.send(page, action="/activate", status=422)
    assert page.errors() == ["There are still questions to answer before this procedure can be live."]


@pytest.mark.clause("MEP-T0", "GW-T0")
def test_it_makes_live_only_when_somebody_holds_every_post_that_is_needed(operator: Reader, own: Own) -> None:
    with open_session(own.database.engine) as session, tenant_scope(session, own.id):
        for held in session.scalars(select(PostHolder.id).where(PostHolder.post == "quality_officer")).all():
            end_post(session, held, datetime.now(UTC).date() - timedelta(days=1))
        session.commit()
    assert move(operator, own, "activate", status=422).count("cannot do without somebody in this post: quality officer")
    operator.language = "nl"
    page = operator.get(f"/console/organisations/{own.slug}")
    assert operator.send(page, action="/activate", status=422).errors() == [
        "De regeling kan niet zonder iemand op deze post: kwaliteitsmedewerker."
    ]


def test_it_ends_for_good(operator: Reader, own: Own) -> None:
    assert "Ended." in move(operator, own, "end", "opgezegd")
    assert "What you can do Nothing." in operator.get(f"/console/organisations/{own.slug}").text
    own.reader().get("/office/", status=403)


def test_it_ends_nothing_before_its_name_was_typed_once_more(operator: Reader, own: Own) -> None:
    page = operator.get(f"/console/organisations/{own.slug}")
    for typed in ("", "staatvandienst"):
        values = {"reason-end": "opgezegd", "sure-end": typed}
        again = operator.send(page, values, action="/end", status=422)
        assert again.errors() == [f"Type {own.slug} to confirm: there is no way back."]
        assert "opgezegd" in str(next(again.root.all("input", name="reason-end")).attributes["value"])
    assert "trial" in operator.get("/console/").text


def test_it_tells_one_of_two_operators_that_the_other_was_first(app: Flask, web_database: Database, own: Own) -> None:
    first, second = an_operator(app, web_database), an_operator(app, web_database)
    page = second.get(f"/console/organisations/{own.slug}")
    move(first, own, "suspend", "reden")
    page = second.send(page, {"reason-suspend": "reden"}, action="/suspend", status=422)
    assert page.errors() == ["This cannot be done as the organisation stands now. Load the page again."]


def test_it_asks_everybody_else_to_log_in(reader: OpenReader, own: Own) -> None:
    for path in ("/console/", f"/console/organisations/{own.slug}"):
        assert reader("").get(path).heading == "Log in as operator"


def test_it_has_no_page_below_an_organisation(reader: OpenReader) -> None:
    for path in ("/console/", "/console/login"):
        reader("staatvandienst").get(path, status=404)


def test_it_answers_404_to_an_organisation_that_is_none(operator: Reader) -> None:
    operator.get("/console/organisations/nobody", status=404)
    page = operator.get("/console/organisations/staatvandienst")
    token = next(page.form().all("input", name="csrf_token")).attributes["value"]
    operator.post("/console/organisations/staatvandienst/steal", {"csrf_token": token}, status=404)


def test_it_says_the_same_to_an_unknown_name_and_a_wrong_password(reader: OpenReader, app: Flask) -> None:
    visitor = reader("")
    page = visitor.send(visitor.get("/console/login"), {"username": "niemand", "password": PASSWORD}, status=422)
    assert page.errors() == ["This combination is not right. Check user name and password."]


def test_it_makes_an_operator_once_by_a_link(reader: OpenReader, web_database: Database) -> None:
    visitor, token = reader(""), operator_link(web_database)
    page = visitor.get(f"/console/link/{token}")
    values = {"username": "Jan Jansen", "password": PASSWORD, "password-again": PASSWORD}
    page = visitor.send(page, values, status=422)
    assert "three to forty small letters" in page.errors()[0]
    page = visitor.send(page, {**values, "username": "op-once", "password-again": "anders"}, status=422)
    assert page.errors() == ["This is not the same password as above."]
    visitor.send(page, {**values, "username": "op-once"})
    assert visitor.get(f"/console/link/{token}", status=404).heading == "This link does not work any more"


def test_it_opens_no_file_of_any_organisation(app: Flask, operator: Reader, own: Own) -> None:
    """Every page of staff, admin and complainant turns an operator away; no page of operators takes a case's id."""
    of_operators = [
        rule for rule in app.url_map.iter_rules() if declared(app.view_functions[rule.endpoint]) is Access.OPERATOR
    ]
    assert {argument for rule in of_operators for argument in rule.arguments} <= {"slug", "name"}
    closed = (Access.STAFF, Access.ADMIN, Access.COMPLAINANT)
    walked = 0
    for rule in app.url_map.iter_rules():
        if declared(app.view_functions[rule.endpoint]) not in closed or "GET" not in (rule.methods or ()):
            continue
        values = {name: some_value(converter) for name, converter in rule._converters.items()}
        path = app.url_map.bind("localhost").build(rule.endpoint, {**values, **(rule.defaults or {})})
        answer = operator.client.get(f"/{own.slug}{path}")
        assert answer.status_code in (302, 401, 403, 404), rule
        assert answer.status_code != 302 or "/login" in answer.location or "/status" in answer.location, rule
        walked += 1
    assert walked >= 8


def some_value(converter: object) -> object:
    made: dict[str, object] = {"UUIDConverter": new_id(), "IntegerConverter": 1}
    return made.get(type(converter).__name__) or sorted(getattr(converter, "items", [str(UUID(int=0))]))[0]


def test_it_logs_out(operator: Reader) -> None:
    operator.send(operator.get("/console/organisations/staatvandienst"), action="/activate", status=422)
    page = operator.get("/console/")
    token = next(page.root.all("input", name="csrf_token")).attributes["value"]
    operator.post("/console/logout", {"csrf_token": token})
    assert operator.get("/console/").heading == "Log in as operator"
