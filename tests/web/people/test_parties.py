"""Parties in the browser: brought in once, changed, put away."""

import re

from tests.worlds.pages import one, said
from tracker.tables import Party


def test_a_party_is_changed_put_away_and_brought_back(vera, world, db):
    form = vera.get(f"/parties/{world.crm}/edit").text
    version = re.search(r'name="version" value="(\d+)"', form)[1]
    values = {"name": "CRM-команда", "kind": "vendor", "lead": str(world.pete), "note": ""}
    assert vera.post(f"/parties/{world.crm}/edit", data={**values, "version": version}).status_code == 303
    assert one(db, Party, id=world.crm).lead_id == world.pete
    stale = vera.post(f"/parties/{world.crm}/edit", data={**values, "name": "Третье имя", "version": version})
    assert stale.status_code == 409
    said(stale, "<b>CRM-команда</b>")
    said(stale, 'value="Третье имя"')
    held = vera.post(f"/parties/{world.crm}/archive")
    assert held.status_code == 409
    said(held, "Пётр Соколов")
    vera.post("/projects/LEN/parties", data={"name": "Банк", "kind": "vendor"})
    bank = one(db, Party, name="Банк").id
    for _ in range(2):
        assert vera.post(f"/parties/{bank}/archive").status_code == 303
    said(vera.get("/projects/LEN/people"), "Parties put away: 1")
    assert vera.post(f"/parties/{bank}/restore").status_code == 303
    assert one(db, Party, id=bank).archived_at is None


def test_the_same_party_sent_twice_is_one(vera, world, db):
    form = {"name": "Банк", "kind": "vendor"}
    assert [vera.post("/projects/LEN/parties", data=form).status_code for _ in range(2)] == [303, 303]
    assert one(db, Party, name="Банк").kind == "vendor"
    assert vera.post("/projects/LEN/parties", data={**form, "kind": "customer"}).status_code == 422
