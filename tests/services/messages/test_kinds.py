"""Kinds of messages: for each of them somebody says it, asks it again, and names it on the pages."""

import re
from datetime import UTC, date, datetime

import pytest

from tracker.domain.needs import ORDER
from tracker.domain.nudging.cases import NudgeStep
from tracker.domain.terms import ABOUT_TASKS, MessageKind
from tracker.services.engine.delivery import VERDICTS
from tracker.services.messages.queue import kind_of
from tracker.wording.messages import ASKS, TOLD, Letter, LetterLine, MeetingNews, plain_of, subject_of
from tracker.wording.needs import NEWS, STEPS
from tracker.wording.words import WORDS

LINE = LetterLine("notice", 17, "К", "Поле", needed_by=date(2026, 12, 10))
NEWS_OF_IT = MeetingNews("moved", "Сверка", datetime(2026, 12, 1, 11, tzinfo=UTC), "Телемост")
BARE = Letter("ru", "", "", "", ())
LETTERS = {
    **dict.fromkeys(ABOUT_TASKS, BARE._replace(lines=(LINE,))),
    MessageKind.MEETING: BARE._replace(meeting=NEWS_OF_IT),
    MessageKind.PODIUM: BARE._replace(podium=tuple((kind, 1) for kind in ORDER)),
}
"""What each kind is worded from."""


def missing(kind):
    wanted = {
        "how it is said (wording.messages.TOLD)": kind in TOLD,
        "who asks whether it still holds (engine.delivery.VERDICTS)": kind in VERDICTS,
    }
    if kind not in ABOUT_TASKS:
        wanted |= {
            "what it is about, on the podium (wording.needs.NEWS)": kind in NEWS,
            "why it is told, on the messages page (wording.words, rule)": kind in WORDS["rule"],
        }
    return [what for what, there in wanted.items() if not there]


@pytest.mark.parametrize("kind", MessageKind)
def test_nothing_is_missing_for_a_kind(kind):
    assert missing(kind) == []


@pytest.mark.parametrize("kind", MessageKind)
def test_each_kind_is_said_in_both_languages(kind):
    russian, english = (LETTERS[kind]._replace(language=language, kind=kind) for language in ("ru", "en"))
    for say in (plain_of, subject_of):
        assert say(russian) and say(english) and not re.search(r"[A-Za-z{]", say(russian))
    assert plain_of(russian) != plain_of(english)


def test_each_step_of_the_policy_has_its_ask_and_its_topic_and_together_they_make_the_kinds_about_tasks():
    assert set(ASKS) == set(STEPS) == set(NudgeStep)
    assert {kind_of([step]) for step in NudgeStep} | {kind_of([NudgeStep.N2, NudgeStep.NOTICE])} == ABOUT_TASKS
