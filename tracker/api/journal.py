"""What happened (the journal) and what was told (the outbox): to be read only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from sqlmodel import Session

from tracker.api.http.caller import Caller
from tracker.api.http.lists import After, Filter, InProject, Limit, Page, PathId, walk
from tracker.api.http.views import Ref, ref
from tracker.domain.permissions import Standing
from tracker.services.facts.events import EventFacts, MessageFacts, list_events, list_messages, one_message


@dataclass(frozen=True)
class ObjectView:
    type: str
    id: int


@dataclass(frozen=True)
class EventView:
    """One change: field -> [from, to]. `behalf`: for whom it was noted. Empty where the texts were erased."""

    seq: int
    at: datetime
    actor: Ref | None
    way: str
    behalf: Ref | None
    kind: str
    object: ObjectView
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class MessageView:
    """`text`: as sent, or as it would be worded now; empty where it tells of projects that the caller is not in."""

    id: int
    person: Ref
    timezone: str
    channel: str
    kind: str
    tasks: Sequence[Ref]
    rule: str
    queued_at: datetime
    send_after: datetime
    state: str
    text: str


def event_view(facts: EventFacts) -> EventView:
    return EventView(
        facts.seq,
        facts.at,
        ref(facts.actor),
        facts.way,
        ref(facts.behalf),
        facts.kind,
        ObjectView(facts.object_type, facts.object_id),
        facts.changes,
    )


def message_view(facts: MessageFacts) -> MessageView:
    row = facts.row
    return MessageView(
        id=row.id,
        person=Ref(row.person, row.name),
        timezone=row.timezone,
        channel=row.channel,
        kind=row.kind,
        tasks=[Ref(*one) for one in facts.tasks],
        rule=row.rule,
        queued_at=row.queued_at,
        send_after=row.send_after,
        state=row.state,
        text=facts.text,
    )


@get("/events", sync_to_thread=True)
def events(
    caller: NamedDependency[Caller],
    in_project: InProject = None,
    limit: Limit = 50,
    after: After = None,
    object_type: Annotated[str, QueryParameter(name="object", description="task, meeting, check …")] = "",
    object_id: Filter = None,
) -> Page[EventView]:
    """In the order in which it happened. `after` takes the last `seq` that was read, too."""

    def read(session: Session, mine: Standing, last: int | None, wanted: int) -> list[EventFacts]:
        return list_events(session, mine, last, wanted, object_type=object_type, object_id=object_id)

    with caller.reading() as session:
        page = walk(caller, session, in_project, after, limit, read)
    return Page([event_view(one) for one in page.items], page.next)


@get("/messages", sync_to_thread=True)
def messages(
    caller: NamedDependency[Caller],
    in_project: InProject = None,
    limit: Limit = 50,
    after: After = None,
    in_state: Annotated[
        Literal["", "queued", "held", "sending", "sent", "unknown", "failed", "cancelled"], QueryParameter(name="state")
    ] = "",
) -> Page[MessageView]:
    """What goes out and went out: all of a project for who conducts or observes it, one's own for the others."""

    def read(session: Session, mine: Standing, last: int | None, wanted: int) -> list[MessageFacts]:
        return list_messages(session, caller.actor, mine, last, wanted, states=[in_state] if in_state else [])

    with caller.reading() as session:
        page = walk(caller, session, in_project, after, limit, read)
    return Page([message_view(one) for one in page.items], page.next)


@get("/messages/{message_id:int}", sync_to_thread=True)
def message(caller: NamedDependency[Caller], message_id: PathId) -> MessageView:
    with caller.reading() as session:
        return message_view(one_message(session, caller.actor, message_id))


ROUTES: list[Any] = [events, messages, message]
