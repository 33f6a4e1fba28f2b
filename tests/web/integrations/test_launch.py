"""The way to *live* in the browser: the two questions, the gate, and the way round it."""

import re

from tests.web.integrations.places import accountable, here
from tests.worlds.pages import rows
from tracker.tables import Check, Integration, Signature


def test_both_questions_stand_open_on_a_new_integration(vera, world, db):
    made = vera.post(
        "/projects/LEN/integrations",
        data={"name": "Оплата", "purpose": "Чтобы платили на сайте", "launch_on": "2026-12-20", "accountable": ""},
    )
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
    check = {
        "title": "Заявка доходит",
        "section": "Форма",
        "expected": "видно в CRM",
        "tester": str(world.mary),
        "required": ["0", "1"],
    }
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
