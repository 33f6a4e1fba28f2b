"""Own columns of the register: each keeps its place, whatever becomes of the names of the others."""

from tracker.tables import Task


def name_them(vera, *names):
    sent = {f"own_{place}": name for place, name in enumerate(names, 1)}
    assert vera.post("/projects/LEN/settings", data=sent).status_code == 303


def test_emptying_the_first_column_moves_no_other(vera, world, db):
    name_them(vera, "Ссылка", "Бюджет", "Часы")
    task = world.tasks[1]
    sent = {"own_1": "адрес", "own_2": "сто", "own_3": "семь"}
    assert vera.post(f"/tasks/{task}/edit", data=sent).status_code == 303
    name_them(vera, "", "Бюджет", "Часы")
    page = vera.get("/projects/LEN/register").text
    assert 'title="Ссылка"' not in page and "адрес" not in page
    for name, value in (("Бюджет", "сто"), ("Часы", "семь")):
        assert f'data-label="{name}"' in page and f">{value}<" in page
    assert (
        page.index('data-label="Бюджет"') < page.index(">сто<") < page.index('data-label="Часы"') < page.index(">семь<")
    )
    settings = vera.get("/projects/LEN/settings").text
    assert 'name="own_1" maxlength="40" value=""' in settings
    assert 'name="own_2" maxlength="40" value="Бюджет"' in settings
    form = vera.get(f"/tasks/{task}/edit?field=own_2", htmx=True).text
    assert 'value="сто"' in form
    name_them(vera, "Ссылка", "Бюджет", "Часы")
    assert ">адрес<" in vera.get("/projects/LEN/register").text, "hidden, not lost"
    with db.reading() as session:
        kept = session.get_one(Task, task)
        assert (kept.own_1, kept.own_2, kept.own_3) == ("адрес", "сто", "семь")


def test_the_table_is_as_wide_as_its_columns(vera):
    name_them(vera, "", "", "Часы")
    page = vera.get("/projects/LEN/register").text
    assert page.count('<th class="own') == 1
    new = vera.get("/projects/LEN/tasks/new", htmx=True).text
    assert 'colspan="8"' in new
