"""The stored entries of a listing: once each, links alone, in the source's order, bounded."""

from __future__ import annotations

from typing import Any

import pytest

from downloads import conf, services
from downloads.jobs.keep_listing import keep_listing, next_start
from downloads.models import Content, Download, Playlist, PlaylistEntry
from tests.services.playlists.arrange import entry, listing, pasted

pytestmark = pytest.mark.django_db


def titles(content: Content) -> list[str]:
    return list(PlaylistEntry.objects.filter(content=content).values_list("title", flat=True))


def counted(content: Content) -> tuple[int, int, int | None, bool]:
    now = Playlist.objects.get(content=content)
    return now.count, now.seen, now.total, now.has_more


def test_a_listing_makes_the_content_a_playlist(alice: Any) -> None:
    content = pasted(alice, 3, thumbnail_url="https://course.example/cover.jpg")
    assert (content.kind, content.probe_status, content.title) == ("playlist", "ready", "A course")
    assert content.thumbnail_url == "https://course.example/cover.jpg"
    assert titles(content) == ["Part 1", "Part 2", "Part 3"]
    assert counted(content) == (3, 3, 3, False)


def test_nothing_of_it_is_fetched_or_probed_on_its_own(alice: Any) -> None:
    nested = entry(9, url="https://course.example/another/list", title="A nested playlist")
    content = pasted(alice, 2, entries=(entry(1), nested))
    assert titles(content) == ["Part 1", "A nested playlist"]
    assert list(Content.objects.all()) == [content]
    assert not Download.objects.exists()


def test_duplicates_and_what_is_no_link_are_left_out(alice: Any) -> None:
    entries = (
        entry(1),
        entry(2, url="HTTPS://course.example:443/1.mp4#t=9"),
        entry(3, url="file:///etc/passwd"),
        entry(4, url="javascript:alert(1)"),
        entry(5, url=""),
        entry(6, url="ftp://course.example/6.mp4"),
        entry(7, title="Nul\0 and all"),
    )
    content = pasted(alice, 0, entries=entries, total=7)
    assert titles(content) == ["Part 1", "Nul and all"]
    assert counted(content) == (2, 7, 7, False)
    urls = PlaylistEntry.objects.values_list("url", flat=True)
    assert list(urls) == ["https://course.example/1.mp4", "https://course.example/7.mp4"]


def test_reading_on_continues_where_it_ended(alice: Any) -> None:
    content = pasted(alice, 3, more=True, total=5)
    assert next_start(content) is None
    services.read_on(content)
    assert next_start(content) == 3
    keep_listing(content.pk, listing(2, start=3, total=5))
    assert titles(content) == [f"Part {number}" for number in range(1, 6)]
    assert counted(content) == (5, 5, 5, False)
    assert next_start(content) is None


def test_the_same_page_twice_changes_nothing(alice: Any) -> None:
    content = pasted(alice, 3, more=True)
    page = listing(2, start=3)
    keep_listing(content.pk, page)
    before = list(PlaylistEntry.objects.values_list("id", "position"))
    keep_listing(content.pk, page)
    assert list(PlaylistEntry.objects.values_list("id", "position")) == before


def test_looked_at_afresh_what_is_new_comes_first_and_ids_stay(alice: Any) -> None:
    content = pasted(alice, 3)
    ids = dict(PlaylistEntry.objects.values_list("title", "id"))
    entries = (entry(9, title="New"), entry(1), entry(2, title="Part two"))
    keep_listing(content.pk, listing(0, entries=entries))
    assert titles(content) == ["New", "Part 1", "Part two", "Part 3"]
    now = dict(PlaylistEntry.objects.values_list("url", "id"))
    assert now["https://course.example/2.mp4"] == ids["Part 2"]


def test_it_never_grows_beyond_the_longest(alice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conf, "PLAYLIST_LONGEST", 4)
    content = pasted(alice, 3, more=True, total=9_000)
    keep_listing(content.pk, listing(3, start=3, more=True, total=9_000))
    assert counted(content) == (4, 4, 9_000, False)
    services.read_on(content)
    assert Content.objects.get(pk=content.pk).probe_status == "ready"
    keep_listing(content.pk, listing(0, entries=(entry(8), entry(9))))
    assert titles(content) == ["Part 8", "Part 9", "Part 1", "Part 2"]


def test_a_page_of_two_hundred(alice: Any, django_assert_max_num_queries: Any) -> None:
    content = pasted(alice, 0)
    with django_assert_max_num_queries(25):
        keep_listing(content.pk, listing(conf.PLAYLIST_PAGE))
    assert counted(content)[0] == conf.PLAYLIST_PAGE
