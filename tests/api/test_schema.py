"""/api/schema/: valid, complete and without a warning."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import get_resolver

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


def test_payloads_are_the_wires_own(schema: Any) -> None:
    shown = schema["components"]["schemas"]["DownloadPayload"]["properties"]
    assert {"contentId", "queuePosition", "bytesTotal"} <= set(shown)


def test_every_address_of_the_api_is_in_it(schema: Any) -> None:
    api = next(one for one in get_resolver().url_patterns if str(one.pattern) == "api/v1/")
    described = [path for path in schema["paths"] if path.startswith("/api/v1/")]
    assert len(api.url_patterns) == len(described)


def test_the_pages(client: Any, db: None) -> None:
    assert client.get("/api/docs/").status_code == 200
