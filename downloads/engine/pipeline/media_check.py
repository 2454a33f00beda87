"""The check of the first bytes: a list of files is no media, whatever its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from downloads.engine.core.media import Format
from downloads.engine.egress.client import Client, Response
from downloads.engine.egress.first_look import open_file
from downloads.engine.pipeline.reachable import reachable
from downloads.engine.resolver import extensions, promises, signatures, sniff
from downloads.engine.resolver.base import Resolution, first_bytes
from downloads.engine.resolver.direct import FORMAT_ID
from downloads.engine.resolver.manifests import refusals

LENGTH = 2048  # bytes


def inspected(resolution: Resolution, client: Client, container: str = "") -> Resolution:
    """Return ``resolution``, corrected by the first bytes of a file that a page or a list named and
    that was not inspected yet; its answer stays parked in ``client`` for the engine.

    If the file is of another type than its page says, it is stored as what it is, or converted into
    ``container`` if one was requested. Raises BadManifest if it is a list of files instead of
    media, NotMedia if it is a page or a message, and what the client raises.
    """
    selection = resolution.selection
    if selection.is_processed or selection.formats[0].id == FORMAT_ID:
        return resolution
    checked_format = _inspected(selection.formats[0], client, resolution.source.page_url)
    ext, mime_type = checked_format.ext, checked_format.mime_type
    if container:
        ext, mime_type = selection.ext, selection.mime_type
    formats = (checked_format,)
    return replace(
        resolution, selection=replace(selection, formats=formats, ext=ext, mime_type=mime_type)
    )


def _inspected(chosen: Format, client: Client, page: str) -> Format:
    stream = reachable(chosen.stream, client)
    response = open_file(
        client, stream.url, headers=stream.headers, end=stream.chunk_size, page=page
    )
    head = first_bytes(response)
    try:
        if sniff.is_list(head):
            raise refusals.no_media("a file")
        _refuse_text(chosen.ext, response)
    except BaseException:
        response.close()
        raise
    file_type = signatures.recognise(head)
    client.parked.put(response)
    # the target of redirects
    stream = replace(stream, url=response.url, headers=response.sent_headers)
    if file_type is None:
        return replace(chosen, stream=stream)
    ext = extensions.choose(f"file.{chosen.ext}", "", file_type)[1]
    return replace(
        chosen, stream=stream, ext=ext, mime_type=extensions.choose_type(ext, chosen.mime_type)
    )


def inspector(ext: str) -> Callable[[Response], None] | None:
    """Return a check that raises NotMedia for an answer that is a page or a message; None for a
    file of this extension that may be one."""
    return partial(_refuse_text, ext) if extensions.promises_media(ext) else None


def _refuse_text(ext: str, response: Response) -> None:
    head = first_bytes(response)
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if promises.came_instead((ext,), kind, head) is not None:
        raise promises.refusal(response, head, kind)


def checked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield ``blocks``, with the first of them checked."""
    is_checked = False
    for block in blocks:
        if block and not is_checked:
            is_checked = True
            check(block[:LENGTH])
        yield block


def check(head: bytes) -> None:
    """Raise BadManifest for a list of files: ffmpeg would not follow it either, but gives no clear
    error."""
    if sniff.is_list(head):
        raise refusals.no_media("a stream")
