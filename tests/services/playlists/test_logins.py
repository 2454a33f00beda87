"""Entries whose links hold a login: kept as pasted links are, encrypted, and shown without it."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from rest_framework.test import APIClient

from downloads import services
from downloads.engine.core.errors import LoginRequired
from downloads.engine.core.media import Quality
from downloads.jobs.keep_listing import keep_listing
from downloads.models import Content, PlaylistEntry
from downloads.network import source_login
from tests.services.playlists.arrange import at, entry, keys, listing, pasted

pytestmark = pytest.mark.django_db

SECRET = "HUSH"


def with_login(secret: str = SECRET, name: str = "1.mp4") -> str:
    return f"https://alice:{secret}@course.example/{name}"


def course(user: Any, secret: str = SECRET) -> Content:
    one = entry(
        1,
        url=with_login(secret),
        thumbnail_url=with_login(secret, "1.jpg"),
        identity=f"direct:{with_login(secret)}",
    )
    facts = {"thumbnail_url": with_login(secret, "all.jpg"), "identity": with_login(secret, "")}
    return pasted(user, 0, entries=(one, entry(2)), total=2, **facts)


def everything() -> str:
    """All rows of all tables, as the database has them."""
    return "".join(
        serializers.serialize("json", model._default_manager.all())
        for model in apps.get_models()
        if model._meta.app_label == "downloads"
    )


def test_no_column_and_no_answer_holds_it(alice: Any) -> None:
    content = course(alice)
    assert SECRET not in everything()
    api = APIClient()
    api.force_authenticate(alice)
    shown = api.get(at(content, "entries")).json()["results"]
    assert [each["url"] for each in shown] == [
        "https://course.example/1.mp4",
        "https://course.example/2.mp4",
    ]
    assert SECRET not in str(shown)


def test_a_chosen_one_is_fetched_with_it_by_its_chooser_alone(alice: Any) -> None:
    content = course(alice)
    made = services.request_entries(alice, content, keys(content), quality=Quality.AUTO)
    assert [each.created for each in made.results] == [True, True]
    first, second = (each.download.content for each in made.results if each.download)
    assert (first.credential_owner_id, second.credential_owner_id) == (alice.pk, None)
    assert source_login.link_of(Content.objects.get(pk=first.pk)) == with_login()
    assert SECRET not in everything()


def test_it_is_found_again_as_the_users_own(alice: Any) -> None:
    content = course(alice)
    services.request_entries(alice, content, keys(content))
    entries = PlaylistEntry.objects.filter(content=content)
    assert len(services.playlist_entries.live_downloads(alice, entries)) == 2


def test_a_listing_that_is_read_again_brings_the_new_login(alice: Any) -> None:
    content = course(alice, "old")
    services.request_entries(alice, content, keys(content))
    keep_listing(content.pk, listing(0, entries=(entry(1, url=with_login("new")),), total=1))
    first = PlaylistEntry.objects.get(content=content, position=1)
    assert source_login.link_of(first) == with_login("new")
    made = services.request_entries(alice, content, [first.pk]).results[0]
    assert not made.created
    assert made.download is not None
    kept = Content.objects.get(pk=made.download.content_id)
    assert source_login.link_of(kept) == with_login("new"), "as when it is pasted again"


def test_of_two_logins_for_one_address_the_first_counts(alice: Any) -> None:
    entries = (entry(1, url=with_login("a")), entry(1, url=with_login("b")))
    content = pasted(alice, 0, entries=entries, total=2)
    made = services.request_entries(alice, content, keys(content))
    assert [each.created for each in made.results] == [True]


def test_one_that_cannot_be_read_is_told_for_itself(alice: Any) -> None:
    content = course(alice)
    PlaylistEntry.objects.filter(position=1).update(ciphertext="damaged")
    first, second = services.request_entries(alice, content, keys(content)).results
    assert isinstance(first.error, LoginRequired)
    assert "Paste the link with its login" in first.error.message
    assert second.created
