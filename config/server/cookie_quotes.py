"""Cookie values in quotes, read in linear time.

Django leaves them to ``http.cookies``, which took quadratic time before Python 3.11.10 and 3.12.6
(CVE-2024-7592): a Cookie header of 16 kB held the process for half a second.
"""

from __future__ import annotations

import re
from http import cookies
from typing import Any, Final

_ESCAPED: Final = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))", re.DOTALL)


def install() -> None:
    """Have every cookie read by ``unquoted``."""
    module: Any = cookies
    module._unquote = unquoted


def unquoted(value: str | None) -> str | None:
    """Return the value without its quotes and escapes, or as it is if it has no quotes."""
    if value is None or len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)) if found[1] else found[2], value[1:-1])
