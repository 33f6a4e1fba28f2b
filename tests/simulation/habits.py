"""What people of the town do, by habit: answer at once, late or never; and the conductor's day."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from tests.simulation.shadow import Case
from tests.telling import answers
from tracker.domain.terms import CardKind, WaitKind, Way
from tracker.services.ground.journal import Actor
from tracker.services.integrations.deadlocks import DeadlockInput, decide, open_deadlock
from tracker.services.tasks.cards import settle_card
from tracker.services.tasks.comments import add_comment
from tracker.services.tasks.editing import TaskInput, WaitInput, create_task, edit_task
from tracker.services.tasks.waiting import pass_on
from tracker.tables import Card, Deadlock

if TYPE_CHECKING:
    from tests.simulation.life import Life

REACTS = {"prompt": 0.95, "usual": 0.7, "slow": 0.35, "silent": 0.02, "conductor": 0.9}
DELAYS = {"prompt": (2, 180), "usual": (30, 1500), "slow": (600, 6000), "silent": (600, 9000), "conductor": (5, 300)}
"""Minutes until they react."""
BY_THEMSELVES = {"prompt": 0.3, "usual": 0.12, "slow": 0.04, "silent": 0.0}
"""The chance that somebody looks at their tasks of a morning."""


def react(life: "Life", now: datetime, person: int, tasks: tuple[int, ...]) -> None:
    """Somebody has seen a message: perhaps they will answer, about one of its tasks or about all."""
    habit = life.shadow.people[person].habit
    if life.chance.random() >= REACTS[habit]:
        return
    for task in tasks if life.chance.random() < 0.5 else tasks[:1]:
        at = awake(life, now + timedelta(minutes=life.chance.uniform(*DELAYS[habit])), person)
        life.later(at, partial(answer_later, life, person, task))


def answer_later(life: "Life", person: int, task: int, at: datetime) -> None:
    answer(life, at, person, task)


def awake(life: "Life", at: datetime, person: int) -> datetime:
    """People answer at work; one in ten in the evening, too."""
    hours = life.shadow.people[person].hours
    if hours.is_open(at) or life.chance.random() < 0.1:
        return at
    day = hours.first_day_from(hours.day(at) + (hours.shown(at) >= hours.opens) * timedelta(days=1))
    return hours.moment(day, hours.opens) + timedelta(minutes=life.chance.uniform(0, 300))


def morning(life: "Life", now: datetime, person: int) -> None:
    """Without being asked."""
    mine = [case for case in life.shadow.cases.values() if case.turn == person]
    if mine and life.chance.random() < BY_THEMSELVES.get(life.shadow.people[person].habit, 0):
        answer(life, now, person, life.chance.choice(mine).id)


def answer(life: "Life", now: datetime, person: int, task: int) -> None:
    """One tap of the person; what a deputy says is noted by the conductor on behalf of whose turn it is."""
    case, chance = life.shadow.cases[task], life.chance
    actor = Actor(person, Way.TELEGRAM)
    if case.turn is not None and case.turn != person:
        if life.shadow.people[case.turn].deputy != person:
            return
        actor = Actor(life.shadow.projects[case.facts.project_id].conductor, Way.WEB, case.turn)
    today = life.shadow.people[person].hours.day(now)
    ahead = today + timedelta(days=chance.randint(1, 9))
    word = chance.choices(
        ["done", "work", "date", "help", "not mine", "later", "wait", "say"], [34, 18, 18, 4, 3, 10, 7, 6]
    )[0]
    match word:
        case "done":
            life.do(now, actor, case, lambda session: answers.done(session, actor, task, now=now))
        case "work":
            life.do(now, actor, case, lambda session: answers.in_progress(session, actor, task, now=now))
        case "date":
            life.do(now, actor, case, lambda session: answers.promise(session, actor, task, ahead, now=now))
        case "help":
            life.do(now, actor, case, lambda session: answers.need_help(session, actor, task, "ключ", now=now), None)
        case "not mine":
            life.do(now, actor, case, lambda session: answers.not_mine(session, actor, task, now=now), None)
        case "later":
            until = today + timedelta(days=chance.randint(1, 4))
            life.do(now, actor, case, lambda session: answers.later(session, actor, task, until, now=now), False)
        case "wait":
            waiting = something_to_wait_for(life, case, person)
            life.do(now, actor, case, lambda session: answers.wait_on(session, actor, task, waiting, now=now))
        case _:
            life.do(now, actor, case, lambda session: add_comment(session, actor, task, "смотрим", now=now))


def something_to_wait_for(life: "Life", case: Case, person: int) -> WaitInput:
    project, chance = case.facts.project_id, life.chance
    neighbours = [one.id for one in life.shadow.people.values() if project in one.party and one.id != person]
    tasks = [
        one.id
        for one in life.shadow.cases.values()
        if one.facts.project_id == project and one.id != case.id and not one.is_over and one.facts.status != "draft"
    ]
    kind = chance.choice(["person", "person", "party", "task", "outside"])
    if kind == "task" and tasks:
        return WaitInput(WaitKind.TASK, task_id=chance.choice(tasks))
    if kind == "party":
        return WaitInput(WaitKind.PARTY, party_id=chance.choice(sorted(life.shadow.people[person].party.values())))
    if kind == "outside":
        return WaitInput(WaitKind.OUTSIDE, note="письмо в банк")
    return WaitInput(WaitKind.PERSON, person_id=chance.choice(neighbours))


# The conductor's day


def conduct(life: "Life", now: datetime, project: int) -> None:
    """Cards first, then new things to ask for, and a word here and there."""
    chance, conductor = life.chance, life.shadow.projects[project].conductor
    actor = Actor(conductor, Way.WEB)
    with life.calm.reading() as session:
        query = select(Card).where(Card.project_id == project, col(Card.settled_at).is_(None))
        cards = [(card.id, card.kind, card.task_id, card.facts) for card in session.exec(query.order_by(col(Card.id)))]
    for card, kind, task, facts in cards:
        if chance.random() < 0.6:
            for one in [task] if task is not None else facts.get("tasks", []):
                see_to(life, now, actor, kind, life.shadow.cases[one])
            life.do(now, actor, None, partial(settle_card, actor=actor, card_id=card, now=now))
    cases = [one for one in life.shadow.cases.values() if one.facts.project_id == project and not one.is_over]
    for case in cases:
        if case.turn == conductor and chance.random() < 0.4:
            see_to(life, now, actor, "own", case)
        elif chance.random() < 0.02:
            life.do(now, actor, case, partial(add_comment, actor=actor, task=case.id, text="как?", now=now))
            if case.turn != conductor:
                case.others = now
    for _ in range(chance.choice([0, 1, 2, 3]) * len(life.shadow.people) // 20):
        ask(life, now, project)
    if chance.random() < 0.15 and cases:
        tie(life, now, actor, chance.choice(cases))


def see_to(life: "Life", now: datetime, actor: Actor, kind: str, case: Case) -> None:
    chance, task = life.chance, case.id
    if case.is_over:
        return
    if kind == CardKind.HANDOVER and chance.random() < 0.6:
        life.do(now, actor, case, lambda session: pass_on(session, actor, task, now=now), False)
        return
    changes: Mapping[str, Any] = chance.choice(
        [
            {"owner": neighbour(life, case)},
            {"owner": neighbour(life, case), "waiting": None},
            {"waiting": None},
            {"status": "done"},
            {"status": "dropped"},
            {"needed_by": (now + timedelta(days=8)).date()},
            {},
        ]
    )
    if changes:
        life.do(now, actor, case, lambda session: edit_task(session, actor, task, None, changes, now=now), None)
    elif case.turn is not None and case.turn != actor.person_id:
        # A call: what was said is noted on their behalf.
        spoken = Actor(actor.person_id, Way.WEB, case.turn)
        life.do(now, spoken, case, lambda session: answers.in_progress(session, spoken, task, now=now))


def neighbour(life: "Life", case: Case) -> int:
    """Somebody else of the party that is asked."""
    project = case.facts.project_id
    mates = [one.id for one in life.shadow.people.values() if one.party.get(project) == case.facts.party_id]
    return life.chance.choice(sorted(mates) or [life.shadow.projects[project].conductor])


def ask(life: "Life", now: datetime, project: int, way: Way = Way.WEB) -> None:
    chance = life.chance
    people = sorted(one.id for one in life.shadow.people.values() if project in one.party)
    owner, checker = chance.choice(people), chance.choice(people) if chance.random() < 0.2 else None
    given = TaskInput(
        "Прислать поля формы",
        owner=owner,
        checker=checker if checker != owner else None,
        priority=chance.choice(["normal"] * 5 + ["high", "low"]),
        asks_evidence=chance.random() < 0.05,
        needed_by=(now + timedelta(days=chance.randint(3, 20))).date() if chance.random() < 0.4 else None,
    )
    actor = Actor(life.shadow.projects[project].conductor, way)
    life.do(
        now,
        actor,
        None,
        lambda session: create_task(session, actor, project, given, now=now),
        announced=way != Way.IMPORT,
    )


def tie(life: "Life", now: datetime, actor: Actor, case: Case) -> None:
    """A decision is needed; some days later there is one, or not."""
    project, chance = case.facts.project_id, life.chance
    parties = sorted({one.party[project] for one in life.shadow.people.values() if project in one.party})
    decider = chance.choice(sorted(one.id for one in life.shadow.people.values() if project in one.party))
    by = (now + timedelta(days=chance.randint(2, 9))).date() if chance.random() < 0.7 else None
    given = DeadlockInput("Одна кнопка или две", decider=decider, decide_by=by, tasks=[case.id], parties=parties[:2])
    life.do(now, actor, None, lambda session: open_deadlock(session, actor, project, given, now=now))
    with life.calm.reading() as session:
        knot = session.exec(select(Deadlock.id).order_by(col(Deadlock.id).desc())).first()

    if knot is not None and chance.random() < 0.8:
        life.later(now + timedelta(days=chance.randint(1, 12)), partial(untie, life, actor, knot))


def untie(life: "Life", actor: Actor, knot: int, at: datetime) -> None:
    life.do(at, actor, None, lambda session: decide(session, actor, knot, "Одна", now=at))
