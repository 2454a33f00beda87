"""Any text in the place of an id is looked up or not found, never a server error."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["downloads/{}/pause/", "groups/{}/pause/", "queue/{}/pause/"])
@pytest.mark.parametrize("no_id", ["f" * 36, "-" * 36, "0" * 32 + "----"])
def test_what_is_no_id_is_not_found(admin_user: User, path: str, no_id: str) -> None:
    client = Client()
    client.force_login(admin_user)
    assert client.post(f"/{path.format(no_id)}").status_code == 404
