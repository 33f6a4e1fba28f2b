"""The meeting room: what is noted at each line, and an end with next steps or a reason."""

from tests.worlds.pages import rows, version_in
from tracker.tables import Meeting, MeetingItem, Task


def page(vera, meeting):
    return vera.get(f"/projects/LEN/meetings/{meeting}").text


def test_a_meeting_does_not_close_with_open_lines_and_keeps_every_word(vera, world, db, meeting):
    keys, buttons = (item.id for item in rows(db, MeetingItem))
    form = {
        "version": version_in(page(vera, meeting)), f"i{keys}.step_title": "Прислать ключи",
        f"i{keys}.step_owner": str(world.pete), f"i{keys}.step_needed_by": "", f"i{keys}.reason": "",
        f"i{buttons}.step_title": "", f"i{buttons}.reason": "", "notes": "Говорили полчаса", "new_line": "Ещё одно",
    }  # fmt: skip
    refused = vera.post(f"/meetings/{meeting}/close", data=form)
    assert refused.status_code == 409
    for kept in ('value="Прислать ключи"', "Говорили полчаса</textarea>", 'value="Ещё одно"'):
        assert kept in refused.text
    lines = refused.text.split('id="item-')
    assert "By when?" in lines[1]
    assert "What is the next step here?" in lines[2]
    assert rows(db, Meeting)[0].state == "planned"
    unread = vera.post(f"/meetings/{meeting}/close", data={**form, f"i{keys}.step_needed_by": "не знаю"})
    assert unread.status_code == 422
    assert 'value="не знаю"' in unread.text


def test_closing_makes_next_steps_that_are_shown(vera, world, db, meeting):
    keys, buttons = (item.id for item in rows(db, MeetingItem))
    form = {
        "version": version_in(page(vera, meeting)), f"i{keys}.step_title": "Прислать ключи",
        f"i{keys}.step_owner": str(world.pete), f"i{keys}.step_needed_by": "2026-11-27", f"i{keys}.outcome": "step",
        f"i{buttons}.outcome": "moved", f"i{buttons}.reason": "", "has_attended": "1",
        "attended": [str(world.ann), str(world.conductor)], "notes": "Договорились",
    }  # fmt: skip
    for _ in range(2):
        assert vera.post(f"/meetings/{meeting}/close", data=form).status_code == 303
    steps = rows(db, Task, meeting_id=meeting)
    assert [(one.title, one.owner_id, one.confirmed) for one in steps] == [("Прислать ключи", world.pete, False)]
    text = page(vera, meeting)
    assert f'href="/projects/LEN/t/{steps[0].number}"' in text
    assert "not confirmed yet" in text
    assert "to the next meeting" in text
    assert f"follows={meeting}" in text
    planned = vera.get(f"/projects/LEN/meetings/new?follows={meeting}").text
    assert "решает о кнопках" in planned
    assert vera.post(f"/meetings/{meeting}/edit", data={"place": "y"}).status_code == 409


def test_a_meeting_that_was_not_held_says_why(vera, world, db, meeting):
    assert vera.post(f"/meetings/{meeting}/drop", data={"drop_reason": " "}).status_code == 422
    for _ in range(2):
        assert vera.post(f"/meetings/{meeting}/drop", data={"drop_reason": "заболели"}).status_code == 303
    assert "Not held: заболели" in page(vera, meeting)


def test_what_is_written_is_kept_by_itself_and_with_every_other_press(vera, world, db, meeting):
    keys, buttons = (item.id for item in rows(db, MeetingItem))
    form = {f"i{keys}.step_title": "Ключи", f"i{keys}.step_needed_by": "2026-11-27", "notes": "Слова"}
    assert vera.post(f"/meetings/{meeting}/keep", data=form, htmx=True).status_code == 204
    assert rows(db, MeetingItem)[0].step_title == "Ключи"
    added = {**form, f"i{keys}.step_title": "Ключи банка", "new_line": "№ 3"}
    assert vera.post(f"/meetings/{meeting}/items", data=added).status_code == 303
    assert [(one.step_title, one.task_id) for one in rows(db, MeetingItem)] == [
        ("Ключи банка", None),
        ("", None),
        ("", world.tasks[3]),
    ]
    assert "Слова</textarea>" in page(vera, meeting)
    assert vera.post(f"/items/{buttons}/remove", data={f"i{keys}.step_title": "Ключи и токены"}).status_code == 303
    assert [one.step_title for one in rows(db, MeetingItem)] == ["Ключи и токены", ""]
    empty = vera.post(f"/meetings/{meeting}/items", data={**form, "new_line": "", f"i{keys}.step_title": "Не потерять"})
    assert empty.status_code == 422
    assert "Не потерять" in empty.text
