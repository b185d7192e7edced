"""Who works where, holds which post and is away."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from tests.cast import NOW, SMALL, START, TODAY, Cast, hire, let_in, small_policy
from tests.conftest import Organisation
from weerklank.identity.login import session_of
from weerklank.identity.people import (
    add_person,
    appoint,
    deactivate,
    declare_relative,
    directory,
    email_of,
    end_absence,
    end_admin,
    end_post,
    end_relative,
    find_person,
    is_admin,
    make_admin,
    names,
    person_by_email,
    record_absence,
    relatives_of,
    rename,
    set_manager,
    vacancies,
)
from weerklank.kernel.database import tenant_scope
from weerklank.kernel.errors import NotFound, Refused
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.policy.reader import load_version

DAY = timedelta(days=1)
EXTERNAL = load_version(SMALL.replace("    kind: post\n", "    kind: post\n    external: true\n", 1))
EMPLOYED = load_version(SMALL.replace("    kind: post\n", "    kind: post\n    external: false\n", 1))


@pytest.fixture
def session(app_session: Session, tenant: Organisation) -> Iterator[Session]:
    with tenant_scope(app_session, tenant.id):
        yield app_session


@pytest.fixture
def cast(session: Session, keyring: Keyring, tenant: Organisation) -> Cast:
    return hire(session, keyring, tenant.id)


def refusal(function: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    with pytest.raises(Refused) as caught:
        function(*arguments, **named)
    return caught.value.code


def test_it_tells_the_engine_who_works_here_and_how_they_stand_to_each_other(
    session: Session, tenant: Organisation, cast: Cast
) -> None:
    found = directory(session, tenant.id, TODAY)
    assert found.persons.keys() == {cast.bram, cast.dewi, cast.els, cast.femke, cast.gijs, cast.hugo}
    assert found.persons[cast.els].manager == cast.femke
    assert found.persons[cast.hugo].external
    assert found.posts == {"quality_officer": (cast.bram,), "board": (cast.dewi,)}
    assert found.colleagues(cast.els) == (cast.gijs,)


def test_it_makes_the_directory_with_one_query_whatever_the_number_of_people(
    session: Session, keyring: Keyring, tenant: Organisation, cast: Cast
) -> None:
    for number in range(20):
        add_person(session, keyring, tenant.id, name=f"Medewerker {number}", email=None, today=START)
    asked: list[str] = []
    listener = lambda *given: asked.append(given[2])  # noqa: E731 - the event hands over six things, of which one counts
    event.listen(session.get_bind(), "before_cursor_execute", listener)
    directory(session, tenant.id, TODAY)
    event.remove(session.get_bind(), "before_cursor_execute", listener)
    assert len(asked) == 1


def test_it_finds_a_post_holder_from_the_first_to_the_last_day(
    session: Session, tenant: Organisation, cast: Cast
) -> None:
    femke = find_person(session, cast.femke)
    held = appoint(
        session,
        load_version(SMALL.replace("    kind: post\n", "    kind: post\n    seats: 2\n", 1)),
        femke,
        "quality_officer",
        TODAY,
    )
    end_post(session, held.id, TODAY + DAY)
    holders = [directory(session, tenant.id, TODAY + n * DAY).posts["quality_officer"] for n in (-1, 0, 1, 2)]
    assert holders == [(cast.bram,), (cast.bram, cast.femke), (cast.bram, cast.femke), (cast.bram,)]


def test_it_takes_back_an_appointment_that_ends_before_it_began(
    session: Session, tenant: Organisation, cast: Cast
) -> None:
    gijs = find_person(session, cast.gijs)
    policy = load_version(SMALL.replace("    kind: post\n", "    kind: post\n    seats: 2\n", 1))
    held = appoint(session, policy, gijs, "quality_officer", TODAY)
    end_post(session, held.id, TODAY - DAY)
    assert directory(session, tenant.id, TODAY).posts["quality_officer"] == (cast.bram,)


def test_it_counts_somebody_absent_on_both_ends_of_an_absence_and_not_around_it(
    session: Session, tenant: Organisation, cast: Cast
) -> None:
    record_absence(session, find_person(session, cast.bram), TODAY, TODAY + DAY)
    away = [cast.bram in directory(session, tenant.id, TODAY + n * DAY).absent for n in (-1, 0, 1, 2)]
    assert away == [False, True, True, False]


def test_it_counts_somebody_absent_without_end_until_he_is_back(
    session: Session, tenant: Organisation, cast: Cast
) -> None:
    absence = record_absence(session, find_person(session, cast.bram), TODAY, None)
    assert cast.bram in directory(session, tenant.id, TODAY + 1000 * DAY).absent
    end_absence(session, absence.id, TODAY)
    assert cast.bram not in directory(session, tenant.id, TODAY + DAY).absent


def test_it_refuses_an_absence_that_ends_before_it_begins(session: Session, cast: Cast) -> None:
    assert (
        refusal(record_absence, session, find_person(session, cast.bram), TODAY, TODAY - DAY) == "ends_before_it_begins"
    )


def test_it_refuses_an_employee_where_the_clause_asks_somebody_from_outside(session: Session, cast: Cast) -> None:
    with pytest.raises(Refused) as caught:
        appoint(session, EXTERNAL, find_person(session, cast.gijs), "quality_officer", TODAY)
    assert caught.value.code == "must_be_external"
    assert caught.value.values == {"post": "kwaliteitsmedewerker", "clause": "art-4"}


def test_it_refuses_somebody_from_outside_where_the_clause_asks_an_employee(session: Session, cast: Cast) -> None:
    code = refusal(appoint, session, EMPLOYED, find_person(session, cast.hugo), "quality_officer", TODAY)
    assert code == "must_be_employed"


def test_it_appoints_either_where_the_clause_says_nothing(
    session: Session, keyring: Keyring, tenant: Organisation
) -> None:
    cast = hire(session, keyring, tenant.id, appointed=False)
    appoint(session, small_policy(), find_person(session, cast.hugo), "quality_officer", TODAY)
    appoint(session, small_policy(), find_person(session, cast.els), "board", TODAY)
    assert directory(session, tenant.id, TODAY).posts == {"quality_officer": (cast.hugo,), "board": (cast.els,)}


def test_it_refuses_more_holders_than_a_post_has_seats(session: Session, cast: Cast) -> None:
    code = refusal(appoint, session, small_policy(), find_person(session, cast.gijs), "quality_officer", TODAY)
    assert code == "seats_taken"


def test_it_refuses_a_post_the_policy_does_not_know_and_a_role_that_is_no_post(session: Session, cast: Cast) -> None:
    gijs = find_person(session, cast.gijs)
    assert refusal(appoint, session, small_policy(), gijs, "treasurer", TODAY) == "unknown_post"
    assert refusal(appoint, session, small_policy(), gijs, "handler", TODAY) == "unknown_post"


def test_it_refuses_the_same_post_twice(session: Session, cast: Cast) -> None:
    code = refusal(appoint, session, small_policy(), find_person(session, cast.bram), "quality_officer", TODAY)
    assert code == "already_holds"


def test_it_names_the_posts_the_procedure_cannot_do_without(session: Session, tenant: Organisation, cast: Cast) -> None:
    assert vacancies(small_policy(), directory(session, tenant.id, TODAY)) == ()
    deactivate(session, find_person(session, cast.bram), TODAY, NOW)
    assert vacancies(small_policy(), directory(session, tenant.id, TODAY)) == ("quality_officer",)


@pytest.mark.parametrize("manager", ["femke", "els"])
def test_it_refuses_a_chart_in_which_somebody_stands_above_himself(session: Session, cast: Cast, manager: str) -> None:
    femke = find_person(session, cast.femke)
    assert refusal(set_manager, session, femke, getattr(cast, manager)) == "chart_circle"


def test_it_hands_the_staff_of_who_leaves_to_the_manager_above(
    session: Session, tenant: Organisation, cast: Cast
) -> None:
    deactivate(session, find_person(session, cast.femke), TODAY, NOW)
    found = directory(session, tenant.id, TODAY)
    assert found.persons[cast.els].manager == cast.dewi
    assert cast.femke not in found.persons
    assert cast.femke in directory(session, tenant.id, TODAY - DAY).persons


def test_it_ends_everything_by_which_a_leaver_could_get_in_at_once(session: Session, cast: Cast) -> None:
    token = let_in(session, cast.els).token
    assert session_of(session, token, NOW)
    deactivate(session, find_person(session, cast.els), TODAY, NOW)
    assert session_of(session, token, NOW) is None
    assert session.scalar(text("SELECT count(*) FROM credential WHERE person_id = :id"), {"id": cast.els}) == 0


def test_it_keeps_the_last_admin(session: Session, cast: Cast) -> None:
    assert refusal(end_admin, session, cast.dewi, NOW, None) == "last_admin"
    assert refusal(deactivate, session, find_person(session, cast.dewi), TODAY, NOW) == "last_admin"
    make_admin(session, find_person(session, cast.els), NOW, by=cast.dewi)
    end_admin(session, cast.dewi, NOW, by=cast.els)
    assert (is_admin(session, cast.dewi), is_admin(session, cast.els)) == (False, True)


def test_it_refuses_an_address_that_somebody_here_has_in_any_case(
    session: Session, keyring: Keyring, tenant: Organisation, cast: Cast
) -> None:
    code = refusal(add_person, session, keyring, tenant.id, name="Bram II", email=" BRAM@Example.nl", today=TODAY)
    assert code == "email_taken"


@pytest.mark.parametrize(
    "email", ["bram", "@example.nl", "bram@", "bram@nl", "a b@example.nl", "a@b@example.nl", "a\n@b.nl"]
)
def test_it_refuses_an_address_that_is_none(
    session: Session, keyring: Keyring, tenant: Organisation, email: str
) -> None:
    assert refusal(add_person, session, keyring, tenant.id, name="Iris", email=email, today=TODAY) == "not_an_email"


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "Iris\0"])
def test_it_refuses_a_name_that_is_none(session: Session, keyring: Keyring, tenant: Organisation, name: str) -> None:
    assert refusal(add_person, session, keyring, tenant.id, name=name, email=None, today=TODAY) == "name_needed"


def test_it_finds_somebody_by_address_and_tells_names_and_addresses_to_who_may_ask(
    session: Session, keyring: Keyring, tenant: Organisation, cast: Cast
) -> None:
    found = person_by_email(session, keyring, tenant.id, "Els@Example.NL")
    assert found is not None
    assert email_of(keyring, found) == "els@example.nl"
    assert names(session, keyring, tenant.id, [cast.els, cast.bram]) == {
        cast.els: "Els Evers",
        cast.bram: "Bram Bakker",
    }


def test_it_renames_somebody_and_drops_the_links_sent_to_an_old_address(
    session: Session, keyring: Keyring, tenant: Organisation, cast: Cast
) -> None:
    from weerklank.identity.links import make_link, person_of_link
    from weerklank.identity.model import Purpose

    els = find_person(session, cast.els)
    _, token = make_link(session, keyring, els, Purpose.INVITE, NOW)
    rename(session, keyring, els, name="Els Evers-Kok", email="els@example.nl")
    assert person_of_link(session, token, (Purpose.INVITE,), NOW)
    rename(session, keyring, els, name="Els Evers-Kok", email="e.kok@example.nl")
    assert not person_of_link(session, token, (Purpose.INVITE,), NOW)
    assert names(session, keyring, tenant.id, [els.id]) == {els.id: "Els Evers-Kok"}


def test_it_knows_nobody_of_another_organisation(
    open_test_session: Callable[[], Session], keyring: Keyring, tenant: Organisation, other_tenant: Organisation
) -> None:
    theirs, ours = open_test_session(), open_test_session()
    with tenant_scope(theirs, other_tenant.id):
        carla = add_person(theirs, keyring, other_tenant.id, name="Carla", email="carla@example.nl", today=START)
        theirs.commit()
        carla_id = carla.id
    with tenant_scope(ours, tenant.id):
        bob = add_person(ours, keyring, tenant.id, name="Bob", email="carla@example.nl", today=START)
        with pytest.raises(NotFound):
            find_person(ours, carla_id)
        with pytest.raises(NotFound):
            set_manager(ours, bob, carla_id)
        assert names(ours, keyring, tenant.id, [carla_id]) == {}
        assert directory(ours, tenant.id, TODAY).persons.keys() == {bob.id}


def test_it_answers_not_found_for_another_organisations_posts_and_absences(
    open_test_session: Callable[[], Session], keyring: Keyring, tenant: Organisation, other_tenant: Organisation
) -> None:
    theirs, ours = open_test_session(), open_test_session()
    with tenant_scope(theirs, other_tenant.id):
        carla = add_person(theirs, keyring, other_tenant.id, name="Carla", email=None, today=START)
        held = appoint(theirs, small_policy(), carla, "board", START).id
        absence = record_absence(theirs, carla, START, None).id
        theirs.commit()
    with tenant_scope(ours, tenant.id):
        with pytest.raises(NotFound):
            end_post(ours, held, TODAY)
        with pytest.raises(NotFound):
            end_absence(ours, absence, TODAY)


def test_it_keeps_no_name_or_address_readable_in_any_column(
    session: Session, keyring: Keyring, tenant: Organisation, cast: Cast
) -> None:
    let_in(session, cast.els)
    session.flush()
    tables = session.scalars(
        text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    ).all()
    assert {"person", "credential", "one_time_link"} <= set(tables)
    readable = [t for t in tables if session.scalar(text("SELECT has_table_privilege(:t, 'SELECT')"), {"t": t})]
    whole = "\n".join(
        str(row) for table in readable for row in session.scalars(text(f'SELECT row_to_json(t)::text FROM "{table}" t'))
    ).lower()
    assert str(cast.els) in whole
    for canary in ("evers", "bakker", "dekker", "@example", "vier losse", b"Evers".hex(), b"@example".hex()):
        assert canary not in whole


def test_it_lets_people_speak_only_the_days_they_are_there(
    session: Session, keyring: Keyring, tenant: Organisation
) -> None:
    later = add_person(session, keyring, tenant.id, name="Iris", email=None, today=date(2026, 5, 1))
    assert later.id not in directory(session, tenant.id, date(2026, 4, 30)).persons
    assert later.id in directory(session, tenant.id, date(2026, 5, 1)).persons


def test_it_knows_who_is_related_to_whom_whichever_of_them_said_so(
    session: Session, tenant: Organisation, cast: Cast
) -> None:
    els, gijs = find_person(session, cast.els), find_person(session, cast.gijs)
    declare_relative(session, els, cast.gijs)
    declare_relative(session, gijs, cast.els)
    found = directory(session, tenant.id, TODAY).persons
    assert (found[cast.els].relatives, found[cast.gijs].relatives) == ((cast.gijs,), (cast.els,))
    assert found[cast.bram].relatives == ()
    assert relatives_of(session, cast.gijs) == {cast.els}
    end_relative(session, gijs, cast.els)
    assert directory(session, tenant.id, TODAY).persons[cast.els].relatives == ()


def test_it_calls_nobody_a_relative_of_himself_or_of_a_stranger(session: Session, cast: Cast) -> None:
    els = find_person(session, cast.els)
    assert refusal(declare_relative, session, els, cast.els) == "own_relative"
    with pytest.raises(NotFound):
        declare_relative(session, els, new_id())
