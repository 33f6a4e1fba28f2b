"""Projects: opened, set up, edited, put away."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.worlds.house import CLI, LATER, NOBODY, NOW, by
from tests.worlds.refused import codes
from tracker.domain.errors import Conflict, Forbidden, Invalid, NotFound
from tracker.services.access.loading import project_by_key
from tracker.services.house.journal_check import verify_journal
from tracker.services.people import parties, projects, speaking
from tracker.services.people.parties import PartyInput
from tracker.services.people.projects import ProjectInput
from tracker.services.tasks.editing import TaskInput, create_task
from tracker.tables import Event, Project, Task


def test_who_opens_a_project_conducts_it_and_nobody_is_written_to(db, house):
    with db.writing() as session:
        made = projects.create_project(session, by(house.marina), ProjectInput("Новый", "new2"), now=NOW)
        assert (made.key, made.messages, made.approve_until) == ("NEW2", "off", None)
        found, mine = project_by_key(session, by(house.marina), "New2")
        assert (found.id, mine.role) == (made.id, "conductor")
    with db.reading() as session:
        assert verify_journal(session).problems == []


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (ProjectInput("", ""), {("name", "required"), ("key", "required")}),
        (ProjectInput("Имя", "ЛЁН"), {("key", "not_a_key")}),
        (ProjectInput("Имя", "A"), {("key", "not_a_key")}),
        (ProjectInput("Имя", "A" * 11), {("key", "not_a_key")}),
        (ProjectInput("Имя", "2A"), {("key", "not_a_key")}),
        (ProjectInput("Имя", "len"), {("key", "taken")}),
        (
            ProjectInput("Имя", "OK", country="XX", timezone="X", language="xx"),
            {("country", "unknown_word"), ("timezone", "unknown_word"), ("language", "unknown_word")},
        ),
    ],
)
def test_each_wrong_field_of_a_project_is_told(db, house, given, wrong):
    with db.writing() as session, pytest.raises(Invalid) as caught:
        projects.create_project(session, by(house.marina), given, now=NOW)
    assert codes(caught) == wrong


def test_only_founders_and_the_house_open_projects_and_only_the_house_past_its_first_days(db, house):
    with db.writing() as session:
        for who in (house.gleb, house.olga, NOBODY):
            with pytest.raises(Forbidden):
                projects.create_project(session, by(who), ProjectInput("Имя", "XX"), now=NOW)
        with pytest.raises(Forbidden):
            projects.create_project(session, by(house.marina), ProjectInput("Имя", "XX"), now=NOW, messages="on")
        with pytest.raises(Invalid):
            projects.create_project(session, CLI, ProjectInput("Имя", "XX"), now=NOW, messages="loud")
        assert projects.create_project(session, CLI, ProjectInput("Имя", "XX"), now=NOW, messages="on").messages == "on"


def test_everybody_lists_their_own_projects(db, house):
    with db.writing() as session:
        projects.archive_project(session, by(house.gleb), house.other, now=NOW)

    def keys(actor, **options):
        with db.reading() as session:
            return [one.key for one in projects.my_projects(session, actor, **options)]

    assert keys(by(house.olga)) == ["LEN"]
    assert keys(by(house.stas)) == []
    assert keys(by(house.stas), archived=True) == ["OTHER"]
    assert keys(CLI, archived=True) == ["LEN", "OTHER"]


def test_settings_are_edited_checked_and_merged(db, house):
    changes: dict[str, object] = {"name": "Лён", "stall_days": 3, "own_columns": [" Ссылка ", "", "Часы"]}
    with db.writing() as session:
        edited = projects.edit_project(session, by(house.marina), house.len, 1, changes, now=LATER)
        assert (edited.name, edited.stall_days, edited.own_columns) == ("Лён", 3, ["Ссылка", "", "Часы"])
        assert projects.edit_project(session, by(house.marina), house.len, 2, changes, now=LATER).version == 2
        cases: list[tuple[dict[str, object], set[tuple[str, str]]]] = [
            ({"stall_days": 0}, {("stall_days", "out_of_range")}),
            ({"own_columns": ["1", "2", "3", "4"]}, {("own_columns", "too_many")}),
            ({"key": "OTHER"}, {("key", "stays")}),
            ({"messages": "on"}, {("messages", "unknown_field")}),
        ]
        for wrong, found in cases:
            with pytest.raises(Invalid) as caught:
                projects.edit_project(session, by(house.marina), house.len, None, wrong, now=NOW)
            assert codes(caught) == found
    with db.writing() as session:
        with pytest.raises(Conflict) as conflict:
            projects.edit_project(session, by(house.marina), house.len, 1, {"name": "Нить"}, now=NOW)
        assert conflict.value.both == {"name": ("Лён", "Нить")}


def test_a_longer_patience_moves_what_is_stored(db, house):
    with db.writing() as session:
        task = create_task(session, by(house.marina), house.len, TaskInput("Форма", owner=house.timur), now=NOW)
        before = task.stalls_at
        assert before is not None
        projects.edit_project(session, by(house.marina), house.len, None, {"stall_days": 4}, now=NOW)
        assert session.get_one(Task, task.id).stalls_at == before + timedelta(days=2)


def test_a_day_of_its_own_moves_what_is_stored_until_it_is_taken_back(db, house):
    day = date(2026, 11, 24)
    with db.writing() as session:
        task = create_task(session, by(house.marina), house.len, TaskInput("Форма", owner=house.timur), now=NOW)
        before = task.stalls_at
        assert before is not None
        projects.set_day(session, by(house.marina), house.len, day, False, now=NOW)
        assert session.get_one(Task, task.id).stalls_at == before + timedelta(days=1)
        projects.set_day(session, by(house.marina), house.len, day, True, now=NOW)
        projects.set_day(session, by(house.marina), house.len, day, None, now=NOW)
        projects.set_day(session, by(house.marina), house.len, day, None, now=NOW)
        assert session.get_one(Task, task.id).stalls_at == before
    with db.reading() as session:
        assert len(session.exec(select(Event).where(Event.kind == "project.day_set")).all()) == 3


VERBS = {
    "edit": lambda session, actor, project: projects.edit_project(
        session, actor, project, None, {"name": "X"}, now=NOW
    ),
    "switch": lambda session, actor, project: speaking.switch_messages(session, actor, project, "off", now=NOW),
    "pause": lambda session, actor, project: projects.pause_project(session, actor, project, True, now=NOW),
    "day": lambda session, actor, project: projects.set_day(session, actor, project, NOW.date(), False, now=NOW),
    "archive": lambda session, actor, project: projects.archive_project(session, actor, project, now=NOW),
    "restore": lambda session, actor, project: projects.restore_project(session, actor, project, now=NOW),
    "party": lambda session, actor, project: parties.create_party(session, actor, project, PartyInput("Банк"), now=NOW),
}


@pytest.mark.parametrize("verb", VERBS)
def test_projects_by_role_outsider_and_nonsense(db, house, verb):
    def act(who, project):
        with db.writing() as session:
            VERBS[verb](session, by(who), project)

    for who in (house.olga, house.timur, house.vera):
        with pytest.raises(Forbidden):
            act(who, house.len)
    for who, project in [(house.gleb, house.len), (house.marina, NOBODY), (house.marina, house.other)]:
        with pytest.raises(NotFound):
            act(who, project)
    act(house.marina, house.len)


def test_an_archived_project_comes_back(db, house):
    with db.writing() as session:
        assert projects.archive_project(session, by(house.marina), house.len, now=NOW).archived_at == NOW
        assert projects.archive_project(session, by(house.marina), house.len, now=LATER).archived_at == NOW
        assert projects.restore_project(session, by(house.marina), house.len, now=LATER).archived_at is None
        assert session.get_one(Project, house.len).version == 3
