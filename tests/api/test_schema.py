"""/api/schema/: valid, complete and without a warning."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import get_resolver
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from downloads.api.schema_view import _rendered
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

BYTES = ("/file/", "/subtitles/{language}/", "/{filename}")


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
        if path.startswith("/api/v1/")
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


def test_no_body_has_a_default(schema: Any) -> None:
    """A generated client sends defaults, which would change what the user did not name, or requires
    their fields."""
    for name, body in schema["components"]["schemas"].items():
        if name.endswith("Request"):
            facts = body["properties"].items()
            assert not [field for field, about in facts if "default" in about], name


def test_no_change_requires_a_field(schema: Any) -> None:
    bodies = {
        name: body
        for name, body in schema["components"]["schemas"].items()
        if name.startswith("Patched")
    }
    assert len(bodies) == sum("patch" in call for call in schema["paths"].values())
    for name, body in bodies.items():
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


def test_what_a_session_may_not_is_said(schema: Any) -> None:
    for name, call in calls(schema):
        may_lack_a_csrf_token = not name.startswith("get ") and "auth/" not in name
        assert ("403" in call["responses"]) == may_lack_a_csrf_token, name


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("post", "/api/v1/downloads/", "404"),
        ("post", "/api/v1/webhooks/", "409"),
        ("post", "/api/v1/webhooks/{id}/deliveries/{delivery_id}/redeliver/", "409"),
        ("get", "/api/v1/downloads/{id}/file/", "412"),
        *(("get", "/d/{token}/{filename}", status) for status in ("200", "403", "410", "416")),
        ("get", "/d/{token}/subtitles/{language}/", "404"),
    ],
)
def test_statuses_that_were_missing(schema: Any, method: str, path: str, status: str) -> None:
    assert status in schema["paths"][path][method]["responses"]


def test_no_description_is_that_of_the_code(schema: Any) -> None:
    for name, call in calls(schema):
        assert call["description"], name
        assert "its list, its rows" not in call["description"], name


def test_it_is_made_once(client: Any, db: None) -> None:
    first = client.get("/api/schema/?format=json")
    again = client.get("/api/schema/?format=json", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/schema/").content.startswith(b"openapi: 3.1")
    assert _rendered.cache_info().misses <= 2


def test_the_pages(client: Any, db: None) -> None:
    assert client.get("/api/docs/").status_code == 200
