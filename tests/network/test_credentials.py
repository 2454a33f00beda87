"""The choice of cookies for a URL, and their health."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from downloads import services
from downloads.models import SiteCookies
from downloads.network import credentials
from downloads.network.credentials import CookieHealth, cookies_for, health_of, owner_for, sites_of
from tests.network.jars import LONG_AGO, SECRET, file, keep, line
from tests.support.ledger import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Any:
    return person("alice")


@pytest.mark.parametrize(
    ("url", "sites"),
    [
        ("https://www.example.com/a", ["www.example.com", "example.com", "com"]),
        ("https://youtu.be/x", ["youtu.be", "be", "youtube.com"]),
        ("http://127.0.0.1:80/", ["127.0.0.1"]),
        ("http://[::1]/", ["::1"]),
    ],
)
def test_the_sites_of_a_url(url: str, sites: list[str]) -> None:
    assert sites_of(url) == sites


def test_the_nearest_sites_cookies_and_no_others(alice: Any) -> None:
    keep(alice, "example.com", "wide")
    keep(alice, "video.example.com", "near")
    keep(alice, "bank.test", "money")
    assert "near" in cookies_for(alice.pk, "https://video.example.com/").text
    handed = cookies_for(alice.pk, "https://other.example.com/")
    assert (handed.site, "wide" in handed.text) == ("example.com", True)
    assert cookies_for(alice.pk, "https://badexample.com/").text == ""
    assert cookies_for(person("bob").pk, "https://example.com/").text == ""
    assert cookies_for(None, "https://example.com/").text == ""
    assert SECRET not in repr(handed)
    assert "wide" not in repr(handed)


def test_handing_out_is_noted(alice: Any) -> None:
    row = keep(alice, "example.com")
    cookies_for(alice.pk, "https://example.com/")
    row.refresh_from_db()
    assert row.last_used_at is not None


def test_what_has_run_out_is_told_at_once(alice: Any) -> None:
    text = file(line(".example.com", "sessionid", expires=LONG_AGO), line(".example.com", "theme"))
    row = services.keep_cookies(alice, text).row
    assert health_of(row) is CookieHealth.EXPIRED
    assert owner_for(alice.pk, "https://example.com/") is None


def test_nothing_but_old_ones_is_refused(alice: Any) -> None:
    with pytest.raises(services.BadCookies, match="have expired"):
        services.keep_cookies(alice, file(line(".example.com", expires=LONG_AGO)))
    assert not SiteCookies.objects.exists()


def test_they_run_out_by_themselves(alice: Any) -> None:
    row = keep(alice, "example.com")
    assert row.expires_at is not None
    assert health_of(row) is CookieHealth.OK
    assert health_of(row, row.expires_at + timedelta(seconds=1)) is CookieHealth.EXPIRED


def test_refused_ones_are_still_tried_and_renewing_mends(alice: Any) -> None:
    row = keep(alice, "example.com")
    credentials.note_refusal(alice.pk, "example.com")
    row.refresh_from_db()
    assert health_of(row) is CookieHealth.REFUSED
    assert owner_for(alice.pk, "https://example.com/") == alice.pk
    renewed = services.keep_cookies(alice, file(line("example.com", value="new")))
    assert (renewed.created, renewed.row.pk) == (False, row.pk)
    assert health_of(renewed.row) is CookieHealth.OK
    assert "new" in cookies_for(alice.pk, "https://example.com/").text


def test_a_year_that_no_calendar_has(alice: Any) -> None:
    text = file(line("example.com", expires=99_999_999_999_999))
    row = services.keep_cookies(alice, text).row
    assert row.expires_at is not None
    assert row.expires_at > timezone.now()
