"""The index is built over what is there, kept up by the database, and missed in words."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from downloads.checks import search_has_its_index
from downloads.management.commands.up import is_migrated
from downloads.models import Content
from downloads.search import index, postgresql
from tests.support.ledger import ask

pytestmark = pytest.mark.django_db(transaction=True)


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_it_is_built_over_rows_that_are_there(alice: Any) -> None:
    """Back and forth by the migration: rows of before are in, and what is deleted meanwhile not."""
    kept, gone = ask(alice), ask(alice)
    call_command("migrate", "downloads", "0007", verbosity=0)
    try:
        assert index.missing() is not None
        assert search_has_its_index(None)[0].id == "ferry.W014"
        assert not index.indexes("media")
        title = Content.objects.get(pk=gone.content_id).source_url
        gone.delete()
        Content.objects.filter(pk=gone.content_id).delete()
    finally:
        call_command("migrate", verbosity=0)
    assert index.missing() is None
    assert search_has_its_index(None) == []
    assert index.indexes("media")
    assert index.own_with("media", alice.pk, 10) == [kept.pk]
    assert index.own_with(title.rpartition("/")[2], alice.pk, 10) == []


def test_a_part_that_was_lost_comes_again(alice: Any) -> None:
    """A trigger goes with a table that a migration makes again. What was written meanwhile is in,
    too."""
    ask(alice, "https://media.example/first.mp4")
    is_sqlite = connection.vendor == "sqlite"
    _execute(
        "DROP TRIGGER downloads_search_content_in" if is_sqlite else "DROP INDEX content_searched"
    )
    assert index.missing() is not None
    late = ask(alice, "https://media.example/late.mp4")
    assert not index.indexes("late")
    assert not is_migrated(), "the next `up` migrates"
    call_command("migrate", verbosity=0)
    assert is_migrated()
    assert index.own_with("late", alice.pk, 10) == [late.pk]


def test_no_text_is_left_of_what_is_deleted(alice: Any) -> None:
    """Also of a row whose columns are all written again, as forms do."""
    download = ask(alice, "https://media.example/first.mp4")
    content = Content.objects.get(pk=download.content_id)
    content.title = "Renamed"
    content.save()
    assert index.own_with("renamed", alice.pk, 10) == [download.pk]
    download.delete()
    content.delete()
    assert index.own_with("renamed", alice.pk, 10) == []
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM downloads_searchtext WHERE id > 0")
            assert cursor.fetchone() == (0,)
        # raises if the trigrams are not those of the texts
        check = "INSERT INTO downloads_searchindex (downloads_searchindex)"
        _execute(f"{check} VALUES ('integrity-check')")


@pytest.mark.postgresql
def test_a_build_that_failed_is_begun_again(alice: Any) -> None:
    _execute(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'content_searched'::regclass"
    )
    assert index.missing() is not None
    index.build()
    assert index.missing() is None


@pytest.mark.postgresql
def test_without_the_right_to_make_the_extension(alice: Any) -> None:
    """The migration goes on, the search works, and the check says what an administrator must do."""
    download = ask(alice)
    index.drop()
    _execute(
        "DROP EXTENSION pg_trgm; CREATE ROLE ferry_plain; GRANT ALL ON SCHEMA public TO PUBLIC"
    )
    database = connection.settings_dict["NAME"]
    _execute(f'REVOKE CREATE ON DATABASE "{database}" FROM PUBLIC')
    try:
        _execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO ferry_plain; SET ROLE ferry_plain")
        index.build()
        lack = index.missing()
        assert lack is not None
        assert "CREATE EXTENSION pg_trgm" in lack.fix
        assert not index.indexes("media")
    finally:
        _execute("RESET ROLE; DROP OWNED BY ferry_plain; DROP ROLE ferry_plain")
        call_command("migrate", verbosity=0)  # an administrator has made it since
    assert index.missing() is None
    assert index.own_with("media", alice.pk, 10) == [download.pk]
    assert set(postgresql.INDEXES) == {"content_searched", "download_titled"}
