"""Speaking for somebody else: «со слов», and a deputy for who is away."""

from sqlmodel import Session

from tracker.domain.errors import Invalid
from tracker.domain.permissions import Standing, may_act_for, require
from tracker.services.ground.belonging import member_problem
from tracker.services.ground.journal import Actor


def require_voice(session: Session, actor: Actor, mine: Standing) -> None:
    """«Со слов»: only the conductor speaks for somebody, and that is somebody of this project. A deputy may as well."""
    if actor.deputy:
        require(actor.behalf_id in mine.stands_for, "act_for")
        return
    require(may_act_for(mine, actor.behalf_id), "act_for")
    problem = member_problem(session, mine.project_id, actor.behalf_id, "behalf")
    if problem is not None:
        raise Invalid(problem)
