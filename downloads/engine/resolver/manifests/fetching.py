"""The text of a manifest, fetched by the guarded client, within limits."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from downloads.engine.core import data_url
from downloads.engine.core.data_url import is_data_url
from downloads.engine.core.errors import Stalled
from downloads.engine.egress.client import Client, Response
from downloads.engine.egress.first_look import open_part
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.manifests import xml_text
from downloads.engine.resolver.manifests.addresses import Headers
from downloads.engine.resolver.manifests.refusals import broken, too_big

MAX_BYTES = 32 * 1024 * 1024
PATIENCE = 60.0  # seconds for one manifest
_BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """A fetched manifest. ``url`` is the final one: references in ``text`` are relative to it."""

    text: str
    url: str
    headers: Headers


def opened(url_probe: UrlProbe) -> Manifest:
    """Return the manifest behind a pasted URL; its answer is read to the end."""
    response = url_probe.response
    whole = response.content_range is None or response.content_range.end == (
        response.content_range.total
    )
    if not whole:
        url_probe.close()
        return fetch(url_probe.url, (), url_probe.client)
    return _read(response)


def fetch(url: str, headers: Headers, client: Client, page: str = "") -> Manifest:
    """Fetch a manifest, also from a ``data:`` URL. ``page``: the URL of the document that named it.

    Raises BadManifest if it is too big, Stalled, and what ``open_part`` raises.
    """
    if is_data_url(url):
        return Manifest(text_of(_embedded(url)), url, ())
    return _read(open_part(client, url, headers=headers, page=page))


def _embedded(url: str) -> bytes:
    try:
        return data_url.decode(url)
    except ValueError as error:
        raise broken(str(error)) from None


def _read(response: Response, clock: Callable[[], float] = time.monotonic) -> Manifest:
    with response:
        if (response.length or 0) > MAX_BYTES:
            raise too_big(f"{response.length} bytes")
        body = bytearray()
        for block in _blocks(response, clock() + PATIENCE, clock):
            body += block
            if len(body) > MAX_BYTES:
                raise too_big(f"more than {MAX_BYTES} bytes")
    return Manifest(text_of(body), response.url, response.sent_headers)


def text_of(body: bytes | bytearray) -> str:
    """Return the text by its byte order mark, or as XML declares it, else UTF-8. An invalid byte is
    percent-encoded (``%E4``), so that the URL that contains it still works."""
    if xml_text.is_xml(body):
        return xml_text.decode(body)
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    return body.decode("utf-8-sig", _PERCENT)


def _percent(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(f"%{byte:02X}" for byte in error.object[error.start : error.end]), error.end


_PERCENT = "percent"
codecs.register_error(_PERCENT, _percent)


def _blocks(response: Response, until: float, clock: Callable[[], float]) -> Iterator[bytes]:
    view = memoryview(bytearray(_BLOCK))
    while count := response.read_into(view):
        yield bytes(view[:count])
        if clock() > until:
            raise Stalled(f"a manifest took more than {PATIENCE} s")
