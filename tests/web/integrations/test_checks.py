"""The acceptance list in the browser."""

import pytest

from tests.web.integrations.places import here
from tests.worlds.pages import rows, version_in
from tracker.tables import Check


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
