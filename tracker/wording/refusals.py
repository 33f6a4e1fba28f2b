"""The domain's refusals as sentences: what happened and what to do. One text for each code, in all clients."""

from collections.abc import Mapping

from tracker.domain.errors import (
    Conflict,
    DomainError,
    FieldError,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    Refused,
    Slower,
)
from tracker.wording.marking import N_
from tracker.wording.say import say

STATUSES: Mapping[type[DomainError], int] = {
    NotFound: 404, Forbidden: 403, Invalid: 422, Conflict: 409, Refused: 409, Gone: 410, Slower: 429,
}  # fmt: skip


def status_of(error: DomainError) -> int:
    """The HTTP status of a refusal, the same for pages and programs."""
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 409)


REFUSALS: Mapping[str, str] = {
    "not_found": N_("There is no such page, or it is not shown to you."),
    "gone": N_("This address was withdrawn. Ask the conductor for a new one."),
    "too_many_attempts": N_("Too many attempts. Try again in {wait} s."),
    "sign_in_failed": N_("E-mail and password do not fit together."),
    "invalid": N_("Something here can't be taken as it is."),
    "conflict": N_("Somebody has changed this meanwhile."),
    "archived": N_("This is put away. Bring it back first."),
    "snooze_cap": N_("It can't be put off any longer. A date or a call would help more now."),
    "preview_first": N_("Read what would go out first: it stands on the page “Messages”."),
    "message_gone": N_("This message has left, or was taken out: what became of it stands on the page “Messages”."),
    "message_queued": N_("This message is queued by now: all of its words can be changed."),
    "not_foreseen": N_("Nothing is foreseen for this person on that day any more: there may have been an answer."),
    # «Remind now», and why not.
    "reminded_today": N_("This was asked about today already. Once a working day is enough; try again tomorrow."),
    "finished": N_("This is finished: there is nothing to remind of."),
    "draft": N_("It is not clear yet what is asked for: nobody is reminded of it."),
    "nobodys_turn": N_("It is nobody's turn: there is nobody to remind."),
    "conductors_own": N_("It stands with a conductor, who sees it on the podium. The bot reminds the others only."),
    "blocked": N_("It waits for another task: remind there."),
    "muted": N_("Messages about this task are switched off."),
    "snoozed": N_("It was put off to a day that is ahead. The bot comes back to it then."),
    "promised": N_("A day was named, and until then no questions were promised. The bot comes back to it then."),
    "not_invited": N_("This person does not know of the bot yet. Invite them first: “People and channels”."),
    "opted_out": N_("This person asked for no messages. A call may be easier."),
    "paused": N_("This person asked for no messages for a while. A call may be easier."),
    "channel_dead": N_("There is no way to reach this person by a message. A call may be easier."),
    "no_slot": N_("This person has no working hours ahead in which they could be written to."),
    "messages_off": N_("Messages of this project are off. They are switched on on the page “Messages”."),
    "project_paused": N_("The project is on pause: nothing goes out until you go on."),
    "not_a_demo": N_("Only a demo has a clock that can be moved."),
    "forbidden": N_("You may look at this, but not change it."),
    "conductor_only": N_("Only who conducts the project changes this."),
    "accountable_only": N_("Only the accountable person or the conductor says this."),
    "tester_only": N_("Only its tester, the accountable person or the conductor says how a check went."),
    "invited_only": N_("Only who is invited answers this, or the conductor in their words."),
    "signer_only": N_("Only a named signer signs, or the conductor notes their word."),
    "decider_only": N_("Only the decider or the conductor writes the decision."),
    "own_position_only": N_("Each party words its own position."),
    "meeting_ended": N_("This meeting has ended; it stands as it was."),
    "meeting_open": N_("Each point needs a next step, a move to the next meeting, or a reason."),
    "not_ready": N_("Something is still missing before the launch."),
    "checks_incomplete": N_("The list needs a required check with an expected result and a tester first."),
    "create_task": N_("New tasks are put down by the conductor. Write a comment: it reaches them."),
    "edit_task": N_("This is changed by the conductor. You can answer and comment."),
    "drop_task": N_("Only the conductor says that something is not needed."),
    "archive_task": N_("Only the conductor puts tasks away."),
    "reassign": N_("A lead hands over within the own party only."),
    "answer": N_("Only those whom the task concerns answer it."),
    "comment": N_("Only those whom the task concerns comment on it."),
    "act_for": N_("Only the conductor notes what somebody else said."),
    "remove_evidence": N_("Only who added it, or the conductor, takes it away."),
    "not_the_houses": N_("Only who may open projects here does this."),
    "not_your_token": N_("A private address is shown to its person only."),
    "foreign_origin": N_("This came from another site, so nothing was changed. Open the page here and try again."),
    "another_host": N_(
        "This server does not go by that name. Who runs it adds the name to AUFTAKT_HOSTS, or mends AUFTAKT_PUBLIC_URL."
    ),
    "too_large": N_("That is too large to be taken."),
    "method": N_("This address does not take that."),
    "sheet_empty": N_("The file is empty."),
    "sheet_too_large": N_("The file is larger than {limit} MB. Split it, or leave out pictures."),
    "sheet_too_many_rows": N_("The sheet has {rows} rows; at most {limit} are read at once. Split it."),
    "sheet_too_wide": N_("The sheet has more than {limit} columns. Leave only those of the register."),
    "sheet_quotes": N_("Line {line} has a quotation mark without its pair. Correct it, or save the sheet as XLSX."),
    "sheet_binary": N_("This is not a sheet. CSV, TSV and XLSX are read."),
    "sheet_encoding": N_("The letters of this file can't be read. Save it as “CSV UTF-8” or XLSX."),
    "sheet_password": N_("The workbook is locked with a password. Save it without one."),
    "sheet_old_format": N_("This is Excel's format of before 2007. Save it as XLSX."),
    "sheet_corrupt": N_("The workbook is damaged. Open it and save it once more."),
    "sheet_unreadable": N_("This file takes more memory or time than a register does. Save it as CSV, or split it."),
    "sheet_not_table": N_("No register is found here: a row with “What is needed” and “Status”, for example."),
    "sheet_no_title": N_("No column says what is needed. Name one “What is needed”. Found: {columns}."),
    "ending": N_("The server is being ended. Nothing was changed; try again in a moment."),
    "import_running": N_("Another import into this project is running. Try again when it has ended."),
    "already_set_up": N_("Somebody has set this up already. Ask them for a place here."),
    "may_not_found": N_("New projects are opened by who may found them here."),
    "add_member": N_("Only who conducts the project brings people into it."),
    "edit_member": N_("Only who conducts the project changes somebody's place in it."),
    "edit_person": N_("This person keeps their own record. Ask them."),
    "archive_person": N_("This person can't be put away from here."),
    "invite": N_("Only who conducts the project invites."),
    "set_password": N_("Everybody sets their own password."),
    "last_conductor": N_("A project needs somebody who conducts it. Name another conductor first."),
    "holds_work": N_("There is work in this person's hands. Hand it over first."),
    "party_has_people": N_("People belong to this party. Move them first."),
    "still_a_member": N_("This person is still in a project."),
    "unauthorized": N_("A valid API token is needed: Authorization: Bearer <token>."),
    "malformed": N_("The body could not be read as a JSON object."),
    "version_required": N_("Say which version you changed: “version” in the body, or an If-Match header."),
    "unreachable": N_("The database does not answer. Nothing was changed; try again in a moment."),
    "broken": N_("Something went wrong here. Nothing was changed, and it is noted in the log."),
}

FIELDS: Mapping[str, str] = {
    "required": N_("This has to be filled in."),
    "too_long": N_("Too long: at most {limit} characters."),
    "too_short": N_("Too short: at least {limit} characters."),
    "easily_guessed": N_("Guessed in no time. Three or four words that do not belong together are better."),
    "own_email": N_("Whoever guesses tries the e-mail address first. Choose something else."),
    "wrong_code": N_("This is not the code that the start has printed."),
    "not_a_link": N_("An address begins with http:// or https://."),
    "not_a_member": N_("Nobody of that name takes part in this project."),
    "not_a_date": N_("This is not a day that can be read. Try “27 November” or 2026-11-27."),
    "date_in_past": N_("That day has passed. Name one that is ahead."),
    "in_the_past": N_("That moment has passed. Name one that is ahead."),
    "date_out_of_range": N_("That day is too far away."),
    "observes_only": N_("An observer is asked for nothing."),
    "archived": N_("This is put away."),
    "unknown": N_("This is not known in this project."),
    "unknown_party": N_("There is no such party in this project."),
    "unknown_system": N_("There is no such system in this project."),
    "unknown_choice": N_("Choose one of the list."),
    "unknown_word": N_("Choose one of the list."),
    "unknown_field": N_("There is no such field."),
    "unknown_project": N_("There is no such project, or it is not shown to you."),
    "wrong_type": N_("A value of another kind is expected here."),
    "conflict": N_("Somebody has changed this to something else meanwhile."),
    "out_of_range": N_("This is outside of what is possible here."),
    "too_many": N_("Too many of them."),
    "not_a_moment": N_("This is not a moment with its time zone. Try 2026-11-27T09:30:00Z."),
    "unknown_version": N_("This version is not known. Open the page again."),
    "taken": N_("This is taken already."),
    "itself": N_("A task can't wait for itself."),
    "not_an_email": N_("This is not an e-mail address."),
    "unknown_zone": N_("This time zone is not known. Try Europe/Moscow."),
    "only_one": N_("One of the three: a step, a move, or a reason."),
    "decided": N_("This has been decided already."),
    "too_few_parties": N_("Name the parties it is between; at least {least}."),
    "not_a_signer": N_("This person is not one of the signers."),
    "no_customer_decider": N_("Nobody at the customer's may decide yet. Name the signers, or say who decides there."),
    "is_live": N_("It is live. Stop it first."),
    "not_a_key": N_("Two to ten Latin letters and digits, a letter first: LEN, SHOP2."),
    "stays": N_("The key stays: it stands in everybody's links."),
    "not_a_phone": N_("This is not a phone number."),
    "not_a_time": N_("This is not a time of day. Try 10:00."),
    "not_weekdays": N_("Choose one weekday at least."),
    "ends_before_it_begins": N_("The end comes before the beginning."),
    "too_long_away": N_("More than a year away: put the person's place in the project to an end instead."),
    "file_kind": N_("Files of this kind are not taken."),
    "file_not_kept": N_("The server has no room for the file just now. Nothing else is lost; try again later."),
    "files_of_a_day": N_("That is a lot of files for one day. The rest can come tomorrow, or as a link."),
    "files_for_one": N_("{limit} files a day are enough for one thing. The rest can come tomorrow, or as a link."),
    "file_too_large": N_("The file is larger than {limit} MB."),
    "not_a_number": N_("A whole number is expected here."),
    "evidence_needed": N_("Done means shown: add a link or a file first, or choose “in review”."),
    "own_check": N_("Checker and doer are the same person. Save once more if that is meant."),
}


MISSING: Mapping[str, str] = {
    "no_accountable": N_("Nobody is named who answers for the whole."),
    "accountable_not_agreed": N_("Who answers for the whole has not agreed yet."),
    "no_required_check": N_("No required check has an expected result and a tester."),
    "list_unconfirmed": N_("The accountable person has not confirmed the list of checks."),
    "check_open": N_("A required check is still to be made."),
    "check_failed": N_("A required check does not pass yet."),
    "check_without_evidence": N_("A passed check has nothing to show for it."),
    "unsigned": N_("A signature is missing."),
    "no_signers": N_("Nobody is named to sign."),
    "no_customer_decider": N_("Nobody at the customer's may decide yet. Name the signers, or say who decides there."),
    "open_deadlock": N_("A deadlock is open."),
    "no_items": N_("The agenda is empty. “Not held” is a way to end it as well."),
    "no_outcome": N_("What is the next step here?"),
    "step_without_title": N_("What is to be done?"),
    "step_without_owner": N_("Who does it?"),
    "step_without_date": N_("By when?"),
    "no_reason": N_("Why is there no step? A few words."),
}
"""What a launch or the end of a meeting still needs, by the code of the row in `Refused.missing`."""
SOMETHING_MISSING = N_("Something is still missing.")


def hung_up(error: Exception) -> bool:
    """Whoever asked has gone in the midst of it: as the framework tells it, a failure of the server."""
    return getattr(error, "detail", "") == "client disconnected prematurely"


def missing_sentence(language: str, code: str) -> str:
    return say(language, MISSING.get(code, SOMETHING_MISSING))


def sentence(language: str, error: DomainError) -> str:
    """A refusal in words; a code without words of its own still says that nothing was changed."""
    text = REFUSALS.get(error.code)
    if text is not None:
        return say(language, text, **error.facts)
    return say(language, N_("This can't be done as things stand; nothing was changed."))


def field_sentence(language: str, error: FieldError) -> str:
    text = FIELDS.get(error.code, FIELDS["unknown_choice"])
    return say(language, text, **{"limit": "", **error.facts})


def field_sentences(language: str, error: Invalid) -> dict[str, str]:
    """{field: sentence} of a form; the first one of a field stands for all."""
    said: dict[str, str] = {}
    for wrong in error.errors:
        said.setdefault(wrong.field, field_sentence(language, wrong))
    return said
