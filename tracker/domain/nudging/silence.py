"""Whether anybody of a project, and whether one person, may be written to at all: asked before all other rules.

The SQL scopes of `services.nudging.silence` say the same of rows; a property test holds the two together.
"""

from datetime import date

from tracker.domain.terms import Messages


def silence_of_project(*, archived: bool = False, paused: bool, messages: str) -> str:
    """Why nobody of a project is written to: archived, project_paused, messages_off; empty if they may be."""
    stops = (
        (archived, "archived"),
        (paused, "project_paused"),
        (messages == Messages.OFF, "messages_off"),
    )
    return next((code for holds, code in stops if holds), "")


def silence_of_person(
    *, opted_out: bool, knows_bot: bool, reachable: bool = True, paused_until: date | None, today: date
) -> str:
    """Why somebody is not written to: opted_out, not_invited, channel_dead, paused; empty if they may be.

    `knows_bot`: as `knows_of_bot` has it. `reachable`: by a channel in use; left out where the channel is asked later.
    `today`: their local day.
    """
    stops = (
        (opted_out, "opted_out"),
        (not knows_bot, "not_invited"),
        (not reachable, "channel_dead"),
        (is_paused(paused_until, today), "paused"),
    )
    return next((code for holds, code in stops if holds), "")


def knows_of_bot(*, marked: bool, member: bool, invited: bool) -> bool:
    """Nobody is written to before they were invited or marked as knowing of the bot, nor after they have left.

    `member`: they have a living place in the project, and are not put away themself.
    """
    return member and (marked or invited)


def is_paused(paused_until: date | None, today: date) -> bool:
    """Whether somebody has asked for no messages on their local day `today`."""
    return paused_until is not None and today <= paused_until
