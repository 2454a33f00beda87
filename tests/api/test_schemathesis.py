"""Each operation with made-up requests, right and wrong ones: what comes is what the schema says.

``SCHEMA_EXAMPLES`` requests for each operation; without it 200 in the long form, 5 in the short.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from knox.models import AuthToken
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.arrange import make_completed
from tests.services.playlists.arrange import pasted
from tests.support.ledger import ask
from tests.support.length import figure

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

EXAMPLES = figure(5, 200, "SCHEMA_EXAMPLES")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
SCHEMA.app = get_wsgi_application()
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


@pytest.fixture
def rows(as_alice: Any, alice: Any) -> dict[str, list[str]]:
    """The ids of a user who has some of everything, by the first part of the path."""
    hook = as_alice.post("/api/v1/webhooks/", {"url": "https://hook.example/x"}).json()["id"]
    done, waiting = ask(alice), ask(alice)
    make_completed(done)
    playlist = pasted(alice, 3)
    chosen = as_alice.post(f"/api/v1/content/{playlist.pk}/downloads/", {"all": True}).json()
    cookies = as_alice.post("/api/v1/cookies/", {"text": "a=b", "site": "a.example"}).json()["id"]
    return {
        "downloads": [str(done.pk), str(waiting.pk)],
        "content": [str(done.content_id), str(playlist.pk)],
        "groups": [chosen["group"]["id"]],
        "cookies": [cookies],
        "webhooks": [hook],
    }


@pytest.fixture(autouse=True)
def kept_connection(rows: Any) -> Iterator[None]:
    """Keep the test's connection after a request, as Django's own test client does while
    it asks itself."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
def test_what_comes_is_what_the_schema_says(operation: Any, alice: Any, rows: Any) -> None:
    known = rows.get(operation.path.removeprefix("/api/v1/").partition("/")[0], [])
    modes = schemathesis.GenerationMode
    cases = st.one_of(
        operation.as_strategy(generation_mode=modes.POSITIVE),
        operation.as_strategy(generation_mode=modes.NEGATIVE),
    )

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, row=st.sampled_from([*known, None]))
    def answers(case: Any, row: str | None) -> None:
        if row and "id" in case.path_parameters:
            case.path_parameters["id"] = row
        _, token = AuthToken.objects.create(alice)
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(response, checks=CHECKS)

    answers()
