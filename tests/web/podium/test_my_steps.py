"""Somebody's own page behind a private address: who may open it, what each answer does, that looking does nothing."""

from datetime import date, timedelta

import pytest
from sqlmodel import select, update

from tests.worlds.shop import NOW
from tracker.domain.terms import CardKind, Scope, Way
from tracker.services.access.tokens import issue, revoke
from tracker.services.ground.journal import Actor
from tracker.services.meetings.guests import Invited, guests_of
from tracker.services.meetings.planning import MeetingInput, plan_meeting
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.persons import PersonInput
from tracker.services.tasks.editing import create_task
from tracker.services.tasks.fields import TaskInput
from tracker.tables import Card, Comment, Event, Evidence, Project, ProjectChain, Task, Token

KEY = b"k" * 40
CLI = Actor(None, Way.CLI)


@pytest.fixture
def address(db, world):
    """Makes the private page of a person; returns its path."""

    def made(person_id, **given):
        with db.writing() as session:
            return f"/my/{issue(session, CLI, person_id, Scope.PAGE, key=KEY, now=NOW, **given).secret}"

    return made


def task_of(db, task_id):
    with db.reading() as session:
        return session.get_one(Task, task_id)


def heads(db):
    with db.reading() as session:
        tokens = [(row.id, row.used_at, row.uses) for row in session.exec(select(Token).order_by(Token.id))]
        return [(row.project_id, row.seq) for row in session.exec(select(ProjectChain))], tokens


def test_the_page_shows_each_step_with_the_one_set_of_answers(anybody, address, world):
    answer = anybody.get(address(world.pete))
    assert answer.status_code == 200
    assert "You answer as Пётр Соколов" in answer.text
    assert "Добавить поле «телефон» в форму и передать в CRM" in answer.text
    for word in ("Done", "In progress", "By a date…", "Need help", "Not mine", "Later"):
        assert f">{word}<" in answer.text
    assert "stands" in answer.text, "the long silent step has the amber edge"
    assert "Макет формы" not in answer.text, "somebody else's task"


def test_a_check_and_a_decision_are_asked_for_in_their_own_words(anybody, address, world, db):
    with db.writing() as session:
        session.exec(update(Task).where(Task.turn_id == world.pete).values(turn_via="checker"))
    text = anybody.get(address(world.pete)).text
    assert "waits for your check" in text and "until you decide" not in text
    with db.writing() as session:
        session.exec(update(Task).where(Task.turn_id == world.pete).values(turn_via="deadlock"))
    text = anybody.get(address(world.pete)).text
    assert "waits for your check" not in text and "until you decide" in text


def test_looking_changes_nothing_and_is_kept_nowhere(anybody, address, world, db):
    path = address(world.pete)
    before = heads(db)
    for headers in ({}, {"purpose": "prefetch"}, {"hx-request": "true"}):
        answer = anybody.get(path, headers=headers)
        assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("no-referrer", "no-store")
        assert "noindex" in answer.headers["x-robots-tag"]
        assert "set-cookie" not in answer.headers
    assert heads(db) == before


def test_a_wrong_an_expired_and_a_withdrawn_address_are_the_same_kind_page(anybody, address, world, db):
    old = address(world.pete, expires_at=NOW + timedelta(minutes=1))
    with db.writing() as session:
        session.exec(select(Token)).one().expires_at = NOW - timedelta(seconds=1)
    away = address(world.mary)
    with db.writing() as session:
        token = session.exec(select(Token).where(Token.person_id == world.mary)).one()
        revoke(session, CLI, token.id, now=NOW)
    texts = []
    for path in ("/my/nonsense", old, away, f"{away}x"):
        answer = anybody.get(path)
        assert answer.status_code == 404
        assert answer.headers["referrer-policy"] == "no-referrer"
        texts.append(answer.text.replace(path, ""))
        for verb in ("answer", "remark", "evidence"):
            sent = anybody.post(f"{path}/tasks/{world.tasks[1]}/{verb}", data={"answer": "done", "text": "x"})
            assert sent.status_code == 404
    assert len(set(texts)) == 1
    assert "Ask whoever sent it for a new one" in texts[0]
    assert task_of(db, world.tasks[1]).status == "in_progress"


def test_a_bug_under_a_private_address_does_not_write_the_address_into_the_log(
    anybody, address, world, monkeypatch, caplog
):
    def fails(*told, **more):
        raise ZeroDivisionError

    monkeypatch.setattr("tracker.web.podium.my_steps._page", fails)
    path = address(world.pete)
    assert anybody.get(path).status_code == 500
    assert "unexpected error at GET /my/…" in caplog.text
    assert path.removeprefix("/my/") not in caplog.text


ANSWERS = [
    ({"answer": "in_progress"}, lambda task: task.progress_at == NOW, "Noted: in progress"),
    ({"answer": "promise", "on": "2026-11-26"}, lambda task: task.promised_on == date(2026, 11, 26), "26 Nov"),
    ({"on_day": "2026-11-25"}, lambda task: task.promised_on == date(2026, 11, 25), "25 Nov"),
    ({"answer": "promise", "on": "к пятнице"}, lambda task: task.promised_on == date(2026, 11, 27), "27 Nov"),
    ({"answer": "help", "note": "Нет доступа"}, lambda task: task.help_note == "Нет доступа", "passed on"),
    ({"answer": "not_mine", "reason": "это к студии"}, lambda task: task.turn_id not in (None, 3), "Вера Лунина joins"),
    ({"until_day": "2026-11-25"}, lambda task: task.snoozed_until == date(2026, 11, 25), "all is quiet"),
    ({"answer": "done"}, lambda task: task.status == "done", "It is done"),
]


@pytest.mark.parametrize(("sent", "holds", "said"), ANSWERS, ids=[str(one[0]) for one in ANSWERS])
def test_each_answer_is_the_same_verb_as_everywhere_said_in_one_line(anybody, address, world, db, sent, holds, said):
    path = address(world.pete)
    answer = anybody.post(f"{path}/tasks/{world.tasks[1]}/answer", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert said in anybody.get(path).text
    assert holds(task_of(db, world.tasks[1]))
    with db.reading() as session:
        event = session.exec(select(Event).where(Event.object_type == "task").order_by(Event.id.desc())).first()
        assert (event.way, event.actor_id, event.behalf_id) == ("link", world.pete, None)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"answer": "nonsense"},
        {"answer": "promise"},
        {"answer": "promise", "on": "вчера"},
        {"answer": "promise", "on": "2026-11-01"},
        {"answer": "help", "unblocker": "999"},
    ],
)
def test_an_answer_that_says_nothing_comes_back_with_what_was_typed(anybody, address, world, sent):
    answer = anybody.post(f"{address(world.pete)}/tasks/{world.tasks[1]}/answer", data=sent)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    if sent.get("on"):
        assert f'value="{sent["on"]}"' in answer.text


def test_an_answer_by_htmx_brings_the_steps_as_they_stand_now(anybody, address, world):
    path = address(world.pete)
    answer = anybody.post(f"{path}/tasks/{world.tasks[1]}/answer", data={"on_day": "2026-11-26"}, htmx=True)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div class="stack" id="steps">')
    assert "Quiet for now" in answer.text
    assert "auftakt:said" in answer.headers["hx-trigger"]


def test_nobody_answers_for_a_task_that_is_not_theirs(anybody, address, world, db):
    path = address(world.pete)
    for number in (3, 5):
        assert anybody.post(f"{path}/tasks/{world.tasks[number]}/answer", data={"answer": "done"}).status_code == 404
    assert anybody.post(f"{path}/tasks/999999/answer", data={"answer": "done"}).status_code == 404
    observer = address(world.lev)
    assert "nothing is asked of you" in anybody.get(observer).text
    assert anybody.post(f"{observer}/tasks/{world.tasks[1]}/answer", data={"answer": "done"}).status_code == 403


def test_done_is_shown_where_the_task_asks_for_it(anybody, address, world, db, settings):
    with db.writing() as session:
        session.get_one(Task, world.tasks[1]).asks_evidence = True
    path = f"{address(world.pete)}/tasks/{world.tasks[1]}"
    asked = anybody.post(f"{path}/answer", data={"answer": "done"})
    assert (asked.status_code, "add a link or a screenshot below" in asked.text) == (200, True)
    assert task_of(db, world.tasks[1]).status == "in_progress"
    for sent, files in (
        ({"url": "no link"}, None),
        ({}, None),
        ({}, {"file": ("evil.exe", b"MZ", "application/x-msdownload")}),
    ):
        assert anybody.post(f"{path}/evidence", data=sent, files=files).status_code == 422
    shot = {"file": ("экран.png", b"\x89PNG screen", "image/png")}
    assert anybody.post(f"{path}/evidence", data={"answer": "done", "caption": "видно"}, files=shot).status_code == 303
    with db.reading() as session:
        piece = session.exec(select(Evidence)).one()
        assert (piece.caption, piece.way, piece.by_id) == ("видно", "link", world.pete)
        assert piece.upload_id is not None
    assert task_of(db, world.tasks[1]).status in ("review", "done")
    assert [one for one in settings.uploads.rglob("*") if one.is_file()]


def test_what_was_awaited_is_passed_back_by_showing_it_and_the_rest_stays_the_owners(anybody, address, world, db):
    path = f"{address(world.pete)}/tasks/{world.tasks[4]}"
    assert task_of(db, world.tasks[4]).turn_id == world.pete
    sent = {"answer": "done", "url": "https://crm.example/access"}
    assert anybody.post(f"{path}/evidence", data=sent).status_code == 303
    task = task_of(db, world.tasks[4])
    assert (task.status, task.waiting_kind, task.turn_id) == ("open", None, world.mary)


def test_a_word_is_kept_with_the_task(anybody, address, world, db):
    path = f"{address(world.pete)}/tasks/{world.tasks[1]}/remark"
    assert anybody.post(path, data={"text": "жду доступ до среды"}).status_code == 303
    assert anybody.post(path, data={"text": "  "}).status_code == 422
    with db.reading() as session:
        said = session.exec(select(Comment)).one()
        assert (said.text, said.person_id, said.way) == ("жду доступ до среды", world.pete, "link")


@pytest.fixture
def meeting(db, world):
    with db.writing() as session:
        given = MeetingInput("Форма", NOW + timedelta(days=1), people=[Invited(world.pete, decides=True)])
        return plan_meeting(session, Actor(world.conductor, Way.WEB), world.project, given, now=NOW).id


def test_an_invitation_is_answered_and_carried_into_any_calendar(anybody, address, world, db, meeting):
    path = address(world.pete)
    assert "Meeting: Форма" in anybody.get(path).text
    for rsvp in ("yes", "no"):
        assert anybody.post(f"{path}/meetings/{meeting}/answer", data={"rsvp": rsvp}).status_code == 303
        with db.reading() as session:
            assert [one.rsvp for one in guests_of(session, meeting)] == [rsvp]
    assert anybody.post(f"{path}/meetings/{meeting}/answer", data={"rsvp": "x"}).status_code == 422
    file = anybody.get(f"{path}/meetings/{meeting}/meeting.ics")
    assert file.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "SUMMARY:" in file.text
    stranger = address(world.mary)
    assert anybody.get(f"{stranger}/meetings/{meeting}/meeting.ics").status_code == 404
    assert anybody.post(f"{stranger}/meetings/{meeting}/answer", data={"rsvp": "yes"}).status_code == 404


def test_the_calendars_address_is_shown_on_asking(anybody, address, world, client):
    shown = anybody.post(f"{address(world.pete)}/calendar").text
    path = "/cal/" + shown.split("/cal/")[1].split(".ics")[0] + ".ics"
    assert anybody.get(path).status_code == 200


def test_it_is_not_me_ends_the_address_and_tells_the_conductor(anybody, address, world, db):
    path = address(world.pete)
    assert "no longer works" in anybody.post(f"{path}/not-me").text
    assert anybody.get(path).status_code == 404
    with db.reading() as session:
        card = session.exec(select(Card).where(Card.person_id == world.pete, Card.kind == CardKind.UNREACHABLE)).one()
        assert card.facts["rule"] == "not_them"


def test_the_form_of_a_page_that_tells_no_origin_is_taken_here_and_nowhere_else(anybody, vera, address, world):
    path = f"{address(world.pete)}/tasks/{world.tasks[1]}/answer"
    sent = {"answer": "in_progress"}
    assert anybody.post(path, data=sent, headers={"origin": "null"}).status_code == 303
    assert anybody.post(path, data=sent, headers={"origin": "https://evil.example"}).status_code == 403
    other = f"/tasks/{world.tasks[1]}/answer"
    assert vera.post(other, data=sent, headers={"origin": "null"}).status_code == 403


def test_the_page_speaks_the_persons_language_and_takes_another(anybody, address, world):
    path = address(world.pete)
    anybody.cookies.pop("auftakt_language")
    assert "Это не вы?" in anybody.get(path).text
    assert anybody.post(f"{path}/language", data={"language": "en", "next": path}).headers["location"] == path
    assert "Is it not you?" in anybody.get(path).text


def test_an_address_of_one_project_shows_that_project_alone(anybody, address, world, db):
    with db.writing() as session:
        other = session.exec(select(Project.id).where(Project.key == "OTHER")).one()
        there = Actor(world.stranger, Way.WEB)
        add_member(session, there, other, PersonInput("Пётр Соколов", "petr@crm.example"), Place(), now=NOW)
        create_task(session, there, other, TaskInput(title="Чужое дело", owner=world.pete), now=NOW)
    assert "Чужое дело" in anybody.get(address(world.pete)).text
    path = address(world.pete, project_id=world.project)
    assert "Лён и нить" in anybody.get(path).text
    assert "Чужое дело" not in anybody.get(path).text
