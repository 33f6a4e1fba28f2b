"""The description of the API fits the API."""

import dataclasses
import re

from litestar.routes import HTTPRoute

from tracker.api.tasks import TaskFields
from tracker.services.tasks.fields import TaskInput


def test_it_is_open_and_describes_every_route(callers, app):
    answer = callers.client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    paths = answer.json()["paths"]
    described = {(method.upper(), path) for path in paths for method in paths[path] if method != "parameters"}
    served = {
        (method, re.sub(r":\w+}", "}", route.path))
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path != "/api/v1/openapi.json"
        for method in route.methods - {"OPTIONS"}
    }
    assert described == served and len(served) > 80


def test_bodies_and_answers_are_described_by_shape(callers):
    description = callers.client.get("/api/v1/openapi.json").json()
    shapes = description["components"]["schemas"]
    assert set(shapes["TaskView"]["required"]) >= {"id", "turn", "stalls_at", "version"}
    assert shapes["TaskNew"]["required"] == ["project", "title"]
    assert shapes["Ref"]["properties"] == {"id": {"type": "integer"}, "name": {"type": "string"}}
    assert description["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    listed = description["paths"]["/api/v1/tasks"]["get"]
    assert {one["name"] for one in listed["parameters"]} >= {"project", "limit", "after", "status", "turn", "sort"}


def test_nothing_of_it_comes_from_elsewhere(callers):
    text = callers.client.get("/api/v1/openapi.json").text
    assert "http://" not in text and "https://" not in text
    assert callers.client.get("/api/v1/").status_code == callers.client.get("/schema").status_code == 404


def test_what_is_left_out_of_a_new_task_is_described_as_the_verb_takes_it():
    shared = TaskFields.model_fields.keys() - {"waiting_on"}
    taken = {one.name: one.default for one in dataclasses.fields(TaskInput)}
    assert {name: TaskFields.model_fields[name].default for name in shared} == {name: taken[name] for name in shared}
