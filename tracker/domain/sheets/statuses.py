"""What a status means that somebody typed into a sheet."""

import re
from typing import NamedTuple

from tracker.domain.terms import Status


class WrittenStatus(NamedTuple):
    """`waits`: we wait for the person of the row. `known`: nothing of the text is lost when it is dropped."""

    status: Status
    waits: bool
    known: bool


WORDS = {
    Status.DRAFT: "неясно; непонятно; не понятно; не ясно; уточнить; уточняется; уточняем; на уточнении; черновик; "
    "вопрос; под вопросом; unclear; draft; tbd; to be defined; question",
    Status.OPEN: "не начато; не начата; не начат; не начали; не начиналось; новое; новая; новый; открыто; открыта; "
    "открыт; в очереди; к выполнению; запланировано; в плане; план; надо; нужно; сделать; назначено; open; new; to do; "
    "todo; not started; backlog; planned; queued; assigned; false; ложь",
    Status.IN_PROGRESS: "в работе; в процессе; делаем; делается; делаю; делают; начато; начата; начат; начали; идет; "
    "выполняется; взято в работу; в разработке; in progress; in work; doing; wip; started; working; active; ongoing",
    Status.REVIEW: "на проверке; проверка; проверяем; проверяется; проверить; на согласовании; согласование; на ревью; "
    "на тестировании; тестирование; тестируем; на приемке; review; in review; testing; qa; to review; to check",
    Status.DONE: "готово; готова; готов; сделано; сделана; сделан; выполнено; выполнена; закрыто; закрыта; закрыт; "
    "завершено; завершена; решено; ок; ok; да; +; ✓; ✔; ☑; ✅; done; complete; completed; closed; finished; resolved; "
    "ready; yes; true; истина",
    Status.DROPPED: "не нужно; не надо; отменено; отменена; отменили; отмена; неактуально; не актуально; снято; "
    "исключено; отказались; cancelled; canceled; dropped; not needed; won't do; wontfix; obsolete; n/a",
}
MEANING = {word: status for status, words in WORDS.items() for word in words.split("; ")}
WAITING_WORDS = (
    "ждем; жду; ждет; ждут; ожидаем; ожидаю; ожидает; ожидается; ожидание; в ожидании; ждем ответ; ждем ответа; "
    "жду ответа; ожидаем ответ; ожидаем ответа; waiting; we wait; waiting for reply; awaiting; pending; wait"
)
WAITING = frozenset(WAITING_WORDS.split("; "))
# «Готово на 80 %» is not done, but work is work and waiting is waiting, whatever is said after it.
BEGINS = re.compile(r"(?P<word>в работе|в процессе|in progress|ждем|жду|ожидаем|waiting|awaiting)\b")


def read_status(text: str) -> WrittenStatus:
    """The status that a text names; what nobody has told us the meaning of is open, and not known."""
    words = " ".join(text.casefold().replace("ё", "е").replace("\ufe0f", "").replace("_", " ").split())
    if words and not words.strip("? "):
        return WrittenStatus(Status.DRAFT, waits=False, known=True)
    words = words.strip(" .,:;!…-–—")
    if not words:
        return WrittenStatus(Status.OPEN, waits=False, known=True)
    if words in MEANING:
        return WrittenStatus(MEANING[words], waits=False, known=True)
    if words in WAITING:
        return WrittenStatus(Status.IN_PROGRESS, waits=True, known=True)
    if begins := BEGINS.match(words):
        return WrittenStatus(Status.IN_PROGRESS, waits=begins["word"] in WAITING, known=False)
    return WrittenStatus(Status.OPEN, waits=False, known=False)


def is_status(text: str) -> bool:
    """Whether a cell says a status and nothing else (an empty one says nothing)."""
    return bool(text.strip()) and read_status(text).known
