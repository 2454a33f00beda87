"""Links that promise media, and the pages or server messages that came instead."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from downloads.engine.core import file_types
from downloads.engine.core.errors import BadResponse, NotMedia
from downloads.engine.egress.client import Response
from downloads.engine.resolver import naming, signatures, sniff
from downloads.engine.resolver.extensions import promises_media, split_name
from downloads.engine.resolver.sniff import Text
from downloads.engine.resolver.text import without_controls

_SHOWN: Final = 120  # characters of the answer, for staff
_TEXTS: Final = frozenset(
    {"atom", "csv", "htm", "html", "js", "json", "md", "rss", "svg", "txt", "xhtml", "xml"}
)
_PROGRAM_TEXTS: Final = frozenset({"ts"})  # TypeScript, or an MPEG transport stream
_ERROR_CODE: Final = re.compile(rb"<Code>([\w.-]{1,60})</Code>")


def is_media(names: naming.Names, content_type: str) -> bool:
    """Return if a name or the type promised media, which no page or message can be. A link to a
    text file takes precedence over a type that says otherwise."""
    exts = [split_name(name)[1] for name in names.all]
    if any(map(promises_media, exts)):
        return True
    is_typed = file_types.of_type(content_type) is not None
    return (is_typed or sniff.is_manifest(content_type, b"")) and not _TEXTS.intersection(exts)


def came_instead(exts: Collection[str], content_type: str, head: bytes) -> Text | None:
    """Return the kind of page or message that begins with ``head``, if one of these extensions
    promised media. Plain words and scripts count only if a film, a sound or a list was promised:
    other files may be text."""
    if signatures.recognise(head) is not None:
        return None
    if (came := sniff.text_of(head)) is not None:
        return came
    if not any(map(_is_never_words, exts)) or sniff.is_list(head):
        return None
    if (came := sniff.loose_text_of(head)) is not None:
        return came
    return Text.WORDS if sniff.is_words(content_type, head) else None


def _is_never_words(ext: str) -> bool:
    file_type = file_types.of_ext(ext)
    return (
        promises_media(ext)
        and (file_type is None or _is_played(file_type))
        and ext not in _PROGRAM_TEXTS
    )


def notes(names: naming.Names, content_type: str, head: bytes) -> tuple[str, ...]:
    """Return a note if a picture came in place of a film or a sound: a placeholder for removed
    media, for example. It is a file all the same, and stored as one."""
    found = signatures.recognise(head)
    file_type = file_types.of_type(content_type)
    named = (file_types.of_ext(split_name(name)[1]) for name in names.all)
    promised = any(each is not None and _is_played(each) for each in (file_type, *named))
    if found is None or not promised or not found.mime_type.startswith("image/"):
        return ()
    sentence = (
        f"The site sent a picture ({found.ext.upper()}) in place of a video or audio file. It may "
        "stand in for one that is no longer there."
    )
    return (sentence,)


def _is_played(kind: file_types.FileType) -> bool:
    return kind.mime_type.startswith(("video/", "audio/"))


def nothing(response: Response) -> BadResponse:
    """Return the error for an empty answer in place of media. A source may send these for a while
    (video-dev/hls.js#2233), so it is retried."""
    host = urlsplit(response.url).hostname
    return BadResponse(
        f"HTTP {response.status} from {host}: an empty body",
        message="The site sent an empty file in place of the media. Retry later, or open the "
        "link in a browser to see whether it is still there.",
    )


def refusal(response: Response, head: bytes, content_type: str) -> NotMedia:
    """Return the error for an answer in place of media, worded for the user, with details for
    staff."""
    is_words = sniff.is_words(content_type, head)
    came: str = sniff.text_of(head) or (Text.WORDS if is_words else Text.PAGE)
    if came == Text.XML_ERROR and (code := _ERROR_CODE.search(head)):
        came += f" ({code[1].decode()})"
    begins = without_controls(" ".join(head.decode(errors="replace").split()))[:_SHOWN]
    host = urlsplit(response.url).hostname
    return NotMedia(
        f"HTTP {response.status} from {host}, {content_type or 'no type'}: {begins}",
        message=f"The site sent {came} in place of the media. Open the link in a browser to "
        "see why: it may require a login, or no longer exist.",
    )
