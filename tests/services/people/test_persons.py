"""Persons and their places: who sees whom, who changes what, and what a change sets off."""

from datetime import date, time, timedelta

import pytest
from sqlmodel import select

from tests.worlds.house import LATER, NOBODY, NOW, by
from tests.worlds.house import build as build_house
from tests.worlds.journal import seq_of
from tracker.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from tracker.domain.terms import Role, WaitKind
from tracker.services.access import persons as person_rights
from tracker.services.access.loading import standing
from tracker.services.ground.journal import HOUSE
from tracker.services.integrations import deadlocks
from tracker.services.integrations.passports import IntegrationInput, create_integration
from tracker.services.people import absences, memberships
from tracker.services.people import persons as people
from tracker.services.people.leaving import work_of
from tracker.services.people.persons import PersonInput
from tracker.services.tasks.editing import TaskInput, WaitInput, create_task, edit_task
from tracker.tables import Event, EventPayload, Membership, Party, Person, SignIn, Task, Token


@pytest.fixture
def house(db):
    with db.writing() as session:
        return build_house(session)


def codes(caught):
    return {(one.field, one.code) for one in caught.value.errors}


# --- adding and editing a person


def test_a_new_member_is_kept_clean(db, house):
    given = PersonInput("  Анна\tБелова ", " Anna@Shop.EXAMPLE ", "+7 (900) 000-00-00", "Анна Сергеевна")
    with db.writing() as session:
        made = memberships.add_member(session, by(house.marina), house.len, given, memberships.Place(), now=NOW)
        assert (made.name, made.email, made.phone) == ("Анна Белова", "anna@shop.example", "+7 (900) 000-00-00")
        assert made.search == "анна белова anna@shop.example"
        assert (made.may_found, made.knows_bot, made.version) == (False, False, 1)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (PersonInput(""), {("name", "required")}),
        (PersonInput("x" * 121), {("name", "too_long")}),
        (PersonInput("Анна", "anna"), {("email", "not_an_email")}),
        (PersonInput("Анна", "anna@shop.example\nBcc: all@shop.example"), {("email", "not_an_email")}),
        (PersonInput("Анна", phone="звоните"), {("phone", "not_a_phone")}),
        (
            PersonInput("Анна", language="de", timezone="Moscow"),
            {("language", "unknown_word"), ("timezone", "unknown_word")},
        ),
    ],
)
def test_each_wrong_field_of_a_person_is_told(db, house, given, wrong):
    with db.writing() as session, pytest.raises(Invalid) as caught:
        memberships.add_member(session, by(house.marina), house.len, given, memberships.Place(), now=NOW)
    assert codes(caught) == wrong


def test_a_known_address_is_the_same_person_whose_record_stays(db, house):
    with db.writing() as session:
        again = memberships.add_member(
            session,
            by(house.marina),
            house.len,
            PersonInput("Кто-то", "STAS@else.example"),
            memberships.Place(),
            now=NOW,
        )
        assert (again.id, again.name) == (house.stas, "Стас Панин")
        assert sorted(person_rights.projects_of(session, house.stas)) == [house.len, house.other]


def test_adding_a_member_twice_changes_nothing(db, house):
    with db.writing() as session:
        before = seq_of(session, house.len)
        memberships.add_member(
            session, by(house.marina), house.len, PersonInput("Ольга", "olga@shop.example"),
            memberships.Place(Role.OBSERVER), now=LATER,
        )  # fmt: skip
        assert standing(session, by(house.olga), house.len).role == Role.LEAD
    with db.reading() as session:
        assert seq_of(session, house.len) == before


@pytest.mark.parametrize("who", ["olga", "timur", "vera"])
def test_only_who_conducts_brings_people_in(db, house, who):
    with db.writing() as session, pytest.raises(Forbidden):
        memberships.add_member(
            session, by(getattr(house, who)), house.len, PersonInput("Анна"), memberships.Place(), now=NOW
        )


def test_outsiders_do_not_even_find_the_project(db, house):
    for project in (house.len, NOBODY):
        with db.writing() as session, pytest.raises(NotFound):
            memberships.add_member(session, by(house.gleb), project, PersonInput("Анна"), memberships.Place(), now=NOW)


def test_a_member_sees_people_of_their_projects_only_and_contacts_by_right(db, house):
    with db.reading() as session:
        assert person_rights.find_person(session, by(house.timur), house.olga).contacts is False
        assert person_rights.find_person(session, by(house.vera), house.olga).contacts is True
        assert person_rights.find_person(session, by(house.marina), house.olga).contacts is True
        assert person_rights.find_person(session, by(house.olga), house.olga).contacts is True
        for stranger in (house.stas, NOBODY):
            with pytest.raises(NotFound):
                person_rights.find_person(session, by(house.olga), stranger)


def test_contacts_stand_in_the_list_where_the_reader_may_see_them(db, house):
    def emails(who):
        with db.reading() as session:
            listed = memberships.members_of(session, standing(session, by(who), house.len))
            return {one.name: one.email for one in listed}

    assert set(emails(house.timur)) == set(emails(house.marina))
    assert {name for name, email in emails(house.timur).items() if email} == {"Тимур Азаров"}
    assert None not in emails(house.marina).values()


def test_an_edit_is_journaled_without_contacts_where_the_project_reads_it(db, house):
    with db.writing() as session:
        edited = people.edit_person(
            session,
            by(house.marina),
            house.olga,
            1,
            {"name": "Ольга Викторовна Ветрова", "phone": "+79000000000"},
            now=LATER,
        )
        assert (edited.version, edited.updated_at) == (2, LATER)
    with db.reading() as session:
        bodies = {
            event.project_id: payload.body["changes"]
            for event, payload in session.exec(
                select(Event, EventPayload)
                .join(EventPayload, EventPayload.event_id == Event.id)
                .where(Event.kind == "person.changed")
            )
        }
    assert set(bodies[HOUSE]) == {"name", "phone"}
    assert set(bodies[house.len]) == {"name"}


def test_an_edit_that_changes_nothing_leaves_no_trace(db, house):
    with db.writing() as session:
        assert (
            people.edit_person(session, by(house.olga), house.olga, 1, {"name": "Ольга Ветрова"}, now=LATER).version
            == 1
        )
    with db.reading() as session:
        assert session.exec(select(Event).where(Event.kind == "person.changed")).all() == []


def test_a_stale_edit_merges_unless_the_field_has_changed(db, house):
    with db.writing() as session:
        people.edit_person(session, by(house.marina), house.olga, 1, {"name": "Ольга В."}, now=NOW)
    with db.writing() as session:
        people.edit_person(session, by(house.marina), house.olga, 1, {"salutation": "Ольга Викторовна"}, now=NOW)
    with db.writing() as session, pytest.raises(Conflict) as caught:
        people.edit_person(session, by(house.marina), house.olga, 1, {"name": "О. Ветрова"}, now=NOW)
    assert caught.value.both == {"name": ("Ольга В.", "О. Ветрова")}


def test_whose_record_somebody_may_change(db, house):
    def try_it(who, whom):
        with db.writing() as session:
            people.edit_person(session, by(who), whom, None, {"salutation": "!"}, now=NOW)

    try_it(house.olga, house.olga)
    try_it(house.marina, house.timur)
    for who, whom in [(house.olga, house.timur), (house.vera, house.olga), (house.petr, house.timur)]:
        with pytest.raises(Forbidden):
            try_it(who, whom)
    for who, whom in [(house.stas, house.olga), (house.gleb, house.olga), (house.marina, NOBODY)]:
        with pytest.raises(NotFound):
            try_it(who, whom)


def test_a_conductor_does_not_take_over_the_account_of_somebody_who_signs_in_elsewhere(db, house):
    with db.writing() as session:
        memberships.add_member(
            session, by(house.gleb), house.other, PersonInput("", "olga@shop.example"), memberships.Place(), now=NOW
        )
        people.set_password(session, by(house.olga), house.olga, "hash", now=NOW)
        with pytest.raises(Forbidden):
            people.edit_person(session, by(house.gleb), house.olga, None, {"email": "gleb@else.example"}, now=NOW)
        with pytest.raises(Forbidden):
            people.set_password(session, by(house.gleb), house.olga, "another", now=NOW)


def test_nobody_makes_themself_a_founder(db, house):
    with db.writing() as session:
        with pytest.raises(Forbidden):
            people.edit_person(session, by(house.gleb), house.gleb, None, {"may_found": True}, now=NOW)
        people.edit_person(session, by(house.marina), house.olga, None, {"may_found": True}, now=NOW)
        assert session.get_one(Person, house.olga).may_found


def test_an_address_belongs_to_one_person(db, house):
    with db.writing() as session, pytest.raises(Invalid) as caught:
        people.edit_person(session, by(house.olga), house.olga, 1, {"email": "Timur@studio.example"}, now=NOW)
    assert codes(caught) == {("email", "taken")}


def test_hours_make_sense_and_move_what_is_stored(db, house):
    with db.writing() as session:
        made = create_task(session, by(house.marina), house.len, TaskInput("Форма", owner=house.timur), now=NOW)
        before = made.stalls_at
        with pytest.raises(Invalid) as caught:
            people.edit_person(session, by(house.timur), house.timur, None, {"opens": time(18)}, now=NOW)
        assert codes(caught) == {("closes", "ends_before_it_begins")}
        with pytest.raises(Invalid) as caught:
            people.edit_person(session, by(house.timur), house.timur, None, {"weekdays": "7"}, now=NOW)
        people.edit_person(session, by(house.timur), house.timur, None, {"weekdays": "34"}, now=NOW)
        assert session.get_one(Task, made.id).stalls_at > before


def test_a_deputy_is_somebody_of_the_same_project(db, house):
    with db.writing() as session:
        for wrong in (house.stas, house.timur, NOBODY):
            with pytest.raises(Invalid) as caught:
                people.edit_person(session, by(house.timur), house.timur, None, {"deputy": wrong}, now=NOW)
            assert codes(caught) == {("deputy", "not_a_member")}
        people.edit_person(session, by(house.timur), house.timur, None, {"deputy": house.petr}, now=NOW)
        assert session.get_one(Person, house.timur).deputy_id == house.petr


def test_an_unknown_field_is_an_error(db, house):
    with db.writing() as session, pytest.raises(Invalid) as caught:
        people.edit_person(session, by(house.olga), house.olga, None, {"password_hash": "x"}, now=NOW)
    assert codes(caught) == {("password_hash", "unknown_field")}


def test_knowing_of_the_bot_is_said_by_who_conducts_or_by_themself(db, house):
    with db.writing() as session:
        assert people.mark_knows_bot(session, by(house.marina), house.timur, True, now=NOW).knows_bot
        assert not people.mark_knows_bot(session, by(house.timur), house.timur, False, now=NOW).knows_bot
        with pytest.raises(Forbidden):
            people.mark_knows_bot(session, by(house.petr), house.timur, True, now=NOW)
        with pytest.raises(NotFound):
            people.mark_knows_bot(session, by(house.gleb), house.timur, True, now=NOW)


# --- putting somebody away


def test_somebody_with_a_place_is_not_archived_and_without_one_all_their_doors_close(db, house):
    with db.writing() as session:
        with pytest.raises(Refused, match="still_a_member"):
            people.archive_person(session, by(house.marina), house.vera, now=NOW)
        memberships.remove_member(session, by(house.marina), house.len, house.vera, now=NOW)
        session.add(SignIn(token_sha256="x", person_id=house.vera, created_at=NOW, seen_at=NOW, expires_at=LATER))
        session.add(Token(person_id=house.vera, scope="page", nonce="n", sha256="y", created_at=NOW))
        session.flush()
        people.archive_person(session, by(house.marina), house.vera, now=LATER)
        people.archive_person(session, by(house.marina), house.vera, now=LATER + timedelta(hours=1))
    with db.reading() as session:
        assert session.get_one(Person, house.vera).archived_at == LATER
        assert session.exec(select(SignIn.revoked_at)).all() == [LATER]
        assert session.exec(select(Token.revoked_at)).all() == [LATER]
    with db.writing() as session:
        assert people.restore_person(session, by(house.marina), house.vera, now=LATER).archived_at is None


def test_nobody_archives_themself_or_by_no_right(db, house):
    with db.writing() as session:
        for who in (house.olga, house.timur):
            with pytest.raises(Forbidden):
                people.archive_person(session, by(who), house.olga, now=NOW)
        with pytest.raises(NotFound):
            people.archive_person(session, by(house.stas), house.olga, now=NOW)


# --- places


def test_a_role_is_changed_and_the_last_conductor_stays(db, house):
    with db.writing() as session:
        memberships.edit_member(session, by(house.marina), house.len, house.timur, {"role": "observer"}, now=NOW)
        assert standing(session, by(house.timur), house.len).role == Role.OBSERVER
        for refused in (
            lambda: memberships.edit_member(
                session, by(house.marina), house.len, house.marina, {"role": "lead"}, now=NOW
            ),
            lambda: memberships.remove_member(session, by(house.marina), house.len, house.marina, now=NOW),
        ):
            with pytest.raises(Refused, match="last_conductor"):
                refused()
        memberships.edit_member(session, by(house.marina), house.len, house.olga, {"role": "conductor"}, now=NOW)
        memberships.edit_member(session, by(house.marina), house.len, house.marina, {"role": "lead"}, now=NOW)
        with pytest.raises(Forbidden):
            memberships.edit_member(session, by(house.marina), house.len, house.marina, {"role": "conductor"}, now=NOW)


def test_a_place_is_within_the_project(db, house):
    with db.writing() as session:
        foreign = Party(project_id=house.other, name="Чужая", created_at=NOW, updated_at=NOW)
        session.add(foreign)
        session.flush()
        cases: list[tuple[dict[str, object], str]] = [
            ({"party": foreign.id}, "unknown_choice"),
            ({"party": NOBODY}, "unknown_choice"),
            ({"role": "king"}, "unknown_word"),
            ({"joined": 1}, "unknown_field"),
        ]
        for changes, code in cases:
            with pytest.raises(Invalid) as caught:
                memberships.edit_member(session, by(house.marina), house.len, house.timur, changes, now=NOW)
            assert {one.code for one in caught.value.errors} == {code}


@pytest.mark.parametrize("verb", ["edit", "remove"])
def test_places_by_role_outsider_and_nonsense(db, house, verb):
    def act(who, project, whom):
        with db.writing() as session:
            if verb == "edit":
                memberships.edit_member(session, by(who), project, whom, {"why": "Делает сайт"}, now=NOW)
            else:
                memberships.remove_member(session, by(who), project, whom, now=NOW)

    for who in (house.olga, house.petr, house.timur, house.vera):
        with pytest.raises(Forbidden):
            act(who, house.len, house.timur)
    for who, project, whom in [
        (house.gleb, house.len, house.timur),
        (house.marina, NOBODY, house.timur),
        (house.marina, house.len, house.stas),
        (house.marina, house.len, NOBODY),
    ]:
        with pytest.raises(NotFound):
            act(who, project, whom)
    act(house.marina, house.len, house.timur)
    if verb == "edit":
        act(house.marina, house.len, house.timur)
    else:
        with pytest.raises(NotFound):
            act(house.marina, house.len, house.timur)


def test_who_holds_work_stays_until_it_is_handed_over(db, house):
    with db.writing() as session:
        task = create_task(session, by(house.marina), house.len, TaskInput("Форма", owner=house.petr), now=NOW)
        create_integration(
            session, by(house.marina), house.len, IntegrationInput("Оплата", accountable=house.petr), now=NOW
        )
        with pytest.raises(Refused) as caught:
            memberships.remove_member(session, by(house.marina), house.len, house.petr, now=NOW)
        assert [row["code"] for row in caught.value.missing] == ["owns_task", "answers_for"]
        edit_task(session, by(house.marina), task.id, None, {"owner": house.timur}, now=NOW)
        assert len(work_of(session, house.len, house.petr)) == 1


def test_who_is_awaited_or_decides_stays_too(db, house):
    """Else the turn would be with somebody who is gone, and who can't be written to."""
    with db.writing() as session:
        waiting = WaitInput(WaitKind.PERSON, person_id=house.petr)
        awaited = create_task(
            session, by(house.marina), house.len, TaskInput("Форма", owner=house.timur, waiting=waiting), now=NOW
        )
        given = deadlocks.DeadlockInput("Одна или две", decider=house.petr, parties=(house.shop, house.studio))
        deadlock = deadlocks.open_deadlock(session, by(house.marina), house.len, given, now=NOW)
        with pytest.raises(Refused) as caught:
            memberships.remove_member(session, by(house.marina), house.len, house.petr, now=NOW)
        assert caught.value.missing == [
            {"code": "awaited", "number": awaited.number},
            {"code": "decides", "deadlock": deadlock.id, "title": "Одна или две"},
        ]


def test_a_lead_who_leaves_leaves_the_lead(db, house):
    from tracker.services.people.parties import edit_party

    with db.writing() as session:
        edit_party(session, by(house.marina), house.studio, None, {"lead": house.petr}, now=NOW)
        memberships.remove_member(session, by(house.marina), house.len, house.petr, now=NOW)
        assert session.get_one(Party, house.studio).lead_id is None
        with pytest.raises(NotFound):
            standing(session, by(house.petr), house.len)
    with db.writing() as session:
        again = PersonInput("Пётр Соколов", "petr@studio.example")
        memberships.add_member(session, by(house.marina), house.len, again, memberships.Place(), now=LATER)
        assert standing(session, by(house.petr), house.len).role == Role.CONTRIBUTOR
        assert len(session.exec(select(Membership).where(Membership.person_id == house.petr)).all()) == 1


# --- absences


def test_an_absence_moves_the_moment_and_comes_back_out(db, house):
    with db.writing() as session:
        task = create_task(session, by(house.marina), house.len, TaskInput("Форма", owner=house.timur), now=NOW)
        before = task.stalls_at
        first, last = date(2026, 11, 24), date(2026, 11, 30)
        away = absences.add_absence(session, by(house.timur), house.timur, first, last, now=NOW, note="отпуск")
        assert absences.add_absence(session, by(house.marina), house.timur, first, last, now=NOW).id == away.id
        assert session.get_one(Task, task.id).stalls_at > before
        listed = absences.absences_of(session, by(house.marina), house.timur, since=last)
        assert [(one.first, one.last, one.note) for one in listed] == [(first, last, "отпуск")]
        absences.remove_absence(session, by(house.timur), away.id, now=LATER)
        assert session.get_one(Task, task.id).stalls_at == before
        with pytest.raises(NotFound):
            absences.remove_absence(session, by(house.timur), away.id, now=LATER)


def test_absences_by_role_outsider_and_nonsense(db, house):
    day = date(2026, 11, 24)
    with db.writing() as session:
        kept = absences.add_absence(session, by(house.timur), house.timur, day, day, now=NOW).id
        with pytest.raises(Forbidden):
            absences.add_absence(session, by(house.petr), house.timur, day, day, now=NOW)
        with pytest.raises(Forbidden):
            absences.remove_absence(session, by(house.petr), kept, now=NOW)
        for who, whom in [(house.gleb, house.timur), (house.marina, NOBODY)]:
            with pytest.raises(NotFound):
                absences.add_absence(session, by(who), whom, day, day, now=NOW)
        for who, which in [(house.gleb, kept), (house.marina, NOBODY)]:
            with pytest.raises(NotFound):
                absences.remove_absence(session, by(who), which, now=NOW)
        for last, code in [
            (day - timedelta(days=1), "ends_before_it_begins"),
            (day + timedelta(days=400), "too_long_away"),
        ]:
            with pytest.raises(Invalid) as caught:
                absences.add_absence(session, by(house.timur), house.timur, day, last, now=NOW)
            assert codes(caught) == {("last", code)}
