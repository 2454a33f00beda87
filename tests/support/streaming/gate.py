"""A film that does not come to its end before it is let: so long ffmpeg is at work on it."""

from __future__ import annotations

import threading

from tests.support.content import MIB
from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin

PADDING = (MIB).to_bytes(4) + b"free" + bytes(MIB - 8)  # a box that no player reads


class Gate:
    """Lets the last piece of the picture through when it is opened: until then ffmpeg waits.

    What comes before it is more than is looked at before ffmpeg begins.
    """

    def __init__(self, streaming: StreamingOrigin, media: Media) -> None:
        """Of ``media.hls_separate()``."""
        self._event = threading.Event()
        folder = media.path(media.hls_separate()).parent / "720"
        *earlier, last = sorted(folder.glob("*.m4s"))
        for piece in earlier:
            streaming.file(f"/{piece.relative_to(media.root)}").data += PADDING
        streaming.file(f"/{last.relative_to(media.root)}").on_request = self._wait

    def _wait(self, *_: object) -> None:
        self._event.wait(60)

    def open(self) -> None:
        self._event.set()
