"""A task's page: what it tells to whom, the answers, the comments, the evidence, the history in words."""

import re
from urllib.parse import unquote

import pytest

from tracker.tables import Task


def test_the_page_tells_all_to_the_conductor_and_the_outline_to_the_neighbour(vera, sign_in):
    whole = vera.get("/projects/LEN/t/1").text
    assert "заявка с тестового сайта видна в CRM с телефоном" in whole
    assert "put into the register" in whole
    assert "not started → in progress" in whole
    outline = sign_in("ann").get("/projects/LEN/t/1").text
    assert "заявка с тестового сайта" not in outline
    assert "put into the register" not in outline
    assert sign_in("pete").get("/projects/LEN/t/3").status_code == 404


def test_the_headings_of_the_page_leave_no_level_out(vera, sign_in):
    for html in (vera.get("/projects/LEN/t/1").text, sign_in("pete").get("/projects/LEN/t/1").text):
        levels = [int(level) for level in re.findall(r"<h(\d)", html)]
        assert 3 in levels
        assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False))


def test_the_task_leads_the_conductor_to_its_integration(vera):
    link = re.search(r'href="(/projects/LEN/integrations/\d+)"', vera.get("/projects/LEN/t/1").text)
    assert link
    assert vera.get(link[1]).status_code == 200


def test_an_answer_on_the_phone_is_noted_as_that_persons_own(vera, world, db):
    sent = {"answer": "promise", "on": "2026-11-26", "behalf": str(world.pete)}
    assert vera.post(f"/tasks/{world.tasks[1]}/answer", data=sent).status_code == 303
    with db.reading() as session:
        task = session.get_one(Task, world.tasks[1])
        assert (str(task.promised_on), task.progress_at is not None) == ("2026-11-26", True)
    assert "Пётр Соколов, as told to Вера Лунина" in vera.get("/projects/LEN/t/1").text


@pytest.mark.parametrize("sent", [{"answer": "nonsense"}, {"answer": "promise"}, {"answer": "promise", "on": "вчера"}])
def test_an_answer_that_says_nothing_comes_back(vera, world, sent):
    assert vera.post(f"/tasks/{world.tasks[1]}/answer", data=sent).status_code == 422


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"answer": "help", "note": "Нет доступа " * 1000}, "Too long"),
        ({"answer": "help", "note": "Нет доступа", "unblocker": "999999"}, "Nobody of that name"),
        ({"answer": "in_progress", "note": "Нет доступа", "behalf": "999999"}, "Nobody of that name"),
        ({"answer": "nonsense", "note": "Нет доступа"}, "Choose one of the list"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said_beside_what_was_written(vera, world, sent, said):
    answer = vera.post(f"/tasks/{world.tasks[1]}/answer", data=sent)
    assert answer.status_code == 422
    assert said in answer.text
    assert sent["note"] in answer.text


def test_the_fourth_later_in_a_row_is_no_failure(vera, world):
    sent = {"answer": "later", "until": "2026-11-30", "behalf": str(world.pete)}
    for _ in range(4):
        answer = vera.post(f"/tasks/{world.tasks[1]}/answer", data=sent)
        assert answer.status_code == 303
    assert "It can't be put off any longer" in unquote(answer.cookies["auftakt_said"])


def test_an_answer_that_says_nothing_to_a_finished_task_loses_no_word(vera, world):
    assert vera.post(f"/tasks/{world.tasks[1]}/answer", data={"answer": "done"}).status_code == 303
    answer = vera.post(f"/tasks/{world.tasks[1]}/answer", data={"answer": "promise", "note": "Ждём ключи"})
    assert answer.status_code == 422
    assert "This has to be filled in" in answer.text
    assert "Ждём ключи" in answer.text


def test_an_over_long_caption_is_told(vera, world):
    sent = {"url": "https://crm.example/1", "caption": "Снимок " * 300}
    answer = vera.post(f"/tasks/{world.tasks[1]}/evidence", data=sent)
    assert answer.status_code == 422
    assert "Too long" in answer.text
    assert sent["caption"].strip() in answer.text


def test_each_answer_of_the_set_is_taken(sign_in, world):
    pete, one = sign_in("pete"), world.tasks[1]
    for sent in (
        {"answer": "in_progress"},
        {"answer": "promise", "on": "2026-11-30"},
        {"answer": "later", "until": "2026-11-25"},
        {"answer": "help", "note": "Нет доступа", "unblocker": str(world.mary)},
        {"answer": "not_mine", "note": ""},
    ):
        assert pete.post(f"/tasks/{one}/answer", data=sent).status_code == 303, sent


def test_nobody_answers_for_somebody_else_but_the_conductor(sign_in, world):
    sent = {"answer": "done", "behalf": str(world.mary)}
    assert sign_in("pete").post(f"/tasks/{world.tasks[1]}/answer", data=sent).status_code == 403
    assert sign_in("lev").post(f"/tasks/{world.tasks[1]}/answer", data={"answer": "done"}).status_code == 403
    assert sign_in("stranger").post(f"/tasks/{world.tasks[1]}/answer", data={"answer": "done"}).status_code == 404


def test_a_private_note_is_read_by_conductors_alone(vera, sign_in, world):
    one = world.tasks[1]
    assert vera.post(f"/tasks/{one}/comment", data={"text": "между нами", "private": "1"}).status_code == 303
    assert vera.post(f"/tasks/{one}/comment", data={"text": "для всех"}).status_code == 303
    assert vera.post(f"/tasks/{one}/comment", data={"text": "  "}).status_code == 422
    assert "между нами" in vera.get("/projects/LEN/t/1").text
    for who in ("pete", "lev"):
        seen = sign_in(who).get("/projects/LEN/t/1").text
        assert "для всех" in seen
        assert "между нами" not in seen


def test_evidence_is_a_link_that_can_be_opened_and_taken_away(vera, sign_in, world):
    one = world.tasks[1]
    sent = {"url": "https://shop.example/lead/1", "caption": "заявка"}
    assert sign_in("pete").post(f"/tasks/{one}/evidence", data=sent).status_code == 303
    html = vera.get("/projects/LEN/t/1").text
    assert 'href="https://shop.example/lead/1"' in html
    assert "shop.example" in html
    assert vera.post(f"/tasks/{one}/evidence", data={"url": "javascript:alert(1)"}).status_code == 422
    place = html.index("/remove")
    address = html[html.rindex('action="', 0, place) + 8 : place + 7]
    assert vera.post(address).status_code == 303
    assert "https://shop.example/lead/1" not in vera.get("/projects/LEN/t/1").text.split("History")[0]


def test_the_conductor_takes_a_task_on(vera, world, db, sign_in):
    assert sign_in("pete").post(f"/tasks/{world.tasks[1]}/take").status_code == 403
    assert vera.post(f"/tasks/{world.tasks[4]}/take").status_code == 303
    with db.reading() as session:
        task = session.get_one(Task, world.tasks[4])
        assert (task.owner_id, task.waiting_kind) == (world.conductor, None)


def test_what_was_put_away_asks_for_nothing_until_it_is_brought_back(vera, world):
    asks = ('id="answering"', f'action="/tasks/{world.tasks[1]}/remind"')
    assert all(one in vera.get("/projects/LEN/t/1").text for one in asks)
    assert vera.post(f"/tasks/{world.tasks[1]}/archive").status_code == 303
    away = vera.get("/projects/LEN/t/1").text
    assert not any(one in away for one in (*asks, f'action="/tasks/{world.tasks[1]}/take"'))
    assert f'action="/tasks/{world.tasks[1]}/restore"' in away
