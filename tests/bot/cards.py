"""A task's card in somebody's chat."""

from sqlmodel import select

from tracker.tables import Event

STANDARD = ["Готово", "В работе", "К дате…", "Нужна помощь", "Не ко мне", "Позже"]


def card(stage, chat, **named):
    """A task that waits for Olga, shown by /today."""
    task_id = stage.ask("Прислать поля формы", **named)
    stage.tell(chat, "/today")
    return task_id


def events(stage, kind):
    return stage.rows(select(Event).where(Event.kind == kind))
