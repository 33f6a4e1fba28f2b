"""One message a second to a chat, twenty a minute to a group, twenty-five a second in all."""

from bot.wire.pacing import Pace


def test_one_chat_waits_a_second_and_others_hardly():
    pace = Pace()
    assert pace.book(1, 100.0) == 100.0
    assert pace.book(1, 100.0) == 101.0
    assert pace.book(1, 103.0) == 103.0
    pace = Pace()
    moments = [pace.book(chat, 100.0) for chat in range(1, 26)]
    assert moments == sorted(moments)
    assert 100.95 < moments[-1] < 101.0, "twenty-five a second"


def test_a_group_gets_twenty_a_minute():
    pace = Pace()
    moments = [pace.book(-5, 0.0) for _ in range(21)]
    assert moments[19] < 20.0
    assert moments[20] >= 60.0


def test_a_barred_chat_is_left_alone_and_the_others_are_not():
    pace = Pace()
    pace.bar(1, 130.0)
    assert pace.barred_until(1) == 130.0
    assert pace.free_at(1, 100.0) == 130.0
    assert pace.free_at(2, 100.0) == 100.0
    pace.bar(1, 120.0)
    assert pace.free_at(1, 100.0) == 130.0, "the longer ban holds"


def test_what_has_passed_is_forgotten():
    pace = Pace()
    for chat in range(10_050):
        pace.book(chat, chat * 2.0)
    assert len(pace.next_by_chat) < 10_050
