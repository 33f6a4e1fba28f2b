"""The two questions of an integration, and the gate before *live*: one rule for the browser, the bot and the API."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tracker.domain.terms import CheckResult, IntegrationState

BY_HAND = frozenset(
    {IntegrationState.PLANNED, IntegrationState.BUILDING, IntegrationState.TESTING, IntegrationState.STOPPED}
)
"""The states that an edit may set. The others have verbs of their own, each with its conditions."""


class GateCheck(NamedTuple):
    """A line of the acceptance list. `shown`: pieces of evidence that stand."""

    id: int
    required: bool
    expected: str
    tester: int | None
    result: str
    shown: int = 0
    waived_by: int | None = None
    reason: str = ""


class SignerFacts(NamedTuple):
    """Somebody whose signature is needed. `person` is None for «the customer's decider», where nobody is one."""

    person: int | None
    signed: bool


class LaunchFacts(NamedTuple):
    """All that the gate looks at. `agreed`: the accountable person said so, by a tap or «со слов»."""

    accountable: int | None
    agreed: bool
    list_confirmed: bool
    checks: Sequence[GateCheck]
    signers: Sequence[SignerFacts]
    open_deadlocks: Sequence[int]


class Missing(NamedTuple):
    """What still stands between an integration and *live*."""

    code: str
    facts: Mapping[str, Any]


class GateReadiness(NamedTuple):
    """How many of the gate's conditions are met."""

    done: int
    of: int


class Questions(NamedTuple):
    """The two questions on top of each integration: True is answered."""

    who_answers: bool
    how_we_check: bool


def questions(facts: LaunchFacts) -> Questions:
    """Who answers for the launch as a whole; how will we check that everything works."""
    return Questions(
        facts.accountable is not None and facts.agreed,
        any(_is_testable(check) for check in facts.checks) and facts.list_confirmed,
    )


def missing_to_launch(facts: LaunchFacts) -> list[Missing]:
    """Product rule 6: everything that is missing, in the order in which it is asked for. Empty: it may go live."""
    return [missing for missing in _conditions(facts) if missing is not None]


def readiness(facts: LaunchFacts) -> GateReadiness:
    conditions = _conditions(facts)
    return GateReadiness(sum(missing is None for missing in conditions), len(conditions))


def is_settled(check: GateCheck) -> bool:
    """Passed with something to show, or waived by a named person with a reason.

    Not applicable does not settle a required check: whoever finds it so makes it optional, and the accountable
    person confirms the shorter list.
    """
    if check.result == CheckResult.PASSED:
        return check.shown > 0
    return check.result == CheckResult.WAIVED and check.waived_by is not None and bool(check.reason.strip())


def _is_testable(check: GateCheck) -> bool:
    return check.required and bool(check.expected.strip()) and check.tester is not None


def _conditions(facts: LaunchFacts) -> list[Missing | None]:
    """One entry for each condition: what is missing, or None where it is met."""
    return [
        _accountable(facts),
        None if any(_is_testable(check) for check in facts.checks) else Missing("no_required_check", {}),
        None if facts.list_confirmed else Missing("list_unconfirmed", {}),
        *(_check(check) for check in facts.checks if check.required),
        *(_signature(signer) for signer in facts.signers),
        *(() if facts.signers else (Missing("no_signers", {}),)),
        *(Missing("open_deadlock", {"deadlock": deadlock}) for deadlock in facts.open_deadlocks),
    ]


def _accountable(facts: LaunchFacts) -> Missing | None:
    if facts.accountable is None:
        return Missing("no_accountable", {})
    return None if facts.agreed else Missing("accountable_not_agreed", {"person": facts.accountable})


def _check(check: GateCheck) -> Missing | None:
    if is_settled(check):
        return None
    code = {CheckResult.PASSED: "check_without_evidence", CheckResult.FAILED: "check_failed"}
    return Missing(code.get(CheckResult(check.result), "check_open"), {"check": check.id})


def _signature(signer: SignerFacts) -> Missing | None:
    if signer.signed:
        return None
    return (
        Missing("no_customer_decider", {}) if signer.person is None else Missing("unsigned", {"person": signer.person})
    )
