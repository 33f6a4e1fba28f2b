"""The passport of an integration in the browser: changed, staffed, put away, by role."""

from tests.web.integrations.places import here
from tests.worlds.pages import rows, version_in
from tracker.tables import Check, Integration, IntegrationMember


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
