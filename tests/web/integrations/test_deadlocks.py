"""A deadlock in the browser, from its opening to its second one."""

from tests.web.integrations.places import here
from tests.worlds.pages import rows
from tracker.tables import Deadlock, Position


def test_a_deadlock_is_opened_worded_decided_and_opened_again(sign_in, vera, world, db):
    bad = vera.post("/projects/LEN/deadlocks", data={"title": "Формат", "kind": "contradiction", "numbers": "999"})
    assert bad.status_code == 422
    assert 'value="Формат"' in bad.text
    made = vera.post(
        "/projects/LEN/deadlocks",
        data={
            "title": "Формат",
            "kind": "contradiction",
            "numbers": "№ 1",
            "decider": str(world.ann),
            "decide_by": "2026-11-20",
            "integration": str(world.joint),
            "parties": [str(world.crm), str(world.studio)],
        },
    )
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
