"""What somebody holds in a project, and somebody else has to take over before they leave it."""

from typing import Any

from sqlmodel import Session, col, select

from tracker.domain.terms import FINISHED
from tracker.tables import Deadlock, Integration, Task


def work_of(session: Session, project_id: int, person_id: int) -> list[dict[str, Any]]:
    """Unfinished tasks that are theirs or wait for them, integrations they answer for, open deadlocks they decide.

    Rows of a `code` and what it is about: owns_task and awaited (number), answers_for (integration), decides
    (deadlock, title).
    """
    tasks = session.exec(
        select(Task.number, col(Task.owner_id) == person_id, col(Task.checker_id) == person_id)
        .where(
            Task.project_id == project_id,
            (col(Task.owner_id) == person_id)
            | (col(Task.checker_id) == person_id)
            | (col(Task.waiting_person_id) == person_id),
            col(Task.archived_at).is_(None),
            col(Task.status).not_in(FINISHED),
        )
        .order_by(col(Task.number))
    )
    joints = session.exec(
        select(Integration.name).where(
            Integration.project_id == project_id,
            Integration.accountable_id == person_id,
            col(Integration.archived_at).is_(None),
        )
    )
    deadlocks = session.exec(
        select(Deadlock.id, Deadlock.title)
        .where(Deadlock.project_id == project_id, Deadlock.decider_id == person_id, col(Deadlock.decided_at).is_(None))
        .order_by(col(Deadlock.id))
    )
    held: list[dict[str, Any]] = [
        {"code": "owns_task" if owns or checks else "awaited", "number": number} for number, owns, checks in tasks
    ]
    held += [{"code": "answers_for", "integration": name} for name in joints]
    return held + [{"code": "decides", "deadlock": deadlock_id, "title": title} for deadlock_id, title in deadlocks]
