"""The passport of an integration in the browser: its questions, checks, signers, gate and deadlocks, by role."""

import re

import pytest
from sqlmodel import select

from tracker.tables import Check, Deadlock, Integration, IntegrationMember, Position, Signature, System


def rows(db, table, **where):
    with db.reading() as session:
        return list(session.exec(select(table).filter_by(**where).order_by(table.id)))


def here(world):
    return f"/projects/LEN/integrations/{world.joint}"


def version_in(text):
    return re.search(r'name="version" value="(\d+)"', text)[1]


def accountable(vera, world, person):
    form = vera.get(f"/integrations/{world.joint}/edit").text
    data = {"accountable": str(person), "version": version_in(form)}
    answer = vera.post(f"/integrations/{world.joint}/edit", data=data)
    assert answer.status_code == 303, answer.text


def test_both_questions_stand_open_on_a_new_integration(vera, world, db):
    made = vera.post("/projects/LEN/integrations", data={
        "name": "Оплата", "purpose": "Чтобы платили на сайте", "launch_on": "2026-12-20", "accountable": "",
    })  # fmt: skip
    assert made.status_code == 303
    page = vera.get(made.headers["location"]).text
    assert page.count('class="question open"') == 2
    assert "0 of 4" in page
    assert vera.post("/projects/LEN/integrations", data={"name": "оплата"}).status_code == 422
    empty = vera.post("/projects/LEN/integrations", data={"name": "", "purpose": "осталось"})
    assert empty.status_code == 422
    assert "осталось" in empty.text


def test_from_questions_to_live_with_everything_missing_shown_on_the_way(sign_in, vera, world, db):
    url = f"/integrations/{world.joint}"
    refused = vera.post(f"{url}/go-live")
    assert refused.status_code == 409
    for text, place in (("Nobody is named who answers", "#who"), ("has not confirmed the list", "#how")):
        assert re.search(rf'<a href="{place}">[^<]*{text}', refused.text)
    accountable(vera, world, world.pete)
    pete = sign_in("pete")
    assert "I take it on" in pete.get(here(world)).text
    for _ in range(2):
        assert pete.post(f"{url}/accept").status_code == 303
    assert pete.post(f"{url}/agree").status_code == 409
    bad = vera.post(f"{url}/checks", data={"title": "", "expected": "видно в CRM"})
    assert bad.status_code == 422
    assert "видно в CRM" in bad.text
    check = {"title": "Заявка доходит", "section": "Форма", "expected": "видно в CRM", "tester": str(world.mary),
             "required": ["0", "1"]}  # fmt: skip
    assert vera.post(f"{url}/checks", data=check).status_code == 303
    line = rows(db, Check)[0]
    assert (line.required, line.tester_id) == (True, world.mary)
    assert pete.post(f"{url}/agree").status_code == 303
    assert 'class="question open"' not in vera.get(here(world)).text
    mary = sign_in("mary")
    nothing = mary.post(f"/checks/{line.id}/result", data={"result": "passed", "evidence": "", "caption": "снимок"})
    assert nothing.status_code == 422
    assert "снимок" in nothing.text
    assert mary.post(f"/checks/{line.id}/result", data={"result": "failed", "reason": ""}).status_code == 422
    shown = {"result": "passed", "evidence": "https://shop.example/proof", "caption": "снимок"}
    for _ in range(2):
        assert mary.post(f"/checks/{line.id}/result", data=shown).status_code == 303
    page = vera.get(here(world)).text
    assert page.count('href="https://shop.example/proof"') == 1
    again = vera.post(f"{url}/go-live")
    assert ": a signature is missing." in again.text
    assert pete.post(f"{url}/sign").status_code == 303
    assert vera.post(f"{url}/letter", data={"person": str(world.ann), "letter": "no link"}).status_code == 422
    letter = {"person": str(world.ann), "letter": "https://shop.example/letter.pdf"}
    assert vera.post(f"{url}/letter", data=letter).status_code == 303
    assert [one.signed_at is not None for one in rows(db, Signature)] == [True, True]
    assert vera.post(f"{url}/go-live").status_code == 303
    assert rows(db, Integration, id=world.joint)[0].state == "live"
    assert vera.post(f"{url}/inherited").status_code == 422


def test_the_conductor_notes_what_was_said(vera, world, db):
    accountable(vera, world, world.pete)
    assert vera.post(f"/integrations/{world.joint}/accept", data={"behalf": str(world.pete)}).status_code == 303
    assert "as told to the conductor" in vera.get(here(world)).text
    assert vera.post(f"/integrations/{world.joint}/accept", data={"behalf": str(world.mary)}).status_code == 403


def test_a_launch_around_the_gate_needs_a_name_and_a_reason_and_stays_red(vera, world, db):
    url = f"/integrations/{world.joint}/bypass"
    refused = vera.post(url, data={"person": "", "reason": ""})
    assert refused.status_code == 422
    assert refused.text.count("This has to be filled in.") >= 2
    assert vera.post(url, data={"person": str(world.ann), "reason": "распродажа"}).status_code == 303
    page = vera.get(here(world)).text
    assert 'class="tag asks">launched around the gate' in page
    assert "распродажа" in page
    assert "Live and accepted" not in page


def test_a_ready_list_is_taken_changed_and_shortened(vera, world, db):
    url = f"/integrations/{world.joint}"
    for _ in range(2):
        assert vera.post(f"{url}/pack", data={"pack": "form-crm", "pack_tester": str(world.ann)}).status_code == 303
    lines = rows(db, Check, integration_id=world.joint)
    assert len(lines) > 3
    assert len({line.title for line in lines}) == len(lines)
    assert vera.post(f"{url}/pack", data={"pack": "nonsense"}).status_code == 404
    form = vera.get(f"/checks/{lines[0].id}/edit").text
    values = {"title": "Другое", "section": "Форма", "tester": "", "required": "0", "version": version_in(form)}
    assert vera.post(f"/checks/{lines[0].id}/edit", data=values).status_code == 303
    stale = vera.post(f"/checks/{lines[0].id}/edit", data={**values, "title": "Третье"})
    assert stale.status_code == 409
    assert "<b>Другое</b>" in stale.text
    assert 'value="Третье"' in stale.text
    for _ in range(2):
        assert vera.post(f"/checks/{lines[1].id}/archive").status_code == 303
    assert lines[1].title not in vera.get(here(world)).text


@pytest.mark.parametrize(("result", "shown"), [("waived", "waived"), ("not_applicable", "not applicable")])
def test_a_check_is_left_out_with_a_reason(vera, world, db, result, shown):
    vera.post(f"/integrations/{world.joint}/checks", data={"title": "Проверка", "expected": "видно"})
    check = rows(db, Check)[0].id
    assert vera.post(f"/checks/{check}/result", data={"result": result, "reason": ""}).status_code == 422
    assert vera.post(f"/checks/{check}/result", data={"result": result, "reason": "нет такого"}).status_code == 303
    assert shown in vera.get(here(world)).text
    assert vera.post(f"/checks/{check}/result", data={"result": "pending"}).status_code == 303
    assert vera.post(f"/checks/{check}/result", data={"result": "nonsense"}).status_code == 422


def test_systems_are_named_joined_and_put_away(vera, world, db):
    assert vera.post("/projects/LEN/systems", data={"name": "CRM", "owner_party": str(world.crm)}).status_code == 303
    system = rows(db, System)[0].id
    form = vera.get(f"/integrations/{world.joint}/edit").text
    data = {"name": "Форма сайта → CRM", "has_systems": "1", "systems": [str(system)], "version": version_in(form)}
    answer = vera.post(f"/integrations/{world.joint}/edit", data=data)
    assert answer.status_code == 303, answer.text
    assert "CRM-подрядчик" in vera.get(here(world)).text
    edit = {"name": "CRM 2", "kind": "CRM", "version": version_in(vera.get(f"/systems/{system}/edit").text)}
    assert vera.post(f"/systems/{system}/edit", data=edit).status_code == 303
    assert vera.post(f"/systems/{system}/edit", data={**edit, "name": "CRM 3"}).status_code == 409
    assert vera.post(f"/systems/{system}/archive").status_code == 303
    assert f'action="/systems/{system}/restore"' in vera.get("/projects/LEN/integrations").text
    assert vera.post(f"/systems/{system}/restore").status_code == 303
    assert vera.post("/projects/LEN/systems", data={"name": "", "note": "осталось"}).status_code == 422


def test_an_integration_is_put_away_and_brought_back_and_a_stale_form_shows_both(vera, world, db):
    url = f"/integrations/{world.joint}"
    form = vera.get(f"{url}/edit").text
    data = {"name": "Форма и CRM", "purpose": "", "state": "testing", "version": version_in(form)}
    assert vera.post(f"{url}/edit", data=data).status_code == 303
    stale = vera.post(f"{url}/edit", data={**data, "name": "Третье имя", "state": "building"})
    assert stale.status_code == 409
    assert "<b>being tested</b>" in stale.text
    assert vera.post(f"{url}/edit", data={"state": "live"}).status_code == 422
    for _ in range(2):
        assert vera.post(f"{url}/archive").status_code == 303
    assert f'action="{url}/restore"' in vera.get("/projects/LEN/integrations").text
    assert vera.post(f"{url}/restore").status_code == 303


def test_members_come_and_go_by_hand(sign_in, vera, world, db):
    mary = sign_in("mary")
    vera.post("/projects/LEN/integrations", data={"name": "Оплата"})
    pay = rows(db, Integration)[-1].id
    assert mary.get(f"/projects/LEN/integrations/{pay}").status_code == 404
    assert vera.post(f"/integrations/{pay}/members", data={"guest": str(world.mary)}).status_code == 303
    assert mary.get(f"/projects/LEN/integrations/{pay}").status_code == 200
    assert vera.post(f"/integrations/{pay}/members/{world.mary}/remove").status_code == 303
    assert rows(db, IntegrationMember, integration_id=pay)[0].removed_at is not None
    assert mary.get(f"/projects/LEN/integrations/{pay}").status_code == 404


def test_who_may_not_conduct_looks_and_changes_nothing(sign_in, anybody, vera, world, db):
    vera.post(f"/integrations/{world.joint}/checks", data={"title": "Проверка", "expected": "видно"})
    check = rows(db, Check)[0].id
    acts = [
        ("/projects/LEN/integrations", {"name": "X"}), (f"/integrations/{world.joint}/edit", {"name": "X"}),
        (f"/integrations/{world.joint}/archive", {}), (f"/integrations/{world.joint}/checks", {"title": "X"}),
        (f"/integrations/{world.joint}/pack", {"pack": "form-crm"}), (f"/integrations/{world.joint}/bypass", {}),
        (f"/integrations/{world.joint}/inherited", {}), (f"/integrations/{world.joint}/go-live", {}),
        (f"/integrations/{world.joint}/signers", {}), (f"/integrations/{world.joint}/accept", {}),
        (f"/checks/{check}/edit", {"title": "X"}), (f"/checks/{check}/result", {"result": "failed", "reason": "x"}),
        ("/projects/LEN/systems", {"name": "X"}), ("/projects/LEN/deadlocks", {"title": "X"}),
    ]  # fmt: skip
    for who, status in {"pete": 403, "lev": 403, "stranger": 404}.items():
        browser = sign_in(who)
        assert browser.get(here(world)).status_code == (200 if status == 403 else 404)
        for path, form in acts:
            assert browser.post(path, data=form).status_code == status, (who, path)
    assert {anybody.post(path, data=form).status_code for path, form in acts} == {303}
    assert vera.get("/projects/LEN/integrations/999").status_code == 404
    assert "Change</a>" not in sign_in("lev").get(here(world)).text


def test_a_deadlock_is_opened_worded_decided_and_opened_again(sign_in, vera, world, db):
    bad = vera.post("/projects/LEN/deadlocks", data={"title": "Формат", "kind": "contradiction", "numbers": "999"})
    assert bad.status_code == 422
    assert 'value="Формат"' in bad.text
    made = vera.post("/projects/LEN/deadlocks", data={
        "title": "Формат", "kind": "contradiction", "numbers": "№ 1", "decider": str(world.ann),
        "decide_by": "2026-11-20", "integration": str(world.joint), "parties": [str(world.crm), str(world.studio)],
    })  # fmt: skip
    assert made.status_code == 303
    one = rows(db, Deadlock)[-1]
    url = f"/deadlocks/{one.id}"
    mary = sign_in("mary")
    own = {"party": str(world.studio), "position": "С плюсом"}
    assert mary.post(f"{url}/position", data=own).status_code == 303
    assert mary.post(f"{url}/position", data={**own, "party": str(world.crm)}).status_code == 403
    assert vera.post(f"{url}/position", data={"party": str(world.crm), "position": "Без плюса"}).status_code == 303
    assert {row.text for row in rows(db, Position, deadlock_id=one.id)} == {"С плюсом", "Без плюса"}
    assert "decision needed" in vera.get(here(world)).text
    ann = sign_in("ann")
    assert ann.post(f"{url}/decide", data={"decision": " "}).status_code == 422
    assert mary.post(f"{url}/decide", data={"decision": "X"}).status_code == 403
    for _ in range(2):
        assert ann.post(f"{url}/decide", data={"decision": "С плюсом"}).status_code == 303
    late = vera.post(f"{url}/position", data={"party": str(world.crm), "position": "Ещё без плюса"})
    assert late.status_code == 422
    assert "This has been decided already" in late.text
    assert "Ещё без плюса" in late.text, "written while somebody decided"
    assert vera.post(f"{url}/reopen").status_code == 303
    assert rows(db, Deadlock, id=one.id)[0].decided_at is None
    edit = {"title": "Формат номера", "kind": "contradiction", "version": "1"}
    assert vera.post(f"{url}/edit", data=edit).status_code == 303
    assert vera.post(f"{url}/edit", data={**edit, "title": "Другое"}).status_code == 409
    assert sign_in("stranger").get(f"/projects/LEN/deadlocks/{one.id}").status_code == 404
    assert mary.get(f"{url}/edit").status_code == 403


def test_numbered_names_stand_in_the_order_of_their_numbers(vera, world):
    names = ["Канал 10", "Канал 2", "Канал 1"]
    for name in names:
        assert vera.post("/projects/LEN/integrations", data={"name": name}).status_code == 303
    page = vera.get("/projects/LEN/integrations").text
    assert sorted(names, key=lambda name: page.index(f">{name}<")) == ["Канал 1", "Канал 2", "Канал 10"]


def test_the_podium_counts_the_numbers_in_names_too(vera):
    names = ["Канал 10", "Канал 2"]
    for name in names:
        assert vera.post("/projects/LEN/integrations", data={"name": name}).status_code == 303
    page = vera.get("/").text
    assert page.index(">Канал 2<") < page.index(">Канал 10<")
