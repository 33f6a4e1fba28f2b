"""Files: taken with a form and kept before the transaction; handed out as attachments, never opened here."""

from pathlib import Path
from urllib.parse import quote

from litestar import Response

from tracker.services.facts.files import file_of_card, file_of_evidence
from tracker.services.ground.uploads import LIMIT, Kept, keep_file, reserve
from tracker.tables import Upload
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask, SentFile
from tracker.web.http.responses import Answer
from tracker.web.http.routes import get

BODY = LIMIT + 100_000
"""Bytes of a form with a file in it."""


def sent_file(ask: Ask) -> Kept | None:
    """The file of the form, lying in its place; None if none came. Raises Invalid for what is not taken.

    To be called after the right has been asked: before that a stranger's file would be written.
    """
    sent = ask.form.file("file")
    if sent is None:
        return None
    count_file(ask, sent)
    return keep_file(ask.running.settings.uploads, sent.content, sent.name)


def count_file(ask: Ask, sent: SentFile) -> None:
    """Against the measure of a day; raises Invalid beyond it."""
    sender = ask.holder.person_id if ask.holder is not None else ask.signed_in.person_id
    with ask.running.database.writing() as session:
        reserve(session, sender, len(sent.content), now=ask.now)


@get("/evidence/{evidence_id:int}/file", guard=Guard.OBJECT, slow=True)
def evidence_file(ask: Ask, evidence_id: int) -> Answer:
    with ask.reading() as session:
        return _handed_out(*file_of_evidence(session, ask.actor, ask.running.settings.uploads, evidence_id))


@get("/cards/{card_id:int}/files/{upload_id:int}", guard=Guard.OBJECT, slow=True)
def card_file(ask: Ask, card_id: int, upload_id: int) -> Answer:
    with ask.reading() as session:
        return _handed_out(*file_of_card(session, ask.actor, ask.running.settings.uploads, card_id, upload_id))


def _handed_out(upload: Upload, path: Path) -> Answer:
    """Whatever it is, it is saved and not shown: a page or a picture with a script in it shall not run as ours."""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._- ") else "_" for sign in upload.name)
    headers = {
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(upload.name, safe='')}",
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": "private, max-age=0, must-revalidate",
    }
    return Response(path.read_bytes(), media_type=upload.media_type, headers=headers)


ROUTES = [evidence_file, card_file]
