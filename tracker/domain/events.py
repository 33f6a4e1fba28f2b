"""What the journal says of one event, as it is shown and worded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple


class Happened(NamedTuple):
    """One event. `body` is None where its text was erased."""

    seq: int
    at: datetime
    actor: str
    behalf: str
    way: str
    kind: str
    object_type: str
    object_id: int
    body: Mapping[str, Any] | None
