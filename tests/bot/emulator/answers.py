"""A button to send, and what a refusal says."""

import httpx

BUTTON = {"text": "Готово", "callback_data": "v1:done"}


def description(answer: httpx.Response) -> str:
    body = answer.json()
    assert body["ok"] is False and body["error_code"] == answer.status_code
    return str(body["description"])
