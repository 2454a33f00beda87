"""The environment and `.env`, read by the table in ``config.variables``.

A wrong value raises :class:`StartError`: one line with the variable's name and the fix.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from config import datadir
from config.start_error import StartError
from config.variables import SECTIONS, Environment, Variable

T = TypeVar("T")


def load() -> Environment:
    """Read all variables. Raises StartError for the first whose value is wrong."""
    _load_file(_text(Environment.env_file))
    data_dir = _value(Environment.data_dir)
    datadir.make_writable(data_dir, "DATA_DIR")
    defaults = _defaults_in(data_dir)
    values = {
        row.name: _value(row, defaults) for section in SECTIONS for row in section.variables()
    }
    _check_pairs(values)
    return Environment(values, redis_embedded=not _text(Environment.redis_url))


def require_secret_key(environment: Environment) -> None:
    """Raise StartError if no SECRET_KEY is set or kept in DATA_DIR."""
    if not environment.secret_key:
        raise StartError(
            f"SECRET_KEY is not set, and {environment.data_dir} holds none. "
            "Run `manage.py up` once, which makes one, or set it in the environment or in .env."
        )


def _load_file(path: str) -> None:
    file = Path(path) if path else datadir.BASE_DIR / ".env"
    try:
        if file.is_file():
            from dotenv import load_dotenv  # not without such a file

            load_dotenv(file)  # variables that are already set stay
        elif path and not file.exists():
            raise StartError(f"ENV_FILE: there is no {file}. Make it, or unset ENV_FILE.")
    except (OSError, UnicodeDecodeError) as error:
        fix = "Give this user the right to read it, and write it in UTF-8."
        raise StartError(f"{file} cannot be read ({type(error).__name__}). {fix}") from None


def _defaults_in(data_dir: Path) -> dict[str, Callable[[], str]]:
    """Return the readers of values that DATA_DIR holds for variables that are not set."""
    return {
        "SECRET_KEY": lambda: datadir.read(datadir.secret_key_file(data_dir)),
        # the address that `up` wrote down for its embedded Redis
        "REDIS_URL": lambda: datadir.read(datadir.redis_url_file(data_dir)),
        "DATABASE_URL": lambda: f"sqlite:///{data_dir / 'ferry.sqlite3'}",
        "STORAGE_PATH": lambda: str(data_dir / "media"),
    }


def _text(row: Variable[Any]) -> str:
    # set to nothing is the same as not set
    text = os.environ.get(row.name, "").strip()
    file = os.environ.get(f"{row.name}_FILE", "").strip() if row.secret else ""
    if not file:
        return text
    if text:
        raise StartError(f"{row.name} and {row.name}_FILE are both set. Unset one of them.")
    return _secret_in(Path(file), f"{row.name}_FILE")


def _secret_in(file: Path, variable: str) -> str:
    """Return the text of a file that holds one secret, such as those that containers mount."""
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        fix = "Name a file of text that this user may read."
        raise StartError(
            f"{variable}: {file} cannot be read ({type(error).__name__}). {fix}"
        ) from None
    if not text:
        raise StartError(f"{variable}: {file} is empty. Write the secret into it, or unset this.")
    return text


def _value(row: Variable[T], defaults: Mapping[str, Callable[[], str]] = MappingProxyType({})) -> T:
    text = _text(row)
    if not text:
        text = defaults[row.name]() if row.name in defaults else row.default
    try:
        return row.type.parse(text)
    except ValueError as error:
        quoted = "" if row.secret else f', not "{text[:60]}"'
        fix = "Set it in the environment or in .env."
        raise StartError(f"{row.name} {error}{quoted}. {fix}") from None


def _check_pairs(values: dict[str, Any]) -> None:
    for pair in (
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_CLOUDFRONT_KEY_ID", "AWS_CLOUDFRONT_KEY"),
    ):
        missing = [name for name in pair if not values[name]]
        if len(missing) == 1:
            raise StartError(f"{missing[0]} must be set too: {' and '.join(pair)} are a pair.")
    if values["AWS_S3_SESSION_PROFILE"] and values["AWS_ACCESS_KEY_ID"]:
        raise StartError("AWS_S3_SESSION_PROFILE is set beside AWS_ACCESS_KEY_ID. Unset one.")
