"""«Почему»: the rule of a message, and the facts that it stands on, in a few words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tracker.domain.worktime import day_in
from tracker.wording.dates import short_day
from tracker.wording.marking import N_
from tracker.wording.say import say, say_n
from tracker.wording.words import known_word


def why(language: str, rule: str, facts: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> str:
    """`facts` as they stand beside a message's task: turn_since as ISO text, nudges. A rule that is not known (of a
    newer version) says itself."""
    said = [known_word(language, "rule", rule)]
    if facts.get("turn_since"):
        since = day_in(zone, datetime.fromisoformat(str(facts["turn_since"])))
        said.append(say(language, N_("their turn since {day}"), day=short_day(language, since, day_in(zone, now))))
    asked = int(facts.get("nudges") or 0)
    if asked:
        said.append(say_n(language, "asked {n} time", "asked {n} times", asked))
    return "; ".join(one for one in said if one)
