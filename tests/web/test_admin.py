"""Staff act as the owner, through the services; what the machine writes is for looking at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.test import Client

from downloads.models import Content, Download, Rendition
from tests.api.arrange import bring_to
from tests.support.ledger import ask, status

ADMIN = "/admin/downloads/"


def act(client: Client, action: str, *downloads: Download, **more: str) -> Any:
    chosen = [str(download.pk) for download in downloads]
    data = {"action": action, "_selected_action": chosen, **more}
    return client.post(f"{ADMIN}download/", data, follow=True)


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize("model", ["download", "rendition", "content", "transition", "worker"])
@pytest.mark.parametrize("query", ["", "?q=film", "?q=00000000-0000-4000-8000-000000000000"])
def test_every_list_opens(as_charlie: Client, download: Download, model: str, query: str) -> None:
    bring_to(download, "running")

    assert as_charlie.get(f"{ADMIN}{model}/{query}").status_code == 200


@pytest.mark.parametrize("model", ["download", "rendition", "content", "transition", "worker"])
def test_it_is_for_staff(as_alice: Client, download: Download, model: str) -> None:
    assert as_alice.get(f"{ADMIN}{model}/")["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=paused", 1),
        ("status=completed", 0),
        ("quality__exact=auto", 1),
        ("rendition__host=media.example", 1),
        ("q=summer", 1),
        ("q=winter", 0),
    ],
)
def test_filters_and_search(as_charlie: Client, alice: Any, query: str, found: int) -> None:
    bring_to(ask(alice, title="A long summer"), "paused")

    listed = as_charlie.get(f"{ADMIN}download/?{query}").context["cl"]

    assert listed.result_count == found


def test_the_downloads_of_one_user(as_charlie: Client, alice: Any, bob: Any) -> None:
    for user in (alice, bob, bob):
        ask(user)

    listed = as_charlie.get(f"{ADMIN}download/?user__id__exact={bob.pk}").context["cl"]

    assert listed.result_count == 2


@pytest.mark.parametrize(
    ("state", "action", "result"),
    [
        ("queued", "pause", "paused"),
        ("paused", "resume", "queued"),
        ("queued", "cancel", "cancelled"),
        ("failed", "retry", "queued"),
    ],
)
def test_actions_are_the_owners(
    as_charlie: Client, download: Download, state: str, action: str, result: str
) -> None:
    bring_to(download, state)

    act(as_charlie, action, download)

    assert status(download) == result


def test_one_refusal_keeps_no_other_from_it(as_charlie: Client, alice: Any) -> None:
    done, waiting = ask(alice, title="Done"), ask(alice)
    bring_to(done, "completed")

    answer = act(as_charlie, "pause", done, waiting)

    assert status(waiting) == "paused"
    first, second = said(answer)
    assert first == "1 paused."
    assert second.startswith("Done: ")


@pytest.mark.parametrize("way", ["list", "page"])
def test_deleting_frees_the_bytes(
    as_charlie: Client,
    download: Download,
    way: str,
    django_capture_on_commit_callbacks: Any,
) -> None:
    bring_to(download, "completed")
    download.refresh_from_db()
    stored = Path(storages["media"].path(download.rendition.storage_name))
    assert stored.exists()

    with django_capture_on_commit_callbacks(execute=True):
        if way == "list":
            act(as_charlie, "delete_selected", download, post="yes")
        else:
            as_charlie.post(f"{ADMIN}download/{download.pk}/delete/", {"post": "yes"})

    assert not Download.objects.exists()
    assert not stored.exists()


def test_nothing_writes_a_status(as_charlie: Client, download: Download) -> None:
    bring_to(download, "paused")
    for path in (f"download/{download.pk}", f"rendition/{download.rendition_id}"):
        page = as_charlie.get(f"{ADMIN}{path}/change/")
        assert page.status_code == 200
        assert "timeline" in page.content.decode().lower()
        assert as_charlie.post(f"{ADMIN}{path}/change/", {"status": "stored"}).status_code == 403
    assert as_charlie.post(f"{ADMIN}rendition/{download.rendition_id}/delete/").status_code == 403
    assert as_charlie.get(f"{ADMIN}content/{download.content_id}/delete/").status_code == 403


def test_a_rendition_shows_no_signed_address(as_charlie: Client, download: Download) -> None:
    secret = "https://media.example/a?signature=verysecret"
    Rendition.objects.update(resolution=secret, checkpoint={"url": secret})

    page = as_charlie.get(f"{ADMIN}rendition/{download.rendition_id}/change/")

    assert "verysecret" not in page.content.decode()


def test_content_can_be_named_and_put_in_the_catalogue(
    as_charlie: Client, download: Download
) -> None:
    address = f"{ADMIN}content/{download.content_id}/change/"

    as_charlie.post(address, {"title": "A film", "thumbnail_url": "", "in_catalogue": "on"})

    content = Content.objects.get(pk=download.content_id)
    assert (content.title, content.in_catalogue) == ("A film", True)


def test_what_staff_type_for_all_turns_no_text_and_tells_no_login(
    as_charlie: Client, download: Download
) -> None:
    typed = {"title": "photo\u202egpj.exe", "thumbnail_url": "https://a:HUSH@media.example/a.jpg"}
    for address in (f"{ADMIN}content/{download.content_id}/change/", None):
        address = address or f"/catalogue/{download.content_id}/edit/"
        Content.objects.update(title="", thumbnail_url="", in_catalogue=True)
        assert as_charlie.post(address, typed | {"in_catalogue": "on"}).status_code in (302, 303)
        content = Content.objects.get(pk=download.content_id)
        assert (content.title, content.thumbnail_url) == (
            "photogpj.exe",
            "https://media.example/a.jpg",
        )


def test_content_can_be_added_to_the_catalogue(as_charlie: Client) -> None:
    typed = {"title": "A film", "thumbnail_url": "", "in_catalogue": "on"}

    refused = as_charlie.post(f"{ADMIN}content/add/", typed | {"source_url": "ftp://a/b"})
    added = as_charlie.post(f"{ADMIN}content/add/", typed | {"source_url": "Media.Example/a.mp4"})

    assert refused.status_code == 200
    assert added.status_code == 302, added.context["errors"]
    content = Content.objects.get()
    assert content.source_url == "https://media.example/a.mp4"
    assert content.in_catalogue


def test_deleting_a_user_takes_their_downloads(as_charlie: Client, download: Download) -> None:
    as_charlie.post(f"/admin/accounts/user/{download.user_id}/delete/", {"post": "yes"})

    assert not Download.objects.exists()


def test_more_rows_cost_no_more_queries(
    as_charlie: Client, alice: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        ask(alice)
    with django_assert_max_num_queries(15):
        as_charlie.get(f"{ADMIN}download/")
    with django_assert_max_num_queries(15):
        as_charlie.get(f"{ADMIN}rendition/")
    with django_assert_max_num_queries(15):
        as_charlie.get(f"{ADMIN}transition/")
