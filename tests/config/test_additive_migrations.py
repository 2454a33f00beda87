"""Each kind of migration that would break an older process is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from config.additive_migrations import REVIEWED, all_complaints, complaints
from config.online_index import AddIndexOnline


def _before() -> ProjectState:
    state = ProjectState()
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("title", models.CharField(max_length=50, help_text="Old.")),
        ("size", models.IntegerField(null=True)),
    ]
    state.add_model(ModelState("downloads", "Film", fields))
    return state


def _migration(*operations: Operation, **facts: Any) -> migrations.Migration:
    made = type("Migration", (migrations.Migration,), {"operations": list(operations), **facts})
    return made("0009_next", "downloads")


def _said(*operations: Operation, **facts: Any) -> list[str]:
    return list(complaints(_migration(*operations, **facts), _before()))


def _field(kind: type[Operation], name: str, field: models.Field) -> Operation:
    return kind("film", name, field)  # type: ignore[call-arg]


add, alter = migrations.AddField, migrations.AlterField
index = models.Index(fields=["size"], name="by_size")
constraint = models.UniqueConstraint(fields=["title"], name="one_title")


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (_field(add, "year", models.IntegerField(default=0)), "db_default"),
        (_field(add, "year", models.IntegerField(null=True, db_index=True)), "index"),
        (_field(add, "year", models.IntegerField(null=True, unique=True)), "index"),
        (_field(add, "of", models.ForeignKey("Film", models.CASCADE, null=True)), "index"),
        (migrations.RemoveField("film", "size"), "reads and writes the column"),
        (migrations.DeleteModel("Film"), "reads and writes the table"),
        (migrations.RenameField("film", "size", "bytes"), "old name"),
        (migrations.RenameModel("Film", "Movie"), "old name"),
        (migrations.AlterModelTable("film", "movies"), "old name"),
        (migrations.AddIndex("film", index), "AddIndexOnline"),
        (AddIndexConcurrently("film", index), "AddIndexOnline"),
        (migrations.AddConstraint("film", constraint), "refuses"),
        (migrations.AlterUniqueTogether("film", {("title", "size")}), "not known"),
        (_field(alter, "title", models.CharField(max_length=20)), "max_length"),
        (_field(alter, "title", models.TextField()), "type"),
        (_field(alter, "size", models.IntegerField()), "null"),
        (migrations.RunSQL("UPDATE downloads_film SET size = 0"), REVIEWED),
        (migrations.RunPython(migrations.RunPython.noop), REVIEWED),
        (AddIndexOnline("film", index), "atomic = False"),
    ],
)
def test_refused(operation: Operation, why: str) -> None:
    (said,) = _said(operation)
    assert said.startswith("downloads.0009_next: ")
    assert why in said


@pytest.mark.parametrize(
    "operation",
    [
        _field(add, "year", models.IntegerField(null=True)),
        _field(add, "kind", models.CharField(max_length=9, db_default="")),
        _field(alter, "title", models.CharField(max_length=500, help_text="New.", blank=True)),
        _field(alter, "size", models.IntegerField(null=True, default=1, db_default=1)),
        migrations.AlterModelOptions("film", {"ordering": ["title"]}),
    ],
)
def test_added(operation: Operation) -> None:
    assert _said(operation) == []


def test_what_the_same_migration_made_may_be_changed_at_will() -> None:
    made = migrations.CreateModel("Seat", [("id", models.BigAutoField(primary_key=True))])
    row = migrations.AddField("seat", "row", models.IntegerField(default=0, db_index=True))
    assert _said(made, row) == []


def test_code_that_was_reviewed_and_indexes_built_beside_writes() -> None:
    code = migrations.RunPython(migrations.RunPython.noop)
    assert _said(code, **{REVIEWED: "It writes a table that no older process knows."}) == []
    assert _said(AddIndexOnline("film", index), atomic=False) == []


def test_the_migrations_of_ferry_only_add() -> None:
    assert list(all_complaints()) == []
