"""A second press of the same button: the same form of the same browser within seconds leads where the first one led.

For forms that make something new: everything else is the same done twice as done once, by its verb.
"""

import hashlib
import time
from collections.abc import Callable

from tracker.services.ground.presses import went_to, where_it_went
from tracker.web.http.request import Ask, ButtonPress, PressedBefore, local_path
from tracker.web.http.responses import Answer, see_other

PATIENCE, STEP = 2.0, 0.05
"""Seconds that the second press waits to learn where the first one led."""


def once(ask: Ask, work: Callable[[], Answer]) -> Answer:
    """What `work` answers. Its first transaction claims the press: a refusal, rolled back, claims nothing."""
    told = repr((ask.person and ask.person.id, ask.path, ask.form.fingerprint))
    press = ask.press = ButtonPress(hashlib.sha256(told.encode()).hexdigest())
    try:
        answer = work()
    except PressedBefore:
        return see_other(ask, _where_the_first_led(ask, press.key))
    if press.claimed and press.url:
        # In a transaction of its own: where to go is known when what was made has its number.
        with ask.running.database.writing() as session:
            went_to(session, press.key, press.url)
    return answer


def _where_the_first_led(ask: Ask, key: str) -> str:
    """If the first one has died since it made its thing: back to where the form stood."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with ask.running.database.reading() as session:
            if found := where_it_went(session, key):
                return found
        time.sleep(STEP)
    referer = ask.request.headers.get("referer", "")
    return local_path(referer.partition(ask.request.headers.get("host", "\0"))[2], "/")
