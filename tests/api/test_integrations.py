"""An integration by program: live when nothing is missing, and not before."""


def missing(answer):
    assert answer.status_code == 409, answer.text
    return [row["code"] for row in answer.json()["missing"]]


def test_an_integration_goes_live_when_nothing_is_missing_and_not_before(callers, world):
    anna, form = callers.anna, f"/integrations/{world.form}"
    check = anna.post(
        "/checks",
        {"integration": world.form, "title": "Заявка доходит", "expected": "Телефон в CRM", "tester": world.gleb},
    ).json()["id"]
    refused = anna.post(f"{form}/go-live", {"version": 1})
    assert missing(refused) == ["no_accountable", "list_unconfirmed", "check_open", "unsigned"]
    page = f"/projects/LAVKA/integrations/{world.form}"
    assert [row["url"] for row in refused.json()["missing"]] == [page, page, f"{page}#check-{check}", page]
    assert refused.json()["code"] == "not_ready"
    assert all(set(row) == {"code", "url"} for row in refused.json()["missing"])

    version = anna.get(form).json()["version"]
    assert anna.patch(form, {"version": version, "accountable": world.ira}).json()["accountable"]["name"] == "Ira"
    assert callers.gleb.post(f"{form}/accept").status_code == 403, "nobody takes it on for somebody else"
    for _ in range(2):
        assert callers.ira.post(f"{form}/accept").status_code == 200
    assert anna.post(f"{form}/agree", {"behalf": world.ira}).status_code == 200
    assert missing(anna.post(f"{form}/go-live")) == ["check_open", "unsigned", "unsigned"]

    assert callers.lena.post(f"/checks/{check}/result", {"result": "passed"}).status_code == 404
    bare = callers.gleb.post(f"/checks/{check}/result", {"result": "passed"})
    assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "evidence")
    for _ in range(2):
        passed = callers.gleb.post(f"/checks/{check}/result", {"result": "passed", "url": "https://example.org/s"})
        assert passed.json()["result"] == "passed" and len(passed.json()["evidence"]) == 1
    assert anna.post(f"{form}/sign", {"behalf": world.ira}).status_code == 200
    assert anna.post(f"{form}/sign", {"person": world.olga, "letter": "https://example.org/letter"}).status_code == 200
    before = anna.get(form).json()
    assert before["readiness"]["done"] == before["readiness"]["of"]
    for _ in range(2):
        live = anna.post(f"{form}/go-live")
        assert (live.status_code, live.json()["state"]) == (200, "live")
