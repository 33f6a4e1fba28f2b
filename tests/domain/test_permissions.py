"""Who may see and do what: each predicate, line by line. That the SQL scopes agree is held beside them."""

import pytest

from tracker.domain.errors import Forbidden
from tracker.domain.permissions import (
    HOUSE_ROLE,
    DeadlockPeople,
    IntegrationPeople,
    MeetingPeople,
    Sight,
    Standing,
    TaskPeople,
    is_named,
    may_act_for,
    may_answer,
    may_answer_alone,
    may_be_deputy,
    may_comment,
    may_edit_task,
    may_reassign,
    may_record_check,
    may_see_contacts,
    may_see_deadlock,
    may_see_integration,
    may_see_meeting,
    may_see_note,
    may_stand_in,
    may_state_position,
    require_conductor,
    sight_of_task,
)

HERE, ELSEWHERE = 1, 2
STUDIO, BANK = 10, 20
FORM, CARD = 100, 200
ME, SOMEBODY = 7, 8

ME_HERE = Standing(ME, HERE, "contributor", STUDIO)
LEAD = Standing(ME, HERE, "lead", STUDIO, parties=frozenset({STUDIO}))
OBSERVER = Standing(ME, HERE, "observer", STUDIO)
CONDUCTOR = Standing(ME, HERE, "conductor")
HOUSE = Standing(None, HERE, HOUSE_ROLE)
FOREIGN = TaskPeople(HERE, FORM, BANK, SOMEBODY, SOMEBODY, SOMEBODY, BANK, SOMEBODY)
"""A task that has nothing to do with me."""
MINE = [{"owner_id": ME}, {"checker_id": ME}, {"turn_id": ME}, {"waiting_person_id": ME}]
PARTYS = [{"party_id": STUDIO}, {"turn_party_id": STUDIO}]


@pytest.mark.parametrize("standing", [CONDUCTOR, HOUSE])
def test_who_conducts_does_everything(standing):
    require_conductor(standing)
    assert sight_of_task(standing, FOREIGN) is Sight.FULL
    assert may_see_note(standing, private=True) and may_see_contacts(standing, SOMEBODY) and standing.runs
    assert may_edit_task(standing, FOREIGN) and may_reassign(standing, FOREIGN, None) and may_answer(standing, FOREIGN)
    assert may_comment(standing, FOREIGN) and may_act_for(standing, SOMEBODY)
    assert may_record_check(standing, SOMEBODY, SOMEBODY) and may_state_position(standing, BANK)


@pytest.mark.parametrize("standing", [ME_HERE, LEAD, OBSERVER])
def test_nobody_else_conducts_or_edits(standing):
    task = FOREIGN._replace(owner_id=ME, party_id=STUDIO)
    with pytest.raises(Forbidden, match="conductor_only"):
        require_conductor(standing)
    assert not standing.runs and not may_edit_task(standing, task) and not may_see_note(standing, private=True)


@pytest.mark.parametrize("standing", [ME_HERE, LEAD, OBSERVER, CONDUCTOR, HOUSE])
def test_nothing_of_another_project_is_seen(standing):
    full = standing._replace(integrations=frozenset({FORM}))
    assert sight_of_task(full, FOREIGN._replace(project_id=ELSEWHERE, owner_id=ME)) is Sight.NONE
    assert not may_see_integration(full, IntegrationPeople(ELSEWHERE, FORM, frozenset({STUDIO})))
    assert not may_see_meeting(full, MeetingPeople(ELSEWHERE, frozenset({ME})))
    assert not may_see_deadlock(full, DeadlockPeople(ELSEWHERE, FORM, frozenset({STUDIO}), frozenset({ME})))


@pytest.mark.parametrize("change", MINE)
def test_whom_a_task_concerns_sees_and_answers_it(change):
    task = FOREIGN._replace(**change)
    assert sight_of_task(ME_HERE, task) is Sight.FULL
    assert may_answer_alone(ME_HERE, task) and may_answer(ME_HERE, task) and may_comment(ME_HERE, task)
    assert not may_answer(OBSERVER, task), "who looks on is asked nothing"


@pytest.mark.parametrize("change", PARTYS)
def test_a_lead_sees_and_answers_for_the_party_and_its_others_do_not(change):
    task = FOREIGN._replace(**change)
    assert sight_of_task(LEAD, task) is Sight.FULL and may_answer(LEAD, task)
    assert sight_of_task(ME_HERE, task) is Sight.NONE and not may_answer(ME_HERE, task)
    assert not may_answer_alone(LEAD._replace(role="contributor"), task)


def test_what_concerns_others_is_not_there():
    assert sight_of_task(ME_HERE, FOREIGN) is Sight.NONE and not may_answer(ME_HERE, FOREIGN)
    assert sight_of_task(LEAD, FOREIGN) is Sight.NONE and not may_answer(LEAD, FOREIGN)
    assert sight_of_task(OBSERVER, FOREIGN) is Sight.FULL
    nobodys = TaskPeople(HERE, None, None, None, None, None, None, None)
    assert sight_of_task(ME_HERE._replace(integrations=frozenset({FORM})), nobodys) is Sight.NONE


def test_an_integrations_tasks_and_what_blocks_ones_own_are_seen_in_outline():
    on_it = ME_HERE._replace(integrations=frozenset({FORM}))
    assert sight_of_task(on_it, FOREIGN) is Sight.OUTLINE and not may_answer(on_it, FOREIGN)
    assert sight_of_task(on_it, FOREIGN._replace(integration_id=CARD)) is Sight.NONE
    assert sight_of_task(ME_HERE, FOREIGN._replace(blocks_persons=frozenset({ME}))) is Sight.OUTLINE


def test_a_deputy_answers_the_turn_of_who_is_away_and_nothing_else_of_theirs():
    deputy = ME_HERE._replace(stands_for=frozenset({SOMEBODY}))
    assert sight_of_task(deputy, FOREIGN) is Sight.FULL
    assert may_stand_in(deputy, FOREIGN) and may_answer(deputy, FOREIGN) and not may_answer_alone(deputy, FOREIGN)
    owned = FOREIGN._replace(turn_id=9)
    assert not may_stand_in(deputy, owned) and not may_answer(deputy, owned)
    assert sight_of_task(deputy, owned) is Sight.NONE
    both = deputy._replace(stands_for=frozenset({SOMEBODY, ME}))
    assert not may_stand_in(both, FOREIGN._replace(turn_id=ME)), "one's own turn is no standing in"
    assert not may_record_check(deputy, SOMEBODY, SOMEBODY)


def test_who_looks_on_is_nobodys_deputy():
    roles = ("observer", "contributor", "lead", "conductor")
    assert [role for role in roles if may_be_deputy(role)] == ["contributor", "lead", "conductor"]


def test_a_lead_hands_over_within_the_own_parties_only():
    task = FOREIGN._replace(party_id=STUDIO)
    assert may_reassign(LEAD, task, STUDIO)
    assert not may_reassign(LEAD, task, BANK) and not may_reassign(LEAD, FOREIGN, STUDIO)
    assert not may_reassign(LEAD._replace(role="contributor"), task, STUDIO)


def test_contacts_are_for_who_sees_all_and_for_oneself():
    assert may_see_contacts(ME_HERE, ME) and may_see_contacts(OBSERVER, SOMEBODY)
    assert not may_see_contacts(ME_HERE, SOMEBODY) and not may_see_contacts(LEAD, SOMEBODY)


def test_only_the_conductor_notes_what_somebody_else_said():
    assert may_act_for(ME_HERE, None) and may_act_for(ME_HERE, ME)
    assert not may_act_for(ME_HERE, SOMEBODY)
    assert is_named(ME_HERE, ME, ME) and is_named(CONDUCTOR, SOMEBODY, SOMEBODY)
    assert not is_named(ME_HERE, SOMEBODY, SOMEBODY) and not is_named(CONDUCTOR, ME, SOMEBODY)
    assert not is_named(CONDUCTOR, None, None)


def test_an_integration_is_seen_by_its_members_by_leads_in_it_and_by_who_sees_all():
    form = IntegrationPeople(HERE, FORM, frozenset({STUDIO}))
    assert may_see_integration(ME_HERE._replace(integrations=frozenset({FORM})), form)
    assert may_see_integration(LEAD, form) and may_see_integration(OBSERVER, form)
    assert not may_see_integration(ME_HERE, form)
    assert not may_see_integration(LEAD, IntegrationPeople(HERE, FORM, frozenset({BANK})))


def test_a_check_is_recorded_by_its_tester_and_by_who_is_accountable():
    assert may_record_check(ME_HERE, ME, SOMEBODY) and may_record_check(ME_HERE, SOMEBODY, ME)
    assert not may_record_check(ME_HERE, SOMEBODY, None) and not may_record_check(OBSERVER, ME, ME)


def test_a_meeting_is_seen_by_who_is_invited():
    call = MeetingPeople(HERE, frozenset({ME}))
    assert may_see_meeting(ME_HERE, call) and may_see_meeting(OBSERVER._replace(person_id=9), call)
    assert not may_see_meeting(LEAD._replace(person_id=9), call)


@pytest.mark.parametrize("change", [{"parties": {STUDIO}}, {"persons": {ME}}, {"integration_id": FORM}])
def test_a_deadlock_is_seen_by_its_sides_by_whom_it_blocks_and_on_its_integration(change):
    nobodys = DeadlockPeople(HERE, None, frozenset({BANK}), frozenset({SOMEBODY}))
    on_it = ME_HERE._replace(integrations=frozenset({FORM}))
    assert not may_see_deadlock(on_it, nobodys) and may_see_deadlock(OBSERVER, nobodys)
    assert may_see_deadlock(on_it, nobodys._replace(**change))
    assert not may_see_deadlock(on_it, nobodys._replace(integration_id=CARD))
    leads = LEAD._replace(party_id=None)
    assert may_see_deadlock(leads, nobodys._replace(parties=frozenset({STUDIO})))
    assert not may_see_deadlock(leads, nobodys)


def test_each_party_words_its_own_position():
    assert may_state_position(ME_HERE, STUDIO) and not may_state_position(ME_HERE, BANK)
    assert may_state_position(LEAD._replace(party_id=None), STUDIO)
    assert not may_state_position(OBSERVER, STUDIO)
