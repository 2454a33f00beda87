"""The path that all addresses lie below, on requests from a proxy that strips it or leaves it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any


class PrefixedPath:
    """An ASGI application whose ``path`` has the prefix, and whose ``root_path`` is the prefix.

    Both by the ASGI specification, so that Django and Channels take it off again. Nothing of
    Ferry's lies at a path that begins as the prefix does (config.paths), so a path without it
    was stripped. What a client says of the root path (daphne's header Daphne-Root-Path) counts
    for nothing.
    """

    def __init__(self, application: Any, prefix: str) -> None:
        self.application = application
        self.prefix = prefix

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        if scope["type"] in ("http", "websocket"):
            path = prefixed(scope["path"], self.prefix)
            scope = {**scope, "path": path, "root_path": self.prefix}
            if self.prefix:
                scope["headers"] = [
                    (name, first_of_each(value) if name == b"cookie" else value)
                    for name, value in scope["headers"]
                ]
        await self.application(scope, receive, send)


def prefixed(path: str, prefix: str) -> str:
    """Return the path below the prefix, whether it is there already or not."""
    return path if path == prefix or path.startswith(f"{prefix}/") else f"{prefix}{path}"


def first_of_each(cookies: bytes) -> bytes:
    """Return a Cookie header with the first cookie of each name.

    Browsers send the one of the longer path first (RFC 6265, section 5.4), which is ours; another
    is of the site at the root, and Django would take the last.
    """
    found: dict[bytes, bytes] = {}
    for pair in cookies.split(b";"):
        found.setdefault(pair.partition(b"=")[0].strip(), pair.strip())
    return b"; ".join(found.values())
