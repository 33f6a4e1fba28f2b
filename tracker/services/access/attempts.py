"""Attempts to sign in, counted against guessing: the more of them have failed, the longer the next one waits.

Counted are the account together with the network, so that nobody shuts somebody else out by guessing at their account
from elsewhere; each network, whatever accounts it tries; and the account alone, against many networks at once. A
browser in which the person has signed in before is counted by itself.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.domain.addresses import networks_of
from tracker.domain.errors import Slower
from tracker.tables import Attempt

WINDOW = timedelta(hours=1)
FREE_TRIES = {"browser": 10, "pair": 5, "network": 30, "provider": 300, "account": 100}
"""Failures within the window that cost nothing; each one more doubles the wait."""
LONGEST_WAIT = {"account": timedelta(seconds=15)}
"""Else five minutes. A wait of the account alone meets its owner too, in a browser that is new to us."""
USUAL_WAIT = timedelta(minutes=5)

KNOWN_FOR = timedelta(days=400)
"""How long a browser is known: as long as browsers keep a cookie."""


def browser_mark(key: bytes, person_id: int, password_hash: str, *, now: datetime) -> str:
    """What a browser is known by later: `person.issued.nonce.mac`. A changed password makes it worthless."""
    told = f"{person_id}.{int(now.timestamp())}.{secrets.token_urlsafe(12)}"
    return f"{told}.{_mac(key, told, password_hash)}"


def known_browser(key: bytes, mark: str, person_id: int, password_hash: str, *, now: datetime) -> str:
    """The mark's nonce, if this person has signed in there with this password; else empty."""
    told, _, mac = mark.rpartition(".")
    if not key or not mark.isascii() or not hmac.compare_digest(mac, _mac(key, told, password_hash)):
        return ""
    whose, issued, nonce = told.split(".")
    fresh = now - datetime.fromtimestamp(int(issued), UTC) < KNOWN_FOR
    return nonce if fresh and whose == str(person_id) else ""


def _mac(key: bytes, told: str, password_hash: str) -> str:
    mac = hmac.new(key, f"browser/{told}/{password_hash}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()


def keys_of(account: str, address: str, browser: str = "") -> tuple[str, ...]:
    """What an attempt is counted under. `account`: digest of the e-mail; `browser`: see `known_browser`."""
    if browser:
        return (f"browser:{browser}",)
    networks = networks_of(address)
    kinds = zip(("network", "provider"), networks, strict=False)
    return (f"pair:{account}/{networks[0]}", *(f"{kind}:{one}" for kind, one in kinds), f"account:{account}")


def count_attempt(session: Session, keys: Sequence[str], now: datetime) -> None:
    """Note one attempt under each key, or raise Slower. What waits is not counted: it tried nothing."""
    connection = session.connection()
    connection.execute(sa.delete(Attempt).where(col(Attempt.at) < now - timedelta(days=1)))
    for key in keys:
        count, last = connection.execute(
            sa.select(sa.func.count(), sa.func.max(col(Attempt.at))).where(
                col(Attempt.key) == key, col(Attempt.at) > now - WINDOW
            )
        ).one()
        kind = key.partition(":")[0]
        over = count - FREE_TRIES[kind]
        if over >= 0:
            # A wait, not a lock: nobody shuts somebody else out for good by guessing at their account.
            wait = min(timedelta(seconds=2 ** min(over, 20)), LONGEST_WAIT.get(kind, USUAL_WAIT)) - (now - last)
            if wait > timedelta(0):
                raise Slower(int(wait.total_seconds()) + 1)
    session.add_all([Attempt(key=key, at=now) for key in keys])


def forget_attempts(session: Session, keys: Sequence[str]) -> None:
    """A success clears what was counted of its own browser or of its account from here, and gives the others back the
    one attempt it was."""
    own, *others = keys
    connection = session.connection()
    connection.execute(sa.delete(Attempt).where(col(Attempt.key) == own))
    for key in others:
        last = connection.execute(sa.select(sa.func.max(col(Attempt.id))).where(col(Attempt.key) == key)).scalar_one()
        connection.execute(sa.delete(Attempt).where(col(Attempt.id) == last))
