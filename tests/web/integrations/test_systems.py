"""Systems in the browser: named, joined, put away."""

from tests.web.integrations.places import here
from tests.worlds.pages import rows, version_in
from tracker.tables import System


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
