"""Done means shown: what «Готово» leads to, and what is in its way."""

import pytest

from tracker.domain.terms import Status
from tracker.domain.turns.progress import DoneClaim, done_leads_to, status_for_want_of_owner

OWNER, CHECKER, CONDUCTOR = 1, 2, 3


def leads(*, evidence="none needed", checker=None, mover=OWNER, runs=False, accepted=False):
    asks, has = evidence != "none needed", evidence == "there"
    return done_leads_to(DoneClaim(asks, has, checker, OWNER, mover, runs=runs, own_check=accepted))


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, Status.DONE),
        ({"evidence": "missing"}, "evidence_needed"),
        ({"evidence": "missing", "mover": CONDUCTOR, "runs": True}, "evidence_needed"),
        ({"evidence": "there"}, Status.REVIEW),
        ({"evidence": "there", "mover": CONDUCTOR, "runs": True}, Status.DONE),
        ({"checker": CHECKER}, Status.REVIEW),
        ({"checker": CHECKER, "mover": CHECKER}, Status.DONE),
        ({"checker": CHECKER, "mover": CONDUCTOR, "runs": True}, Status.DONE),
        ({"checker": OWNER}, "own_check"),
        ({"checker": OWNER, "accepted": True}, Status.DONE),
    ],
)
def test_done_is_the_word_of_who_may_say_it(given, status):
    assert leads(**given) == status


@pytest.mark.parametrize(
    ("status", "owner", "party", "becomes"),
    [
        (Status.OPEN, None, None, Status.DRAFT),
        (Status.OPEN, OWNER, None, Status.OPEN),
        (Status.OPEN, None, 7, Status.OPEN),
        (Status.DONE, None, None, Status.DONE),
        (Status.IN_PROGRESS, None, None, Status.IN_PROGRESS),
    ],
)
def test_only_an_open_task_without_anybody_to_ask_is_unclear(status, owner, party, becomes):
    assert status_for_want_of_owner(status, owner, party) == becomes
