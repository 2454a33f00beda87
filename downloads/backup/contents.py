"""The parts of a backup beside the database: the list of stored files, the settings, counts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

from config.variables import SECTIONS

# Of a database that is read by another connection than Django's, or in a copy: plain SQL.
_FILES: Final = (
    "SELECT storage_name, size, sha256, subtitles FROM downloads_rendition"
    " WHERE status = 'stored' ORDER BY storage_name"
)
_COUNTED: Final = {
    "users": "accounts_user",
    "contents": "downloads_content",
    "downloads": "downloads_download",
    "renditions": "downloads_rendition",
}


def write_stored_files(cursor: Any, out: IO[str]) -> dict[str, int]:
    """Write a JSON line ``{"name", "size", "sha256"}`` for each file that the ledger calls stored.

    ``cursor`` is of the database as it is in the backup. ``sha256`` is empty while the scheduler
    has not hashed an object yet. Return the counts of ``files`` and ``bytes``.
    """
    files = total = 0
    for file in _stored_files(cursor):
        out.write(json.dumps(file, ensure_ascii=False) + "\n")
        files, total = files + 1, total + int(file["size"])
    return {"files": files, "bytes": total}


def _stored_files(cursor: Any) -> Iterator[dict[str, Any]]:
    for name, size, sha256, subtitles in cursor.execute(_FILES):
        yield {"name": name, "size": size, "sha256": sha256}
        rows = json.loads(subtitles) if isinstance(subtitles, str) else subtitles
        for row in rows or ():
            yield {"name": row["storage_name"], "size": row["size"], "sha256": row["sha256"]}


def count_rows(cursor: Any) -> dict[str, int]:
    """Return the number of rows of what people miss first."""
    return {
        name: int(next(iter(cursor.execute(f"SELECT count(*) FROM {table}")))[0])  # noqa: S608
        for name, table in _COUNTED.items()
    }


def settings_text(environment: Mapping[str, str] = os.environ) -> str:
    """Return the variables that are set, as lines for a `.env`. No secret is among them: those
    that are set are named in a comment, to be set again by hand."""
    lines = ["# Variables that were set when this backup was made. Secrets are left out."]
    for section in SECTIONS:
        for row in section.variables():
            value = environment.get(row.name, "").strip()
            if not row.secret and value and value != row.default:
                lines.append(f"{row.name}={_quoted(value)}")
            elif row.secret and (value or environment.get(f"{row.name}_FILE", "").strip()):
                lines.append(f"# {row.name} was set: set it again")
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    """Return a value as `.env` files hold it: within quotes unless it is plain."""
    if all(each.isalnum() or each in "._-/:,@+%" for each in value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
