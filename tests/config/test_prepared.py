"""Prepared queries: rows as the query's own, with its SQL built once."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import models
from django.db.models import Value
from django.db.models.sql.compiler import SQLCompiler

from config.prepared import Prepared, PreparedValues
from downloads.models import Download
from downloads.querysets import DownloadQuerySet
from tests.support.ledger import ask, claim_by, person, stored, worker

pytestmark = pytest.mark.django_db


def whole(pk: Any) -> DownloadQuerySet:
    return Download.objects.filter(pk=pk).with_status()


@pytest.fixture
def prepared() -> Prepared[Any]:
    return Prepared(whole, models.UUIDField())


def facts(row: models.Model) -> dict[str, Any]:
    """Return all that was read for a row, and for those that came with it."""
    state = {name: value for name, value in vars(row).items() if name != "_state"}
    related = {name: facts(one) for name, one in row._state.fields_cache.items()}
    return {**state, **related, "adding": row._state.adding, "db": row._state.db}


def test_a_row_is_as_the_querys_own(
    prepared: Prepared[Any], django_assert_num_queries: Any
) -> None:
    waiting, done = ask(person("alice")), ask(person("bob"))
    while (lease := claim_by(worker())).rendition_id != done.rendition_id:
        pass
    stored(lease)
    for download in (waiting, done):
        (row,) = prepared(download.pk)
        assert facts(row) == facts(whole(download.pk).get())
        with django_assert_num_queries(0):
            assert row.rendition.content_id == row.content.pk


def test_a_value_may_be_a_text_as_in_a_filter(prepared: Prepared[Any]) -> None:
    download = ask(person("alice"))
    assert prepared.one(str(download.pk)) == download


def test_no_row(prepared: Prepared[Any]) -> None:
    assert prepared(uuid.uuid4()) == []
    with pytest.raises(Download.DoesNotExist):
        prepared.one(uuid.uuid4())


def test_the_sql_is_built_once(prepared: Prepared[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    built = []
    build = SQLCompiler.as_sql

    def counted(self: SQLCompiler, *args: Any, **options: Any) -> Any:
        built.append(self)
        return build(self, *args, **options)

    download = ask(person("alice"))
    monkeypatch.setattr(SQLCompiler, "as_sql", counted)
    prepared(download.pk)
    first = len(built)
    assert first > 0
    for _ in range(3):
        prepared(download.pk)
    assert len(built) == first


def test_what_it_cannot_do_is_refused() -> None:
    values = Prepared(lambda pk: Download.objects.filter(pk=pk).values("pk"), models.UUIDField())
    with pytest.raises(TypeError):
        values(uuid.uuid4())


def test_values_are_as_the_querys_own() -> None:
    download = ask(person("alice"))

    def facts_of(pk: Any) -> Any:
        rows = Download.objects.filter(pk=pk).values_list
        return rows("created_at", "rendition_id", "user__username", "paused_at", Value(7))

    prepared = PreparedValues(facts_of, models.UUIDField())
    for _ in range(2):
        (row,) = prepared(download.pk)
        assert tuple(row) == facts_of(download.pk).get()
    assert prepared(uuid.uuid4()) == []
    with pytest.raises(TypeError, match="values_list"):
        PreparedValues(Download.objects.all)()
