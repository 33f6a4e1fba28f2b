"""A check by program: every way it can go, with reasons."""


def test_a_check_is_failed_skipped_waived_and_set_back_with_reasons(callers, world):
    check = callers.anna.post("/checks", {"integration": world.form, "title": "x", "tester": world.gleb}).json()["id"]
    path = f"/checks/{check}/result"
    for result in ("failed", "not_applicable", "waived"):
        assert callers.anna.post(path, {"result": result}).status_code == 422, "a reason is needed"
        noted = callers.anna.post(path, {"result": result, "reason": "Стенд не отвечает"})
        assert noted.json()["result"] == result
    assert callers.gleb.post(path, {"result": "waived", "reason": "x"}).status_code == 403
    assert callers.gleb.post(path, {"result": "pending"}).json()["result"] == "pending"
    assert callers.vera.post(path, {"result": "pending"}).status_code == 403
