"""The self-watch in words: what does not run, what follows from it, and where to look."""

from zoneinfo import ZoneInfo

from tracker.domain.self_watch import Reason, Trouble
from tracker.wording.marking import N_
from tracker.wording.say import say

PARTS = {
    "clock": N_("the clock"), "delivery": N_("the sending"), "bot": N_("the bot"), "telegram": N_("Telegram"),
}  # fmt: skip
TEXTS = {
    Reason.SILENT: N_("No sign of life since {moment}: {parts}. Check whether “auftakt serve” or “auftakt bot” runs."),
    Reason.NEVER: N_(
        "The clock has not run here yet: nothing is counted, nobody is written to. "
        "Start “auftakt serve” or “auftakt bot”."
    ),
    Reason.BAD_TOKEN: N_(
        "Telegram does not accept the bot's token: nothing goes out there and no answer comes in. "
        "Check AUFTAKT_TELEGRAM_TOKEN and start again."
    ),
    Reason.TWO_POLLERS: N_(
        "Another program listens to the same bot, so answers may be lost to it. Only one may listen."
    ),
    Reason.NO_CONNECTION: N_("There is no connection to Telegram. What is due waits and goes out later."),
    Reason.WEBHOOK: N_("Telegram does not reach the webhook, so answers are late: {detail}"),
    Reason.FAILED: N_("Not well: {parts}. {detail}"),
}


def line(language: str, trouble: Trouble, zone: ZoneInfo) -> str:
    parts = ", ".join(say(language, PARTS.get(part, part)) for part in trouble.parts)
    moment = f"{trouble.at.astimezone(zone):%d.%m %H:%M}" if trouble.at is not None else ""
    return say(language, TEXTS[Reason(trouble.reason)], parts=parts, moment=moment, detail=trouble.detail)
