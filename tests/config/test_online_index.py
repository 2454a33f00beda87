"""An index that is added by a migration beside writes, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ModelState, ProjectState

from config.online_index import AddIndexOnline

TABLE = "downloads_film"
OPERATION = AddIndexOnline("film", models.Index(fields=["size"], name="film_by_size"))


@pytest.fixture
def before(transactional_db: None) -> Iterator[ProjectState]:
    state = ProjectState()
    fields = [("id", models.BigAutoField(primary_key=True)), ("size", models.IntegerField())]
    state.add_model(ModelState("downloads", "Film", fields))
    film = state.apps.get_model("downloads", "Film")
    with connection.schema_editor() as editor:
        editor.create_model(film)
    yield state
    with connection.schema_editor() as editor:
        editor.delete_model(film)


def _apply(before: ProjectState, *, backwards: bool = False) -> bool:
    """Run a migration of the operation; return if the index is there."""
    made = type("Migration", (migrations.Migration,), {"operations": [OPERATION], "atomic": False})
    migration = made("0009_next", "downloads")
    with connection.schema_editor(atomic=False) as editor:
        (migration.unapply if backwards else migration.apply)(before.clone(), editor)
    with connection.cursor() as cursor:
        return "film_by_size" in connection.introspection.get_constraints(cursor, TABLE)


def test_it_is_built_and_removed(before: ProjectState) -> None:
    assert _apply(before)
    assert not _apply(before, backwards=True)


@pytest.mark.postgresql
def test_a_build_that_failed_is_begun_again(before: ProjectState) -> None:
    assert _apply(before)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'film_by_size'::regclass"
        )
        assert _apply(before)
        cursor.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'film_by_size'::regclass"
        )
        assert cursor.fetchone() == (True,)
