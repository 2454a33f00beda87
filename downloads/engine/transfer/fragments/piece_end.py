"""The end of a fragment by its own container, found while it comes."""

from __future__ import annotations

from downloads.engine.core.adts import AdtsWalk
from downloads.engine.core.errors import Incomplete
from downloads.engine.transfer.fragments.box_walk import BoxWalk
from downloads.engine.transfer.fragments.element_walk import ElementWalk
from downloads.engine.transfer.fragments.packet_walk import PacketWalk


class PieceEnd:
    """A walk over every byte of a piece, of any container."""

    def __init__(self) -> None:
        self._boxes = BoxWalk()
        self._elements = ElementWalk()
        self._packets = PacketWalk()
        self._frames = AdtsWalk()

    @property
    def missing(self) -> int:
        """Return the least number of bytes missing at the end of a box or an element: everything
        behind that is lost."""
        return self._boxes.missing or self._elements.missing

    @property
    def is_cut(self) -> bool:
        """Return if it ends within a packet or a frame: the rest can be played all the same."""
        return self._packets.is_cut or self._frames.unfinished > 0

    def take(self, data: memoryview) -> None:
        for walk in (self._boxes, self._elements, self._packets, self._frames):
            walk.take(data)


def cut_short(detail: str) -> Incomplete:
    return Incomplete(
        detail, message="A part of the media ends too early on the site. Retry later."
    )
