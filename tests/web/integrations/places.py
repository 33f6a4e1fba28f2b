"""Where an integration stands in the browser, and who is to answer for it."""

from tests.worlds.pages import version_in


def here(world):
    return f"/projects/LEN/integrations/{world.joint}"


def accountable(vera, world, person):
    form = vera.get(f"/integrations/{world.joint}/edit").text
    data = {"accountable": str(person), "version": version_in(form)}
    answer = vera.post(f"/integrations/{world.joint}/edit", data=data)
    assert answer.status_code == 303, answer.text
