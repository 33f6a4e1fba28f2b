"""What the fields are called and what stands in them: one answer for pages, journal, reports and sheets."""

from datetime import date

import pytest

from tracker.domain.names import Directory
from tracker.wording.fields import DAYS, LABELS, LABELS_OF, LISTS, LISTS_OF, in_words, label, names_somebody
from tracker.wording.words import WORDS

TODAY = date(2026, 11, 23)
NAMES = Directory({1: "Анна", 2: "Пётр"}, {}, {1: "Магазин"}, {1: "Форма → CRM"})


@pytest.mark.parametrize(
    ("field", "of", "called"),
    [
        ("owner", "task", "От кого"),
        ("owner_id", "task", "От кого"),
        ("owner", "sheet", "Ответственный"),
        ("party", "sheet", "От кого"),
        ("title", "check", "Что проверяем"),
        ("title", "task", "Что нужно"),
        ("name", "person", "Имя"),
        ("name", "system", "Название системы"),
        ("needed_by", "meeting", "Нужно к"),
        ("accountable_id", "integration", "Кто отвечает за запуск целиком"),
        ("sheet_ref", "task", ""),
    ],
)
def test_a_field_is_called_as_its_noun_calls_it(field, of, called):
    assert label("ru", field, of) == called


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("status", "in_progress", "в работе"),
        ("status", "of a newer version", "of a newer version"),
        ("owner", 1, "Анна"),
        ("checker_id", "2", "Пётр"),
        ("owner", 9, "кто-то"),
        ("party", 1, "Магазин"),
        ("integration_id", 1, "Форма → CRM"),
        ("needed_by", date(2026, 11, 27), "27 ноя, пт"),
        ("promised_on", "2027-01-11", "11 янв 2027"),
        ("asks_evidence", True, "да"),
        ("confirmed", False, "нет"),
        ("title", "20261127", "20261127"),
        ("own_1", "", "пусто"),
        ("owner", None, "пусто"),
        ("own_columns", [], "пусто"),
        ("waiting", {"person": 2}, "Пётр"),
        ("waiting", {"party": 1, "note": "x"}, "Магазин"),
        ("waiting", {"note": "банк"}, "банк"),
        ("waiting", {"kind": "outside"}, "что-то внешнее"),
        ("waiting", {"task": 5, "note": "x"}, "другая задача"),
        ("waiting", None, "пусто"),
    ],
)
def test_a_value_is_said_by_what_its_field_holds(field, value, said):
    assert in_words("ru", field, value, NAMES, TODAY) == said


def test_the_same_field_of_another_noun_holds_something_else():
    said = [
        in_words("ru", "kind", value, NAMES, TODAY, of=of)
        for of, value in (("task", "question"), ("party", "contractor"), ("deadlock", "block"), ("system", "CRM"))
    ]
    assert said == ["вопрос", "подрядчик", "стоит на одной стороне", "CRM"]
    states = [in_words("ru", "state", "planned", NAMES, TODAY, of=of) for of in ("integration", "meeting")]
    assert states == ["в планах", "в планах"]
    assert in_words("ru", "state", "not_held", NAMES, TODAY, of="meeting") == "не состоялся"


def test_a_task_that_is_waited_for_is_told_by_its_number_where_that_is_known():
    assert in_words("ru", "waiting", {"task": 5}, NAMES, TODAY, numbers={5: "№ 17"}) == "№ 17"


def test_the_lists_are_lists_of_words_and_the_fields_have_labels():
    kinds = {*LISTS.values(), *(kind for fields in LISTS_OF.values() for kind in fields.values())}
    assert kinds <= WORDS.keys()
    known = LABELS.keys() | {name for fields in LABELS_OF.values() for name in fields}
    assert {*LISTS, *DAYS, "owner", "lead", "deputy", "owner_party"} <= known
    assert [name for name in sorted(known) if names_somebody(name)] == [
        "accountable",
        "checker",
        "decider",
        "deputy",
        "integration",
        "lead",
        "owner",
        "owner_party",
        "party",
        "tester",
        "waiting",
    ]
