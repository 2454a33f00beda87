"""The search index on PostgreSQL: trigrams of ``pg_trgm``."""

from __future__ import annotations

from typing import Any, Final

from django.db import DatabaseError, connection

# As the query has it, to the letter: an index of an expression serves that expression alone.
_SEARCHED: Final = r"upper(title::text || E'\n' || source_url)"
_TITLED: Final = "upper(title::text)"
# Raw SQL, not of a model's Meta: neither SQLite knows it, nor a server without the extension.
INDEXES: Final = {
    "content_searched": f"downloads_content USING gin ({_SEARCHED} {{schema}}.gin_trgm_ops)",
    "download_titled": (
        f"downloads_download USING gin ({_TITLED} {{schema}}.gin_trgm_ops) WHERE title <> ''"
    ),
}
# insufficient_privilege, feature_not_supported and undefined_file: not for this role, not installed
_NOT_TO_BE_HAD: Final = frozenset({"42501", "0A000", "58P01"})
_EXTENSION: Final = (
    "SELECT quote_ident(nspname) FROM pg_extension"
    " JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm'"
)
_VALID: Final = (
    "SELECT name, indisvalid FROM unnest(%s::text[]) AS name"
    " JOIN pg_index ON indexrelid = to_regclass(name)"
)
# Whether letters other than ASCII's have trigrams: under the locale C they have none.
_ALL_LETTERS: Final = "SELECT cardinality({schema}.show_trgm('жйц')) > 0"

# MATERIALIZED is planned for all rows, else a LIMIT makes a scan of the table look cheap; only as
# many as are asked for are read.
HITS: Final = f"""
searched AS MATERIALIZED (SELECT id FROM downloads_content WHERE {_SEARCHED} LIKE upper(%s)),
titled AS MATERIALIZED (
    SELECT id FROM downloads_download
    WHERE user_id = %s AND title <> '' AND {_TITLED} LIKE upper(%s)
),
found AS MATERIALIZED (
    SELECT id FROM (SELECT id FROM searched UNION ALL SELECT id FROM titled) AS hits LIMIT %s
)
"""  # noqa: S608

USER: Final = "own.user_id"


def build() -> None:
    """Build what is missing, beside writes; nothing if the extension is not to be had. Not in a
    transaction."""
    with connection.cursor() as cursor:
        schema = _schema(cursor) or _extended(cursor)
        if not schema:
            return
        valid = _validity(cursor)
        for name, what in INDEXES.items():
            if valid.get(name) is False:  # a build that failed leaves one that is not used
                cursor.execute(f"DROP INDEX CONCURRENTLY {name}")
            if not valid.get(name):
                cursor.execute(f"CREATE INDEX CONCURRENTLY {name} ON {what.format(schema=schema)}")


def drop() -> None:
    """Drop the indexes. The extension stays: others may use it."""
    with connection.cursor() as cursor:
        for name in INDEXES:
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def missing() -> tuple[str, str] | None:
    """Return what is missing and its fix, in words; None if the index is there."""
    with connection.cursor() as cursor:
        if not _schema(cursor):
            return (
                "The extension pg_trgm is not in the database",
                "Let a role that may run: CREATE EXTENSION pg_trgm; and then: manage.py migrate",
            )
        return (
            None if _is_whole(cursor) else ("The search index is missing", "Run: manage.py migrate")
        )


def indexes(word: str) -> bool:
    """Return True if the index is there and finds this word."""
    with connection.cursor() as cursor:
        schema = _schema(cursor)
        if not schema or not _is_whole(cursor):
            return False
        if has_run(word, ascii_only=True):
            return True
        cursor.execute(_ALL_LETTERS.format(schema=schema))
        (all_letters,) = cursor.fetchone()
        return bool(all_letters) and has_run(word, ascii_only=False)


def has_run(word: str, *, ascii_only: bool) -> bool:
    """Return True if three letters or digits stand side by side: no trigram has else. Pure."""
    counted = 0
    for character in word:
        is_counted = character.isalnum() and (character.isascii() or not ascii_only)
        counted = counted + 1 if is_counted else 0
        if counted == 3:
            return True
    return False


def parameters(word: str, pattern: str, user_id: int, most: int) -> list[Any]:
    """Return the parameters of HITS."""
    return [pattern, user_id, pattern, most]


def _schema(cursor: Any) -> str:
    """Return the schema of the extension; empty without it."""
    cursor.execute(_EXTENSION)
    row = cursor.fetchone()
    return row[0] if row else ""


def _extended(cursor: Any) -> str:
    try:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) not in _NOT_TO_BE_HAD:
            raise
        return ""
    return _schema(cursor)


def _validity(cursor: Any) -> dict[str, bool]:
    cursor.execute(_VALID, [list(INDEXES)])
    return dict(cursor.fetchall())


def _is_whole(cursor: Any) -> bool:
    return list(_validity(cursor).values()) == [True] * len(INDEXES)
