"""The search index on SQLite: trigrams of FTS5, kept up by triggers.

``downloads_searchtext`` has a row for each content, its title and URL, and for each download with a
title of its own; ``downloads_searchindex`` has their trigrams. Triggers write both, so that older
processes do, too. A migration that makes a table again drops its triggers: ``build`` runs after
each, and begins from the start then.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from django.db import OperationalError, connection

_BATCH: Final = 2000  # rows of one transaction: other writers go in between
_TERMS: Final = 40  # trigrams that are asked for, of a long word
_WHOLE: Final = 0  # the id of the row that says: all that was there before is in

_TABLES: Final = (
    """CREATE TABLE downloads_searchtext (
        id integer PRIMARY KEY, of_id char(32) NOT NULL UNIQUE, text text NOT NULL
    )""",
    # No text of its own, no positions: what it finds is looked at again.
    """CREATE VIRTUAL TABLE downloads_searchindex USING fts5(
        text, content='downloads_searchtext', content_rowid='id', tokenize='trigram',
        detail='none', columnsize=0
    )""",
)
_FORGET: Final = (
    "INSERT INTO downloads_searchindex (downloads_searchindex, rowid, text)"
    " VALUES ('delete', old.id, old.text);"
)
_LEARN: Final = "INSERT INTO downloads_searchindex (rowid, text) VALUES (new.id, new.text);"
_TAKE_OUT: Final = "DELETE FROM downloads_searchtext WHERE of_id = old.id;"
_PUT_IN: Final = "INSERT INTO downloads_searchtext (of_id, text) "
_CONTENT_IN: Final = f"{_PUT_IN} VALUES (new.id, new.title || char(10) || new.source_url);"
_TITLE_IN: Final = f"{_PUT_IN} SELECT new.id, new.title WHERE new.title <> '';"
_TRIGGERS: Final = {
    "searchtext_in": f"INSERT ON downloads_searchtext BEGIN {_LEARN} END",
    "searchtext_out": f"DELETE ON downloads_searchtext BEGIN {_FORGET} END",
    "content_in": f"INSERT ON downloads_content BEGIN {_CONTENT_IN} END",
    "content_changed": (
        "UPDATE OF title, source_url ON downloads_content"
        " WHEN old.title <> new.title OR old.source_url <> new.source_url"
        f" BEGIN {_TAKE_OUT} {_CONTENT_IN} END"
    ),
    "content_out": f"DELETE ON downloads_content BEGIN {_TAKE_OUT} END",
    "download_in": f"INSERT ON downloads_download WHEN new.title <> '' BEGIN {_TITLE_IN} END",
    "download_changed": (
        "UPDATE OF title ON downloads_download WHEN old.title <> new.title"
        f" BEGIN {_TAKE_OUT} {_TITLE_IN} END"
    ),
    "download_out": f"DELETE ON downloads_download WHEN old.title <> '' BEGIN {_TAKE_OUT} END",
}
_NAME: Final = "downloads_search_{}"
_FILL: Final = {
    "downloads_content": (
        "SELECT id, title || char(10) || source_url FROM downloads_content WHERE 1"
    ),
    "downloads_download": "SELECT id, title FROM downloads_download WHERE title <> ''",
}

# The join is in this order: the index is read only as far as rows are asked for.
HITS: Final = r"""
found(id) AS (
    SELECT hit.of_id FROM downloads_searchindex
    CROSS JOIN downloads_searchtext hit ON hit.id = downloads_searchindex.rowid
    WHERE downloads_searchindex MATCH %s AND hit.text LIKE %s ESCAPE '\' LIMIT %s
)
"""

# The sign hides the column from the planner: it knows no figures, and would read all of a user's.
USER: Final = "+own.user_id"


def build() -> None:
    """Build what is missing; nothing if this SQLite has no trigrams. Not in a transaction."""
    with connection.cursor() as cursor:
        if _is_whole(cursor) or not _has_trigrams(cursor):
            return
        _drop(cursor)
        for table in _TABLES:
            cursor.execute(table)
        # from here on what is written comes in by itself
        for name, what in _TRIGGERS.items():
            cursor.execute(f"CREATE TRIGGER {_NAME.format(name)} AFTER {what}")
        for table, rows in _FILL.items():
            _fill(cursor, table, rows)
        cursor.execute(
            "INSERT INTO downloads_searchtext (id, of_id, text) VALUES (%s, '', '')", [_WHOLE]
        )


def drop() -> None:
    with connection.cursor() as cursor:
        _drop(cursor)


def missing() -> tuple[str, str] | None:
    """Return what is missing and its fix, in words; None if the index is there."""
    with connection.cursor() as cursor:
        if _is_whole(cursor):
            return None
        if not _has_trigrams(cursor):
            version = sqlite3.sqlite_version
            return (
                f"This SQLite, {version}, has no trigrams",
                "Use a Python with SQLite 3.34 or newer and FTS5, and run: manage.py migrate",
            )
        return ("The search index is missing", "Run: manage.py migrate")


def indexes(word: str) -> bool:
    """Return True if the index is there and finds this word."""
    with connection.cursor() as cursor:
        return len(word) >= 3 and _is_whole(cursor)


def parameters(word: str, pattern: str, user_id: int, most: int) -> list[Any]:
    """Return the parameters of HITS."""
    terms = dict.fromkeys(word[at : at + 3].replace('"', '""') for at in range(len(word) - 2))
    return [" AND ".join(f'"{term}"' for term in list(terms)[:_TERMS]), pattern, most]


def _fill(cursor: Any, table: str, rows: str) -> None:
    last = -1
    while True:
        cursor.execute(
            f"SELECT max(rowid) FROM"  # noqa: S608
            f" (SELECT rowid FROM {table} WHERE rowid > %s ORDER BY rowid LIMIT {_BATCH})",
            [last],
        )
        (upto,) = cursor.fetchone()
        if upto is None:
            return
        cursor.execute(
            f"INSERT OR IGNORE INTO downloads_searchtext (of_id, text) {rows}"
            " AND rowid > %s AND rowid <= %s",
            [last, upto],
        )
        last = upto


def _drop(cursor: Any) -> None:
    for name in _TRIGGERS:
        cursor.execute(f"DROP TRIGGER IF EXISTS {_NAME.format(name)}")
    cursor.execute("DROP TABLE IF EXISTS downloads_searchindex")
    cursor.execute("DROP TABLE IF EXISTS downloads_searchtext")


def _is_whole(cursor: Any) -> bool:
    """Return True if the tables, their rows and all triggers are there."""
    cursor.execute(
        "SELECT COUNT(*) FROM sqlite_master WHERE (type = 'trigger' AND name LIKE %s)"
        " OR (type = 'table' AND name IN ('downloads_searchtext', 'downloads_searchindex'))",
        [_NAME.format("%")],
    )
    (count,) = cursor.fetchone()
    if count < len(_TRIGGERS) + len(_TABLES):
        return False
    cursor.execute("SELECT 1 FROM downloads_searchtext WHERE id = %s", [_WHOLE])
    return cursor.fetchone() is not None


def _has_trigrams(cursor: Any) -> bool:
    if sqlite3.sqlite_version_info < (3, 34):
        return False
    try:
        cursor.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'")
    except OperationalError:
        return False
    return cursor.fetchone() is not None
