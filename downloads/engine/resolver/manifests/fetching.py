"""A manifest's text, by the guarded client, within its limits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from downloads.engine.core.errors import Stalled
from downloads.engine.egress.client import Client, Response
from downloads.engine.egress.first_look import open_part
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.manifests.addresses import Headers
from downloads.engine.resolver.manifests.refusals import too_big

MAX_BYTES = 5 * 1024 * 1024
PATIENCE = 30.0  # seconds for one manifest
_BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """``url`` is the final one: what stands in ``text`` is relative to it."""

    text: str
    url: str
    headers: Headers


# What resolving has read, for the same job's fetch, which follows at once: each is had once.
_read_before: WeakKeyDictionary[Client, dict[tuple[str, Headers], Manifest]] = WeakKeyDictionary()


def keep(manifest: Manifest, client: Client) -> None:
    """The next ``fetch`` of it by this client need not ask the source again."""
    _read_before.setdefault(client, {})[manifest.url, manifest.headers] = manifest


def opened(url_probe: UrlProbe) -> Manifest:
    """The manifest behind a pasted URL; its answer is read to the end."""
    response = url_probe.response
    whole = response.content_range is None or response.content_range.end == (
        response.content_range.total
    )
    if not whole:
        url_probe.close()
        return fetch(url_probe.url, (), url_probe.client)
    return _read(response)


def fetch(url: str, headers: Headers, client: Client, page: str = "") -> Manifest:
    """``page``: the URL of what named it. Raises BadManifest where it is too big, Stalled, and
    what ``open_part`` does."""
    kept = _read_before.get(client, {}).pop((url, headers), None)
    return kept or _read(open_part(client, url, headers=headers, page=page))


def _read(response: Response, clock: Callable[[], float] = time.monotonic) -> Manifest:
    with response:
        if (response.length or 0) > MAX_BYTES:
            raise too_big(f"{response.length} bytes")
        body = bytearray()
        for block in _blocks(response, clock() + PATIENCE, clock):
            body += block
            if len(body) > MAX_BYTES:
                raise too_big(f"more than {MAX_BYTES} bytes")
    return Manifest(body.decode("utf-8-sig", "replace"), response.url, response.sent_headers)


def _blocks(response: Response, until: float, clock: Callable[[], float]) -> Iterator[bytes]:
    view = memoryview(bytearray(_BLOCK))
    while count := response.read_into(view):
        yield bytes(view[:count])
        if clock() > until:
            raise Stalled(f"a manifest took more than {PATIENCE} s")
