"""Whom a written name can mean."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.domain.names import candidates, is_persons, names_several, read

PEOPLE = [
    (1, "Тимур Ахметов"),
    (2, "Пётр Соколов"),
    (3, "Ольга Ветрова"),
    (4, "Анна Белова"),
    (5, "Марина Ким"),
    (6, "Бухгалтерия"),
    (7, "Менеджер СДЭК"),
    (8, "Анна-Мария Римская-Корсакова"),
    (9, "Сергей Олегович Ли"),
]


@pytest.mark.parametrize(
    ("written", "person"),
    {
        "Тимур А.": 1,
        "Соколов П.": 2,
        "Соколов П": 2,
        "Соколов Петр": 2,
        "СОКОЛОВ пётр": 2,
        "Соколов, Пётр": 2,
        "О. Ветрова": 3,
        "О.В. Ветрова": 3,
        "Ветрова О. В.": 3,
        "Ветрова Ольга": 3,
        "Ветрова Ольга Викторовна": 3,
        "Ветрова": 3,
        "Белова А.": 4,
        "Анна Белова": 4,
        "Анна Белова (заказчик)": 4,
        "Ким М.": 5,
        "бухгалтерия": 6,
        "менеджер СДЭК": 7,
        "Римская-Корсакова А.": 8,
        "Ли С. О.": 9,
        "Сергей Олегович": 9,
    }.items(),
)
def test_one_person_is_found_however_the_name_is_written(written: str, person: int) -> None:
    assert candidates(written, PEOPLE) == [person]


@pytest.mark.parametrize(
    "written",
    ["", "—", "?", "А. Б.", "Белов А.", "Белова О.", "Беловa Анна", "Ветрова А.", "Петр Ким", "директор", "Ли П. О."],
)
def test_a_name_that_does_not_fit_finds_nobody(written: str) -> None:
    assert candidates(written, PEOPLE) == []


def test_one_first_name_may_be_several_people() -> None:
    people = [(1, "Анна Белова"), (2, "Анна Ким"), (3, "Ольга Ветрова")]
    assert candidates("Анна", people) == [1, 2]
    assert candidates("Анна К.", people) == [2]


def test_the_full_name_itself_is_preferred_to_a_longer_one() -> None:
    assert candidates("Анна Белова", [(1, "Анна Сергеевна Белова"), (2, "Белова Анна")]) == [2]
    assert candidates("Анна Белова", [(1, "Анна Белова"), (2, "Анна Белова")]) == [1, 2]


def test_a_list_of_people_finds_all_of_them_and_is_known_as_a_list() -> None:
    assert candidates("Белова А. / Ким М.", PEOPLE) == [4, 5]
    assert candidates("Анна Белова и Пётр Соколов", PEOPLE) == [2, 4]
    assert names_several("Белова А. / кто-то ещё")
    assert not names_several("Ветрова Ольга")


FORMS = ("{s} {f}", "{f} {s}", "{s} {i}.", "{i}. {s}", "{s}")
LETTERS = st.text("абвгдежиклмнопрсту", min_size=3, max_size=9).map(str.capitalize)


@given(LETTERS, LETTERS, st.sampled_from([*FORMS, "{s} {i}.П.", "{s}, {f}"]))
def test_a_written_person_is_found_in_every_form(first: str, surname: str, form: str) -> None:
    written = form.format(s=surname, f=first, i=first[0])
    assert candidates(written, [(7, f"{first} {surname}")]) == [7]


@given(LETTERS, LETTERS, LETTERS, st.sampled_from([*FORMS, "{s} {f} Ильич"]))
def test_a_different_surname_never_fits(first: str, surname: str, other: str, form: str) -> None:
    assume(len({first, surname, other}) == 3)
    written = form.format(s=other, f=first, i=first[0])
    assert candidates(written, [(7, f"{first} {surname}")]) == []


@given(
    st.text(max_size=30), st.lists(st.tuples(st.integers(), st.text(max_size=30)), max_size=5, unique_by=lambda p: p[0])
)
def test_whoever_is_found_shares_a_whole_word_with_what_was_written(
    written: str, people: list[tuple[int, str]]
) -> None:
    names = dict(people)
    for person in candidates(written, people):
        assert set(read(written).words) & set(read(names[person]).words)


@pytest.mark.parametrize(
    "written",
    [
        "Ольга Ветрова",
        "Ветрова Ольга Викторовна",
        "Соколов П.",
        "П. И. Соколов",
        "Анна",
        "Ольга Викторовна",
        "Mary Smith",
    ],
)
def test_a_persons_name_is_told_by_a_given_name_an_initial_or_a_patronymic(written):
    assert is_persons(written)


@pytest.mark.parametrize(
    "written",
    [
        "Заказчик",
        "СДЭК",
        "Хостинг",
        "Студия Анна",
        "Студия «Анна»",
        "ИП Соколов П.",
        "ООО Ромашка",
        "1С",
        "А.",
        "",
        "CRM-подрядчик",
        "Лев Гринберг, 1С",
        "Яндекс Доставка",
        "отдел Анны",
        "Банк (эквайринг)",
        "Ольга и партнёры",
    ],
)
def test_an_organisation_a_role_or_something_unclear_is_nobodys_name(written):
    assert not is_persons(written)
