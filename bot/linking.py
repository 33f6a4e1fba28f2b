"""Who writes: the deep link that makes a Telegram account somebody's, leaving off, coming back, and strangers."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from bot import buttons, texts
from bot.replies import LinkBase, Pressed, Reply
from tracker.domain.errors import DomainError, NotFound
from tracker.services.channels import chats
from tracker.services.channels.invitations import private_page
from tracker.services.channels.telegram import Linked, link, opt_in, opt_out, person_of, read_offer, refuse_offer
from tracker.wording.languages import DEFAULT, SOURCE, spoken
from tracker.wording.marking import N_
from tracker.wording.say import say

LINKING = "link"


class Account(NamedTuple):
    """A Telegram account, linked or not. In a private chat its id is the chat's."""

    telegram_id: int
    chat_id: int
    name: str
    language_code: str

    @property
    def language(self) -> str:
        """Until we know the person: what their Telegram speaks."""
        return spoken(self.language_code) or (SOURCE if self.language_code else DEFAULT)


class LinkNews(NamedTuple):
    """A reply, and a word to the chat that the person used until now."""

    reply: Reply
    old_chat: int | None = None
    old_text: str = ""


def start(session: Session, account: Account, payload: str, *, now: datetime) -> Reply:
    """`/start`, with or without the payload of an invitation."""
    who = person_of(session, account.telegram_id, now=now)
    if payload:
        try:
            offer = read_offer(session, payload, now=now)
        except DomainError:
            if who is None:
                return Reply(
                    say(account.language, N_("This link does not work any more. Ask the conductor for a new one."))
                )
        else:
            if who is None or who.person_id != offer.person_id:
                chats.ask(session, account.chat_id, LINKING, now=now, token=offer.token_id)
                return Reply(texts.confirm_link(offer, who.name if who else ""), _confirm(offer.language))
    if who is None:
        return stranger(account)
    if opt_in(session, who.actor, now=now):
        return Reply(say(who.language, N_("Fine, messages are on again.")), buttons.my_steps(who.language))
    return Reply(
        say(who.language, N_("You are connected as {name}."), name=texts.value(who.name)),
        buttons.my_steps(who.language),
    )


def _confirm(language: str) -> buttons.Keyboard:
    yes, not_me = say(language, N_("Yes")), say(language, N_("No, that is not me"))
    return ((buttons.button(yes, "yes"), buttons.button(not_me, "notme")),)


def stranger(account: Account) -> Reply:
    """Somebody whom nobody has invited learns what this is, and nothing else."""
    return Reply(
        say(
            account.language,
            N_(
                "Hello. This is Auftakt, a bot that helps joint projects to move on. It writes only "
                "to people who were invited: whoever conducts the project has a link for you."
            ),
        )
    )


def confirm(session: Session, account: Account, yes: bool, *, now: datetime) -> tuple[Pressed, LinkNews | None]:
    """[Да] or [Нет, это не я]. Whom it is about stands in our own row, never in the button."""
    asked = chats.asked(session, account.chat_id, now=now)
    if asked is None or asked.kind != LINKING:
        return Pressed(say(account.language, N_("This button is out of date."))), None
    chats.answered(session, account.chat_id)
    token_id = int(asked.facts["token"])
    if not yes:
        refuse_offer(session, token_id, account.name, now=now)
        said = say(account.language, N_("Thank you for telling. Nothing was connected; the conductor will see to it."))
        return Pressed("", Reply(said)), None
    try:
        offer, old_chat = link(session, token_id, account.telegram_id, account.chat_id, account.name, now=now)
    except NotFound:
        said = say(account.language, N_("This link does not work any more. Ask the conductor for a new one."))
        return Pressed("", Reply(said)), None
    except DomainError:
        said = say(account.language, N_("This could not be connected. Please try once more."))
        return Pressed("", Reply(said)), None
    moved = say(
        offer.language, N_("From now on another Telegram account is used: {name}."), name=texts.value(account.name)
    )
    welcome = Reply(texts.welcome(offer), buttons.my_steps(offer.language))
    connected = say(offer.language, N_("You are connected as {name}."), name=texts.value(offer.name))
    return Pressed(say(offer.language, N_("Thank you.")), Reply(connected)), LinkNews(welcome, old_chat, moved)


def stop(session: Session, who: Linked, place: LinkBase, *, now: datetime) -> Reply:
    """`/stop` works at once; the private page goes on working without any message."""
    opt_out(session, who.actor, now=now)
    url = private_page(session, who.person_id, key=place.key, public_url=place.public_url, now=now)
    return Reply(
        say(
            who.language, N_("All right, no more messages. Your tasks: {url}\nBack again: /start"), url=texts.value(url)
        )
    )
