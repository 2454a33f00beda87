"""Processes and a database of several versions are told in words."""

from __future__ import annotations

import logging

import pytest
from django.db.migrations.recorder import MigrationRecorder

from config.start_error import StartError
from config.version import VERSION
from downloads.models import Worker
from downloads.queue.schema import SchemaState
from downloads.queue.version_skew import (
    check_schema,
    schema_warning,
    version_warning,
    workers_warning,
)
from downloads.queue.worker import WorkerProcess
from tests.support.ledger import worker


def test_words() -> None:
    assert schema_warning(SchemaState((), ())) == ""
    assert "manage.py migrate" in schema_warning(SchemaState(("downloads.0009_more",), ()))
    assert "upgrade this process" in schema_warning(SchemaState((), ("downloads.0009_more",)))
    assert workers_warning({VERSION}) == ""
    assert workers_warning({VERSION, "0.0.9", ""}).startswith(
        f"Workers of 0.0.9, an older version run beside this Ferry {VERSION}"
    )


@pytest.mark.django_db
def test_a_worker_says_its_version() -> None:
    WorkerProcess().row()
    assert Worker.objects.get().version == VERSION
    assert version_warning() == ""
    worker()  # of a version that did not say it
    assert "an older version" in version_warning()


@pytest.mark.django_db
def test_a_newer_database_is_worked_with(caplog: pytest.LogCaptureFixture) -> None:
    check_schema()
    MigrationRecorder.Migration.objects.create(app="downloads", name="9999_later")
    with caplog.at_level(logging.WARNING):
        check_schema()
    assert "database newer than this code migration=downloads.9999_later" in caplog.text
    assert "newer than this Ferry" in version_warning()


@pytest.mark.django_db
def test_an_older_database_stops_the_start() -> None:
    MigrationRecorder.Migration.objects.filter(app="downloads", name__gt="0001").delete()
    with pytest.raises(StartError, match=r"Run: manage\.py migrate"):
        check_schema()
