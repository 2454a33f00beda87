"""Error pages need no user, no session and no database: any of them may be what is broken."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from config.server import errors


def test_a_page_for_people(rf: RequestFactory) -> None:
    answer = errors.error_response(rf.get("/nowhere"), 413, "too_large", "Send <less>.")
    page = answer.content.decode()

    assert '<p class="error-code">413</p>' in page
    assert "<h1>Too large</h1>" in page
    assert "Send &lt;less&gt;." in page
    assert "Sign out" not in page


def test_json_for_programs(rf: RequestFactory) -> None:
    answer = errors.page_not_found(rf.get("/api/v1/nowhere"), Exception())

    assert answer["Content-Type"] == "application/json"


def test_a_broken_template_still_says_what_to_do(
    rf: RequestFactory, settings: pytest.FixtureRequest
) -> None:
    settings.TEMPLATES = []  # type: ignore[attr-defined]
    answer = errors.page_not_found(rf.get("/nowhere"), Exception())

    assert "This page does not exist." in answer.content.decode()
