"""Files that show something: taken on the task, the check, the letter; handed out to who sees what they belong to."""

import pytest
from sqlmodel import select

from tests.worlds.shop import NOW
from tracker.domain.terms import Way
from tracker.services.ground.journal import Actor
from tracker.services.ground.uploads import keep_file, name_upload
from tracker.services.integrations.checks import CheckInput, add_check
from tracker.services.integrations.signatures import set_signers
from tracker.services.tasks.inbox import send_to_inbox
from tracker.tables import Check, Evidence, Signature

SHOT = ("экран «форма».png", b"\x89PNG screen", "image/png")


@pytest.fixture
def check(db, world):
    """A line whose tester is Pete."""
    with db.writing() as session:
        actor = Actor(world.conductor, Way.WEB)
        return add_check(
            session, actor, world.joint, CheckInput("Заявка дошла", expected="видна", tester=world.pete), now=NOW
        ).id


def evidence(db):
    with db.reading() as session:
        return list(session.exec(select(Evidence).order_by(Evidence.id)))


def kept_files(settings):
    return [one for one in settings.uploads.rglob("*") if one.is_file()]


def test_a_task_takes_a_file_and_hands_it_out_as_it_came(sign_in, world, db, vera):
    pete, path = sign_in("pete"), f"/tasks/{world.tasks[1]}/evidence"
    assert pete.post(path, data={"caption": "видно поле"}, files={"file": SHOT}).status_code == 303
    [piece] = evidence(db)
    assert (piece.kind, piece.caption, piece.by_id) == ("file", "видно поле", world.pete)
    page = pete.get("/projects/LEN/t/1").text
    assert f'<a href="/evidence/{piece.id}/file" download>видно поле</a>' in page
    for who in (pete, vera, sign_in("lev")):
        answer = who.get(f"/evidence/{piece.id}/file")
        assert (answer.status_code, answer.content) == (200, SHOT[1])
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["content-disposition"] == (
        'attachment; filename="_____ _______.png"; '
        "filename*=UTF-8''%D1%8D%D0%BA%D1%80%D0%B0%D0%BD%20%C2%AB%D1%84%D0%BE%D1%80%D0%BC%D0%B0%C2%BB.png"
    )


def test_who_does_not_see_the_task_in_full_finds_no_file(sign_in, anybody, world, db):
    sign_in("pete").post(f"/tasks/{world.tasks[1]}/evidence", files={"file": SHOT})
    [piece] = evidence(db)
    url = f"/evidence/{piece.id}/file"
    assert sign_in("ann").get(url).status_code == 404, "she sees the outline"
    assert sign_in("stranger").get(url).status_code == 404
    assert anybody.get(url).status_code == 303
    assert sign_in("pete").get("/evidence/999999/file").status_code == 404


def test_what_was_taken_away_is_not_handed_out_any_more(vera, world, db):
    vera.post(f"/tasks/{world.tasks[1]}/evidence", files={"file": SHOT})
    [piece] = evidence(db)
    vera.post(f"/tasks/{world.tasks[1]}/evidence/{piece.id}/remove")
    assert vera.get(f"/evidence/{piece.id}/file").status_code == 404


def test_a_link_and_a_file_together_are_both_kept(vera, world, db):
    sent = {"url": "https://shop.example/test", "caption": "стенд"}
    assert vera.post(f"/tasks/{world.tasks[1]}/evidence", data=sent, files={"file": SHOT}).status_code == 303
    [piece] = evidence(db)
    page = vera.get("/projects/LEN/t/1").text
    assert 'href="https://shop.example/test"' in page and f"/evidence/{piece.id}/file" in page


def test_the_same_file_twice_is_one_piece(vera, world, db):
    for _ in range(2):
        assert vera.post(f"/tasks/{world.tasks[1]}/evidence", files={"file": SHOT}).status_code == 303
    assert len(evidence(db)) == 1


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (("evil.exe", b"MZ", "image/png"), "Files of this kind are not taken."),
        (("page.html", b"<script>", "text/plain"), "Files of this kind are not taken."),
        (("пусто.png", b"", "image/png"), "required"),
        (("большой.png", b"x" * 20_000_001, "image/png"), "The file is larger than 20 MB."),
    ],
)
def test_what_is_not_taken_is_said_at_the_field_and_the_rest_is_kept(vera, world, db, check, settings, file, said):
    paths = {
        f"/tasks/{world.tasks[1]}/evidence": {"caption": "наша подпись"},
        f"/checks/{check}/result": {"result": "passed", "caption": "наша подпись"},
    }
    for path, sent in paths.items():
        answer = vera.post(path, data=sent, files={"file": file})
        assert answer.status_code == 422, path
        assert "наша подпись" in answer.text, path
        assert 'aria-invalid="true"' in answer.text
        if said != "required":
            assert said in answer.text, path
    assert evidence(db) == [] and kept_files(settings) == []


def test_nothing_is_written_for_whom_it_is_refused(sign_in, world, check, settings):
    lev = sign_in("lev")
    for path in (f"/tasks/{world.tasks[1]}/evidence", f"/checks/{check}/result", f"/integrations/{world.joint}/letter"):
        sent = {"result": "passed", "person": str(world.ann)}
        assert lev.post(path, data=sent, files={"file": SHOT}).status_code == 403, path
    assert sign_in("stranger").post(f"/tasks/{world.tasks[1]}/evidence", files={"file": SHOT}).status_code == 404
    assert kept_files(settings) == []


def test_a_check_is_passed_with_a_file(sign_in, world, db, check):
    pete = sign_in("pete")
    answer = pete.post(f"/checks/{check}/result", data={"result": "passed", "caption": "скрин"}, files={"file": SHOT})
    assert answer.status_code == 303
    with db.reading() as session:
        assert session.get_one(Check, check).result == "passed"
    [piece] = evidence(db)
    page = pete.get(f"/projects/LEN/integrations/{world.joint}").text
    assert f'<a href="/evidence/{piece.id}/file" download>скрин</a>' in page
    assert pete.get(f"/evidence/{piece.id}/file").content == SHOT[1]
    assert sign_in("stranger").get(f"/evidence/{piece.id}/file").status_code == 404
    pete.post(f"/checks/{check}/result", data={"result": "passed"}, files={"file": SHOT})
    assert len(evidence(db)) == 1


def test_a_letter_may_be_a_file_and_is_shown_to_whom_the_integration_is(vera, sign_in, world, db):
    with db.writing() as session:
        set_signers(session, Actor(world.conductor, Way.WEB), world.joint, [world.ann], now=NOW)
    letter = ("письмо.pdf", b"%PDF letter", "application/pdf")
    sent = {"person": str(world.ann)}
    assert vera.post(f"/integrations/{world.joint}/letter", data=sent, files={"file": letter}).status_code == 303
    with db.reading() as session:
        signed = session.exec(select(Signature)).one()
        assert signed.signed_at is not None and signed.letter_id is not None
    page = sign_in("ann").get(f"/projects/LEN/integrations/{world.joint}").text
    assert f'<a href="/evidence/{signed.letter_id}/file" download>письмо.pdf</a>' in page
    assert sign_in("ann").get(f"/evidence/{signed.letter_id}/file").content == letter[1]
    assert sign_in("stranger").get(f"/evidence/{signed.letter_id}/file").status_code == 404
    refused = vera.post(f"/integrations/{world.joint}/letter", data=sent, files={"file": ("a.exe", b"MZ", "x/y")})
    assert refused.status_code == 422 and "Files of this kind are not taken." in refused.text


def test_a_file_in_the_inbox_opens_for_who_conducts_alone(vera, sign_in, world, db, settings):
    kept = keep_file(settings.uploads, SHOT[1], SHOT[0])
    with db.writing() as session:
        pete = Actor(world.pete, Way.TELEGRAM)
        upload = name_upload(session, pete, kept, project_id=world.project, now=NOW).id
        card = send_to_inbox(session, pete, world.project, "посмотрите", [upload], now=NOW).id
    url = f"/cards/{card}/files/{upload}"
    assert url in vera.get("/").text
    assert vera.get(url).content == SHOT[1]
    assert vera.get(f"/cards/{card}/files/{upload + 1}").status_code == 404
    for who in ("pete", "lev", "stranger"):
        assert sign_in(who).get(url).status_code == 404
