"""Inside the jail: an HLS playlist (RFC 8216 and draft-pantos-hls-rfc8216bis) as plain data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from downloads.engine.resolver.manifests import master_playlist, media_playlist
from downloads.engine.resolver.manifests.errors import ManifestError
from downloads.engine.resolver.manifests.variables import Variables

_IS_MEDIA = re.compile(r"(?:^|[\r\n])[ \t]*#EXTINF:")
_IS_MASTER = re.compile(r"(?:^|[\r\n])[ \t]*#EXT-X-STREAM-INF:")
_BEGINNING = re.compile(r"[\ufeff \t\r\n]*#EXTM3U")


def read(text: str, url: str = "", variables: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    """Return a master or a media playlist, as ``answers.Master`` or ``answers.MediaPlaylist`` takes
    it.

    ``url`` is the final one after redirects; ``variables`` are the master's. Raises ManifestError,
    ManifestTooLarge.
    """
    if _BEGINNING.match(text) is None:
        raise ManifestError("it does not begin with #EXTM3U")
    own = Variables(variables, url)
    # As in hls.js: what lists segments is a media playlist, whatever else is in it.
    if _IS_MEDIA.search(text) is None and _IS_MASTER.search(text) is not None:
        return master_playlist.read(text, own)
    return media_playlist.read(text, own)
