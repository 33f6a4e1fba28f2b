"""Who is meant by a name as people write it: «Соколов П.», «О. Ветрова», «Ветрова Ольга», a role («Бухгалтерия»)."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

PATRONYMIC = re.compile(r"\w+(?:вич|вна|ична|инична)")
# What joins several people in one cell.
BETWEEN = re.compile(r"\s*(?:[,;/+&\n]|\s(?:и|and|или|or)\s)\s*")

GIVEN_WORDS = """
    александр александра алексей алена алина алиса алла анастасия анатолий андрей анна антон антонина аня аркадий
    арина арсений артем артур ася богдан борис вадим валентин валентина валерий валерия ваня варвара василий василиса
    вася вера вероника виктор виктория виталий влад владимир владислав володя вячеслав галина геннадий георгий глеб
    григорий даниил данила дарья даша денис дима дмитрий ева евгений евгения егор екатерина елена елизавета женя жанна
    зинаида зоя иван игорь илья инга инна ирина ия карина катя кирилл клавдия константин костя кристина ксения лариса
    лев леонид леша лена лидия лиза любовь людмила люба люда майя макар максим маргарита марина мария марк маша матвей
    миша михаил надежда надя наталья наталия наташа настя никита николай нина оксана олег олеся ольга оля павел паша
    петр петя полина рамиль раиса ренат рита роман руслан саша светлана света семен сергей сережа слава снежана софия
    софья станислав степан таисия тамара таня татьяна тимофей тимур федор филипп эдуард эльвира эмма юлия юля юрий юра
    яков яна ярослав
    alex alexander alice andrew ann anna anne ben daniel david elena emma george helen ivan jack james jane john kate
    maria mark mary max michael mike nick olga paul peter robert sam sara sarah sergey thomas tom william
"""
GIVEN = frozenset(GIVEN_WORDS.split())
"""The given names that most people here have: enough to tell a person's name from an organisation's."""
ORGANISED_WORDS = """
    агентство ателье банк бюро группа дом доставка завод интегратор компания контора лаборатория магазин мастерская
    отдел почта салон сервис склад служба студия фабрика фирма франчайзи хостинг центр школа
    agency bank bureau company department group house lab ltd service shop studio team
"""
ORGANISED = frozenset(ORGANISED_WORDS.split())


class Name(NamedTuple):
    words: tuple[str, ...]
    initials: tuple[str, ...]


@lru_cache(2_000)
def read(written: str) -> Name:
    """The words and the initials of a name, folded: case, ё, order and dots do not tell people apart."""
    plain = re.sub(r"\([^)]*\)", " ", written.casefold().replace("ё", "е"))
    tokens = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", plain)
    return Name(tuple(t for t in tokens if len(t) > 1), tuple(t for t in tokens if len(t) == 1))


def candidates(written: str, people: Sequence[tuple[int, str]]) -> list[int]:
    """The ids of `people` (id, name) whom `written` can mean, in their order; of several people in one cell all.

    Every word has to be a word of the person's name: a typing error finds nobody rather than somebody else.
    """
    found = one_person(written, people)
    if found:
        return found
    parts = [part for part in BETWEEN.split(written) if part]
    if len(parts) < 2:
        return []
    meant = {person for part in parts for person in one_person(part, people)}
    return [person for person, _ in people if person in meant]


def is_persons(written: str) -> bool:
    """Whether a cell that may name anybody names a person: «Ольга Ветрова», «Соколов П.», «Анна»; not «Банк Анна»."""
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", written)
    if not 1 <= len(words) <= 3 or re.fullmatch(r"[^\W\d_]+(?:[-. ]+[^\W\d_]+)*[. ]*", written.strip()) is None:
        return False
    if not all(part.istitle() for word in words for part in word.split("-")):
        return False  # «ООО», «1С-подрядчик», «отдел продаж»
    name = read(written)
    if ORGANISED & {*name.words} or not name.words:
        return False
    known = GIVEN & {*name.words} or any(PATRONYMIC.fullmatch(word) for word in name.words)
    return bool(known or name.initials)


def names_several(written: str) -> bool:
    """Whether the cell looks like a list: then one candidate is not an answer, the others are simply unknown."""
    return len([part for part in BETWEEN.split(written) if part]) > 1


def one_person(written: str, people: Sequence[tuple[int, str]]) -> list[int]:
    name = read(written)
    if not name.words:  # initials alone mean nobody
        return []
    known = [(person, read(full)) for person, full in people]
    same = [person for person, full in known if sorted(full.words) == sorted(name.words) and fits(name, full)]
    return same or [person for person, full in known if fits(name, full)]


def fits(written: Name, full: Name) -> bool:
    """Each written word is a word of the full name, each initial begins another one.

    A patronymic or its initial may be written although the full name does not hold it.
    """
    left = [*full.words, *full.initials]
    found = 0
    for word in written.words:
        if word in left:
            left.remove(word)
            found += 1
        elif not (PATRONYMIC.fullmatch(word) and len(written.words) > 2):
            return False
    for initial in written.initials:
        begun = next((word for word in left if word.startswith(initial)), None)
        if begun is not None:
            left.remove(begun)
        elif left or len(written.initials) < 2:
            return False
    return found > 0


class Directory(NamedTuple):
    """id -> name; archived ones too, since old rows still name them."""

    persons: Mapping[int, str]
    searched: Mapping[int, str]
    """Person -> normalised name and e-mail."""
    parties: Mapping[int, str]
    integrations: Mapping[int, str]

    def person(self, person_id: int | None) -> str:
        return self.persons.get(person_id, "") if person_id is not None else ""

    def party(self, party_id: int | None) -> str:
        return self.parties.get(party_id, "") if party_id is not None else ""

    def integration(self, integration_id: int | None) -> str:
        return self.integrations.get(integration_id, "") if integration_id is not None else ""

    def persons_named(self, word: str) -> list[int]:
        """Ids of persons whose name holds this (normalised) word."""
        return [person_id for person_id, text in self.searched.items() if word in text]
