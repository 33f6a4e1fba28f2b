"""Which passwords are taken: long enough, and none of those that guessers try first."""

from collections.abc import Sequence

from tracker.domain.errors import FieldError, Invalid

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200

STRONG_ENOUGH = 2
"""Of zxcvbn's 0 to 4: a hundred thousand guesses are not enough, and after five the wait begins."""
READ = 72
"""Signs that are judged: a longer one is not easier, and judging takes the square of them."""

HERE = ("auftakt", "auftakt-demo", "auftakt-bench")
"""What somebody thinks of who names a password for this, and what our own pages tell everybody."""

ON_LATIN_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`")
"""«пароль» is typed with the keys of "gfhjkm"; lists of known passwords hold the latter."""


def require_strong(password: str, own: Sequence[str] = ()) -> None:
    """Raises Invalid for what is no password. `own`: e-mail, then names of whose it is to be: tried before all else."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(FieldError("password", "too_short", {"limit": SHORTEST_PASSWORD, "length": len(password)}))
    if len(password) > LONGEST_PASSWORD:
        raise Invalid(FieldError("password", "too_long", {"limit": LONGEST_PASSWORD, "length": len(password)}))
    if any("@" in one and one.strip().casefold() in password.casefold() for one in own):
        raise Invalid(FieldError("password", "own_email"))
    if _score(password, own) < STRONG_ENOUGH:
        raise Invalid(FieldError("password", "easily_guessed"))


def _score(password: str, own: Sequence[str]) -> int:
    """Of the easier of its two readings."""
    # Not above: its lists of known words take 14 MB, and few processes ever judge a password.
    from zxcvbn import zxcvbn

    read = password.casefold()[:READ]
    words = [*HERE, *(part for one in own for part in one.casefold().replace("@", " ").split())]
    # Its own floor of a length is under ours; it wants something to read.
    return min(int(zxcvbn(one, user_inputs=words)["score"]) for one in {read, read.translate(ON_LATIN_KEYS)})
