"""/api/schema/: valid, complete and without a warning."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import get_resolver
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from tests.services.playlists.arrange import pasted
from tests.support.ledger import ask

WANTED = {
    "auth/login/": {"post"},
    "auth/logout/": {"post"},
    "downloads/": {"get", "post"},
    "downloads/actions/": {"post"},
    "downloads/{id}/": {"get", "patch", "delete"},
    **{f"downloads/{{id}}/{verb}/": {"post"} for verb in ("cancel", "pause", "resume", "retry")},
    "downloads/{id}/file/": {"get"},
    "downloads/{id}/link/": {"post"},
    "downloads/{id}/events/": {"get"},
    "content/": {"get", "post"},
    "content/{id}/": {"get"},
    "webhooks/": {"get", "post"},
    "webhooks/{id}/": {"get", "patch", "delete"},
    "webhooks/{id}/deliveries/": {"get"},
    "webhooks/{id}/deliveries/{delivery_id}/redeliver/": {"post"},
    "queue/": {"get"},
    "realtime/ticket/": {"post"},
}

BYTES = ("/file/", "/subtitles/{language}/")


@pytest.fixture
def schema(client: Any, db: None) -> Any:
    response = client.get("/api/schema/?format=json")
    assert response.status_code == 200
    return response.json()


def test_no_warning() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=io.StringIO())


def test_every_call_of_the_contract(schema: Any) -> None:
    found = {path.removeprefix("/api/v1/"): set(calls) for path, calls in schema["paths"].items()}
    assert WANTED.items() <= found.items()


def calls(schema: Any) -> list[tuple[str, Any]]:
    return [
        (f"{method} {path}", call)
        for path, methods in schema["paths"].items()
        for method, call in methods.items()
    ]


def test_every_call_says_how_to_sign_in_and_what_goes_wrong(schema: Any) -> None:
    for name, call in calls(schema):
        assert "503" in call["responses"], name
        if "auth/login" not in name:
            assert {"bearer": []} in call["security"], name
            assert "401" in call["responses"], name
        if "{id}" in name:
            assert "404" in call["responses"], name
        for status, response in call["responses"].items():
            if status >= "400" and "content" in response:
                shape = response["content"]["application/json"]["schema"]
                assert shape == {"$ref": "#/components/schemas/ErrorPayload"}, name


def test_the_schema_is_valid_openapi(schema: Any) -> None:
    validate(schema)


def test_no_change_has_a_default(schema: Any) -> None:
    """A generated client sends defaults, which would change what the user did not name."""
    bodies = {
        name: body
        for name, body in schema["components"]["schemas"].items()
        if name.startswith("Patched")
    }
    assert len(bodies) == sum("patch" in call for call in schema["paths"].values())
    for name, body in bodies.items():
        assert not [field for field, facts in body["properties"].items() if "default" in facts], (
            name
        )
        assert "required" not in body, name


def test_every_get_answers_what_the_schema_says(as_alice: Any, alice: Any, schema: Any) -> None:
    chosen = as_alice.post(f"/api/v1/content/{pasted(alice, 2).pk}/downloads/", {"all": True})
    hook = as_alice.post("/api/v1/webhooks/", {"url": "https://hook.example/x"}).json()["id"]
    cookies = as_alice.post("/api/v1/cookies/", {"text": "a=b", "site": "a.example"}).json()["id"]
    rows = {"downloads": ask(alice).pk, "content": pasted(alice, 2).pk, "webhooks": hook}
    rows |= {"cookies": cookies, "groups": chosen.json()["group"]["id"]}
    for path, methods in schema["paths"].items():
        name = path.removeprefix("/api/v1/")
        if "get" not in methods or name.endswith(BYTES):
            continue
        response = as_alice.get(path.replace("{id}", str(rows.get(name.partition("/")[0]))))
        assert response.status_code == 200, path
        shape = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {**shape, "components": schema["components"]}
        OAS31Validator(whole).validate(response.json())


def test_payloads_are_the_wires_own(schema: Any) -> None:
    shown = schema["components"]["schemas"]["DownloadPayload"]["properties"]
    assert {"contentId", "queuePosition", "bytesTotal"} <= set(shown)


def test_every_address_of_the_api_is_in_it(schema: Any) -> None:
    api = next(one for one in get_resolver().url_patterns if str(one.pattern) == "api/v1/")
    described = [path for path in schema["paths"] if path.startswith("/api/v1/")]
    assert len(api.url_patterns) == len(described)


def test_the_pages(client: Any, db: None) -> None:
    assert client.get("/api/docs/").status_code == 200
