"""The index of the search, by the kind of the database. Where it cannot be made the search works
without it: it reads all downloads of its user, as ``manage.py doctor`` says."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from downloads.search import postgresql, sqlite

_HERE: Final[dict[str, Any]] = {"postgresql": postgresql, "sqlite": sqlite}
# ``found``: as many hits as are asked for, of any user's; {hits} says how. Then those of this user.
_OWN: Final = """
WITH {hits}
SELECT own.id FROM found JOIN downloads_download own ON own.content_id = found.id
WHERE {user} = %s AND (SELECT COUNT(*) FROM found) <= %s
UNION
SELECT own.id FROM found JOIN downloads_download own ON own.id = found.id
WHERE {user} = %s AND (SELECT COUNT(*) FROM found) <= %s
UNION ALL
SELECT NULL WHERE (SELECT COUNT(*) FROM found) > %s
"""


def build() -> None:
    """Build what is missing of the index. Not in a transaction."""
    _HERE[connection.vendor].build()


def drop() -> None:
    """Drop the index."""
    _HERE[connection.vendor].drop()


@dataclass(frozen=True, slots=True)
class Lack:
    """A missing part of the index, and the fix, as sentences."""

    text: str
    fix: str


def missing() -> Lack | None:
    """Return the missing part; None if the index is there. Raises DatabaseError."""
    found: tuple[str, str] | None = _HERE[connection.vendor].missing()
    if found is None:
        return None
    text, fix = found
    return Lack(f"{text}, so a search reads all downloads of its user.", fix)


def indexes(word: str) -> bool:
    """Return True if the index is there and finds this word."""
    return bool(_HERE[connection.vendor].indexes(word))


def own_with(word: str, user_id: int, most: int) -> list[uuid.UUID] | None:
    """Return the ids of the user's downloads with the word in a title or the URL, and of some that
    hide it behind a title of their own. None if more than ``most`` of all users' have it.

    ``word`` is one that ``indexes``.
    """
    here = _HERE[connection.vendor]
    pattern = f"%{connection.ops.prep_for_like_query(word)}%"
    given = here.parameters(word, pattern, user_id, most + 1)
    with connection.cursor() as cursor:
        cursor.execute(
            _OWN.format(hits=here.HITS, user=here.USER),
            [*given, user_id, most, user_id, most, most],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    if None in ids:
        return None
    return [pk if isinstance(pk, uuid.UUID) else uuid.UUID(pk) for pk in ids]
