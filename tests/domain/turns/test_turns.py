"""Whose turn it is: product rule 1, line by line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.domain.turns.turns import Turn, TurnFacts, WaitingOn, looks_the_same, turn_of

CONDUCTOR, OWNER, CHECKER, LEAD, OTHER, DECIDER = 1, 2, 3, 4, 5, 6
STUDIO, BANK = 10, 20
LEADS = {STUDIO: None, BANK: LEAD}


def turn(*tasks, of=1):
    return turn_of(of, {task.id: task for task in tasks}, LEADS, CONDUCTOR)


def task(number=1, status="open", owner=OWNER, **more):
    return TurnFacts(number, status, owner, party=more.pop("party", STUDIO), **more)


def waits(kind, **more):
    return task(waiting=WaitingOn(kind, **more))


@pytest.mark.parametrize("status", ["done", "dropped"])
def test_a_finished_task_has_no_turn(status):
    assert turn(task(status=status, decider=DECIDER)).person is None


def test_an_archived_task_has_no_turn():
    assert turn(task(archived=True)).person is None


def test_an_open_task_is_its_owners():
    assert turn(task()) == Turn(OWNER, "owner", 1)


def test_a_task_without_owner_is_the_conductors():
    assert turn(task(owner=None)) == Turn(CONDUCTOR, "conductor", 1)


def test_a_task_in_review_is_the_checkers():
    assert turn(task(status="review", checker=CHECKER)) == Turn(CHECKER, "checker", 1)


def test_nobody_is_asked_to_accept_their_own_work():
    assert turn(task(status="review")) == Turn(CONDUCTOR, "conductor", 1)


def test_waiting_inside_the_own_party_moves_the_turn_at_once():
    assert turn(waits("person", person=OTHER, party=STUDIO, confirmed=False)) == Turn(OTHER, "waiting_person", 1)


def test_waiting_on_another_party_is_the_conductors_until_they_pass_it_on():
    assert turn(waits("person", person=OTHER, party=BANK, confirmed=False)) == Turn(CONDUCTOR, "unconfirmed", 1)
    assert turn(waits("person", person=OTHER, party=BANK)) == Turn(OTHER, "waiting_person", 1)


def test_waiting_on_a_party_is_its_leads_else_the_conductors():
    assert turn(waits("party", party=BANK)) == Turn(LEAD, "waiting_party", 1)
    assert turn(waits("party", party=STUDIO)) == Turn(CONDUCTOR, "conductor", 1)
    assert turn(waits("party", party=BANK, confirmed=False)) == Turn(CONDUCTOR, "unconfirmed", 1)


def test_waiting_on_something_outside_stays_with_the_owner():
    assert turn(waits("outside")) == Turn(OWNER, "outside", 1)


def test_a_chain_of_tasks_is_at_its_root():
    first = waits("task", task=2)
    second = task(2, waiting=WaitingOn("task", task=3))
    third = task(3, "review", owner=OTHER, checker=CHECKER)
    assert turn(first, second, third) == Turn(CHECKER, "checker", 3)


def test_what_waits_for_an_unclear_task_is_the_conductors_who_makes_it_clear():
    first = waits("task", task=2)
    assert turn(first, task(2, "draft", owner=OTHER)) == Turn(CONDUCTOR, "unclear", 2)
    awaited = WaitingOn("person", person=OTHER, party=STUDIO)
    assert turn(first, task(2, "draft", waiting=awaited)).person == CONDUCTOR
    assert turn(first, task(2, "draft", decider=DECIDER)).person == DECIDER
    assert turn(task(1, "draft", owner=OTHER)).person == OTHER


@pytest.mark.parametrize("ahead", [task(2, "done"), task(2, "dropped"), task(2, archived=True)])
def test_waiting_on_a_finished_task_is_no_waiting(ahead):
    assert turn(waits("task", task=2), ahead) == Turn(OWNER, "owner", 1)


def test_waiting_on_a_task_of_another_party_needs_the_conductor_too():
    ahead = task(2, owner=OTHER, party=BANK)
    assert turn(waits("task", task=2, confirmed=False), ahead) == Turn(CONDUCTOR, "unconfirmed", 1)
    assert turn(waits("task", task=2), ahead) == Turn(OTHER, "owner", 2)


def test_a_deadlock_is_decided_where_it_blocks_and_not_at_the_end_of_the_chain():
    blocked = task(decider=DECIDER, waiting=WaitingOn("task", task=2))
    assert turn(blocked, task(2, owner=OTHER)) == Turn(DECIDER, "deadlock", 1)


@pytest.mark.parametrize("waiting", [WaitingOn("task", task=9), WaitingOn("task"), WaitingOn("person")])
def test_a_wait_that_names_nobody_stays_with_the_owner(waiting):
    assert turn(task(waiting=waiting)) == Turn(OWNER, "owner", 1)


def test_a_cycle_is_cut_by_the_conductor():
    ring = (waits("task", task=2), task(2, waiting=WaitingOn("task", task=1)))
    for number in (1, 2):
        found = turn(*ring, of=number)
        assert (found.person, found.cycle) == (CONDUCTOR, True)
    behind = task(3, waiting=WaitingOn("task", task=1))
    assert turn(*ring, behind, of=3).cycle


def test_an_open_deadlock_beats_waiting_and_review():
    blocked = task(status="review", checker=CHECKER, waiting=WaitingOn("person", person=OTHER), decider=DECIDER)
    assert turn(blocked) == Turn(DECIDER, "deadlock", 1)
    assert turn(waits("task", task=2), task(2, decider=DECIDER)) == Turn(DECIDER, "deadlock", 2)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["draft", "open", "in_progress", "review", "done", "dropped"]),
            st.sampled_from([None, OWNER, OTHER]),
            st.sampled_from([None, "person", "party", "task", "outside"]),
            st.integers(1, 8),
            st.booleans(),
            st.sampled_from([None, DECIDER]),
        ),
        min_size=8,
        max_size=8,
    )
)
def test_an_open_task_has_exactly_one_person_and_a_finished_one_has_none(rows):
    tasks = {}
    for number, (status, owner, kind, ahead, confirmed, decider) in enumerate(rows, 1):
        waiting = WaitingOn(kind, OTHER, BANK, ahead, confirmed) if kind else None
        tasks[number] = TurnFacts(number, status, owner, CHECKER, STUDIO, waiting, False, decider)
    for number, facts in tasks.items():
        found = turn_of(number, tasks, LEADS, CONDUCTOR)
        assert (found.person is None) == (facts.status in ("done", "dropped"))
        assert not found.cycle or found.person == CONDUCTOR
        if found.via == "unclear":
            assert found.person == CONDUCTOR
            assert tasks[found.root].status == "draft"
            assert found.root != number
        elif found.root is not None and not found.cycle:
            # The root itself is found with the same person: the chain ends where it says.
            assert turn_of(found.root, tasks, LEADS, CONDUCTOR).person == found.person


PEOPLE = st.sampled_from([None, OWNER, CHECKER, LEAD, OTHER])
STATUSES = st.sampled_from(["draft", "open", "in_progress", "review", "done", "dropped"])
WAITS = st.one_of(
    st.none(),
    st.builds(
        WaitingOn,
        st.sampled_from(["person", "party", "task", "outside"]),
        person=PEOPLE,
        party=st.sampled_from([None, STUDIO, BANK]),
        task=st.sampled_from([None, 1, 2, 3]),
        confirmed=st.booleans(),
    ),
)
FIELDS = {
    "status": STATUSES,
    "owner": PEOPLE,
    "checker": PEOPLE,
    "party": st.sampled_from([None, STUDIO, BANK]),
    "waiting": WAITS,
    "archived": st.booleans(),
    "decider": st.sampled_from([None, DECIDER]),
}
CHANGES = st.fixed_dictionaries({}, optional=FIELDS)
ONE_CHANGE = st.sampled_from(sorted(FIELDS)).flatmap(lambda name: st.fixed_dictionaries({name: FIELDS[name]}))


@settings(max_examples=400)
@given(st.booleans(), ONE_CHANGE, CHANGES, ONE_CHANGE)
def test_where_a_task_looks_the_same_to_who_waits_on_it_their_turn_stays(confirmed, it, next_one, change):
    waiting = task(waiting=WaitingOn("task", task=2, confirmed=confirmed))
    ahead, others = task(2)._replace(**it), (waiting, task(3)._replace(**next_one))
    after = ahead._replace(**change)
    if looks_the_same(ahead, after):
        assert turn(*others, ahead) == turn(*others, after)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"status": "in_progress"}, True),
        ({"status": "draft"}, False),
        ({"status": "review"}, False),
        ({"status": "done"}, False),
        ({"archived": True}, False),
        ({"owner": OTHER}, False),
        ({"party": BANK}, False),
        ({"decider": DECIDER}, False),
        ({"waiting": WaitingOn("outside")}, False),
        ({}, True),
    ],
)
def test_what_of_a_task_can_move_the_turn_of_who_waits_on_it(change, same):
    assert looks_the_same(task(), task()._replace(**change)) is same
    over = task(status="done")
    assert looks_the_same(over, over._replace(owner=OTHER, archived=True))
