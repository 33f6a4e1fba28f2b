"""What the journal is sealed with: a key that is not in the database, so that whoever can write there forges nothing.

Of several keys the first one seals; the others are former ones, by which older rows are still looked at. A row says by
the id of its key which one it was. Without keys (the journals of version 0.1, and tests) rows are hashed only.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import NamedTuple

KEYS = "journal keys"
"""Mark in `session.info`: the Keys of the database that it is a session of."""
UNKEYED = ""
"""The key id of rows that no key has sealed."""


class Keys(NamedTuple):
    """`current`: the id of the key that seals. `known`: id -> key, the empty one for what was never sealed."""

    current: str
    known: Mapping[str, bytes]

    @property
    def key(self) -> bytes:
        return self.known[self.current]


NO_KEYS = Keys(UNKEYED, {UNKEYED: b""})


def keys_of(words: Iterable[str]) -> Keys:
    """From the words of the setting, the newest first."""
    known = {id_of(word.encode()): word.encode() for word in words}
    return Keys(next(iter(known)), {UNKEYED: b"", **known}) if known else NO_KEYS


def id_of(key: bytes) -> str:
    """What a key is called beside what it has sealed. Tells nothing of the key, which is long and random."""
    return hashlib.sha256(b"auftakt journal key\n" + key).hexdigest()[:12]


def mac(key: bytes, purpose: str, text: str) -> str:
    """64 hex digits; `purpose` keeps what was sealed as one thing from passing for another."""
    return hmac.digest(key, f"{purpose}\n{text}".encode(), "sha256").hex()
