"""A planned meeting."""

import pytest

from tests.worlds.pages import rows
from tracker.tables import Meeting


@pytest.fixture
def meeting(vera, world, db):
    """Tomorrow at 11 with three people and two lines."""
    made = vera.post(
        "/projects/LEN/meetings",
        data={
            "title": "Форма и CRM",
            "day": "2026-11-24",
            "time": "11:00",
            "minutes": "30",
            "timezone": "Europe/Moscow",
            "place": "https://meet.example/1",
            "integrations": [str(world.joint)],
            "agenda": "Кто даёт ключи\n\nКнопки",
            "people": [str(world.ann), str(world.pete), str(world.conductor)],
            f"why-{world.ann}": "решает о кнопках",
        },
    )
    assert made.status_code == 303, made.text
    return rows(db, Meeting)[0].id
