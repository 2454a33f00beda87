"""A search by the index finds what a search by reading finds, on both databases."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from downloads.models import Content, Download, Rendition
from downloads.querysets import BEGINS_AS, has_words
from downloads.search import index, matching, postgresql
from tests.support.ledger import ask, person
from tests.support.length import figure

PARTS = (
    *(
        "river",
        "RIVER",
        "Straße",
        "ÉTÉ",
        "e\u0301te",
        "été",
        "İstanbul",
        "\u0131\u0131\u0131",
        "日本語テキスト",
        "中文",
    ),
    *(
        "100%",
        "a_b_c",
        "it's",
        '"quoted"',
        "back\\slash",
        "a",
        "ab",
        "---",
        "...",
        "🎬🎬🎬",
        "Ωμέγα",
    ),
    *("\u200d👩\u200d👧", "x\u0308x\u0308x", "AND", "NOT NEAR", "(or)", "*", "fi\ufb01fi", "кино"),
)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the index asked for every word that it knows, however often that is."""
    monkeypatch.setattr(matching, "READ", 1)
    monkeypatch.setattr(matching, "OFTEN", 2)


def _text(chance: random.Random) -> str:
    return chance.choice(["", " ", "."]).join(chance.choices(PARTS, k=chance.randint(1, 4)))


def _download(user: Any, title: str, url: str, own_title: str = "") -> Download:
    content = Content.objects.create(source_url=url, url_key=uuid.uuid4().hex, title=title)
    rendition = Rendition.objects.create(content=content, quality="auto", status="idle")
    return Download.objects.create(
        user=user,
        content=content,
        rendition=rendition,
        quality="auto",
        title=own_title,
        **BEGINS_AS["idle"],
    )


def _both(user: Any, search: str) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
    """Return what is found by the index, and by reading."""
    rows = Download.objects.of(user)
    by_index = matching.matching(rows, user, search)
    by_reading = rows.with_status().filter(has_words(search))
    return [row.pk for row in by_index], [row.pk for row in by_reading]


@pytest.fixture
def library(always: None, alice: Any, bob: Any) -> Iterator[random.Random]:
    chance = random.Random(20261130)
    for number in range(60):
        own = _text(chance) if chance.random() < 0.3 else ""
        url = f"https://media.example/{number}/{_text(chance)}.mp4"
        _download(chance.choice([alice, alice, bob]), _text(chance), url, own)
    return chance


@pytest.mark.django_db
def test_both_ways_find_the_same(library: random.Random, alice: Any) -> None:
    searches = [*PARTS, *(part.upper() for part in PARTS), *(part.lower() for part in PARTS)]
    for _ in range(figure(80, 800)):
        text = _text(library)
        start = library.randrange(len(text))
        searches.append(text[start : start + library.randint(1, 9)])
        searches.append(f"{library.choice(PARTS)} {text[start:]}")
    some = 0
    for search in searches:
        by_index, by_reading = _both(alice, search)
        assert by_index == by_reading, search
        some += bool(by_reading)
    assert some > len(searches) / 4


@pytest.mark.django_db
def test_both_ways_find_the_same_after_changes(library: random.Random, alice: Any) -> None:
    """Titles that change, to and from none, rows that go: each is found as it is then."""
    contents, downloads = list(Content.objects.all()), list(Download.objects.of(alice))
    for content in library.sample(contents, 15):
        Content.objects.filter(pk=content.pk).update(title=_text(library))
    for download in library.sample(downloads, 10):
        Download.objects.filter(pk=download.pk).update(title=_text(library))
    for download in library.sample(downloads, 10):
        download.title = ""
        download.save()
    Download.objects.filter(pk__in=[each.pk for each in library.sample(downloads, 8)]).delete()
    for search in PARTS:
        by_index, by_reading = _both(alice, search)
        assert by_index == by_reading, search


@pytest.mark.django_db
def test_what_is_behind_a_title_of_ones_own_is_not_found(always: None, alice: Any) -> None:
    own = _download(alice, "The theirs", "https://media.example/1.mp4", "Mine")
    _download(alice, "Another", "https://media.example/2.mp4")
    assert _both(alice, "theirs") == ([], [])
    assert _both(alice, "mine media") == ([own.pk], [own.pk])


@pytest.mark.django_db
def test_few_rows_are_read_without_the_index(alice: Any) -> None:
    ask(alice)
    with CaptureQueriesContext(connection) as queries:
        by_index, by_reading = _both(alice, "media")
    assert by_index == by_reading != []
    assert len(queries) == 3  # a look at the newest, and each way once


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["a", "é", "日本", "--"])
def test_short_words_are_read(always: None, alice: Any, word: str) -> None:
    _download(alice, f"x{word}y", "https://media.example/1.mp4")
    assert not index.indexes(word)
    by_index, by_reading = _both(alice, word)
    assert by_index == by_reading != []


@pytest.mark.django_db
def test_a_word_of_too_many_is_given_up(always: None, alice: Any, bob: Any) -> None:
    for number in range(4):
        _download(bob, "The same film", f"https://media.example/{number}.mp4")
    mine = _download(alice, "My film", "https://media.example/mine.mp4")
    assert index.own_with("film", alice.pk, 5) == [mine.pk]
    assert index.own_with("film", alice.pk, 4) is None
    assert _both(alice, "film") == ([mine.pk], [mine.pk])


@pytest.mark.parametrize(
    ("word", "in_ascii", "in_any"),
    [("abc", True, True), ("a-bc", False, False), ("жйц", False, True), ("99%1", False, False)],
)
def test_runs_of_letters(word: str, in_ascii: bool, in_any: bool) -> None:
    assert postgresql.has_run(word, ascii_only=True) is in_ascii
    assert postgresql.has_run(word, ascii_only=False) is in_any


def _plan(user: Any, word: str) -> str:
    """Return the plan of the look into the index, in words."""
    with CaptureQueriesContext(connection) as queries:
        index.own_with(word, user.pk, 100)
    sql = queries[-1]["sql"]
    explain = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # as the server does by itself after a while
            cursor.execute("SELECT gin_clean_pending_list('content_searched')")
            cursor.execute("ANALYZE downloads_content, downloads_download")
        cursor.execute(explain + sql.replace("%", "%%"), [])
        return "\n".join(" ".join(map(str, row)) for row in cursor.fetchall())


def _films(users: list[Any], numbers: range) -> None:
    """Have a film of each number, of the users in turn."""
    contents = [
        Content(source_url=f"https://media.example/{n}", url_key=str(n), title=f"film {n:05} ferry")
        for n in numbers
    ]
    Content.objects.bulk_create(contents)
    renditions = [Rendition(content=each, quality="auto", status="idle") for each in contents]
    Rendition.objects.bulk_create(renditions)
    start = timezone.now()
    Download.objects.bulk_create(
        Download(
            user=users[n % len(users)],
            content=each.content,
            rendition=each,
            quality="auto",
            created_at=start + timedelta(seconds=n),
        )
        for n, each in zip(numbers, renditions, strict=True)
    )


def _reads(user: Any, word: str) -> int:
    """Return what the search for a word reads: steps of SQLite, or PostgreSQL's pages."""
    search = lambda: list(  # noqa: E731
        matching.matching(Download.objects.of(user), user, word)
    )
    if connection.vendor == "sqlite":
        steps = [0]

        def step() -> None:
            steps[0] += 1

        connection.connection.set_progress_handler(step, 10)
        search()
        connection.connection.set_progress_handler(None, 0)
        return steps[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('content_searched')")
        cursor.execute("ANALYZE downloads_content, downloads_download, downloads_rendition")
    with CaptureQueriesContext(connection) as queries:
        search()
    pages = 0
    with connection.cursor() as cursor:
        for query in [each["sql"] for each in queries]:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {query}".replace("%", "%%"), [])
            whole = next(row for (row,) in cursor.fetchall() if "Buffers:" in row)
            pages += sum(int(each) for each in re.findall(r"(?:hit|read)=(\d+)", whole))
    return pages


@pytest.mark.slow
@pytest.mark.django_db
def test_ten_times_the_rows_are_not_twice_the_work(
    monkeypatch: pytest.MonkeyPatch, alice: Any, bob: Any
) -> None:
    monkeypatch.setattr(matching, "READ", 20)
    _films([alice, bob], range(600))
    Content.objects.filter(url_key="150").update(title="Zanzibar")
    few = _reads(alice, "zanzibar")
    _films([alice, bob], range(600, 6000))
    assert _reads(alice, "zanzibar") < 2 * few


@pytest.mark.django_db
@pytest.mark.parametrize("others", [0, 99])
def test_the_plan_looks_into_the_index(alice: Any, bob: Any, others: int) -> None:
    """With many rows of the user's and with few, for a rare word among common ones."""
    _films([alice, *[bob] * others], range(1500))
    plan = _plan(alice, "01400")
    if connection.vendor == "postgresql":
        assert "content_searched" in plan
        assert "Seq Scan on downloads_content" not in plan
    else:
        assert "downloads_searchindex VIRTUAL TABLE INDEX" in plan
        assert "SCAN own" not in plan
    found = index.own_with("01400", alice.pk, 100)
    assert found is not None
    assert len(found) == 1


@pytest.mark.django_db
def test_a_stranger_finds_nothing(always: None, alice: Any) -> None:
    ask(alice, "https://media.example/secret-film.mp4")
    assert _both(person("carol"), "secret-film") == ([], [])
