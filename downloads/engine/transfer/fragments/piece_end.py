"""The end of a fragment by its own container, told while it comes."""

from __future__ import annotations

from downloads.engine.core.adts import AdtsWalk
from downloads.engine.core.errors import Incomplete
from downloads.engine.transfer.fragments.box_walk import BoxWalk
from downloads.engine.transfer.fragments.packet_walk import PacketWalk


class PieceEnd:
    """Told every byte of a piece, of any container."""

    def __init__(self) -> None:
        self.boxes = BoxWalk()
        self.packets = PacketWalk()
        self.frames = AdtsWalk()

    @property
    def is_cut(self) -> bool:
        """It ends within a packet or a frame: what is behind that can be played all the same."""
        return self.packets.is_cut or self.frames.unfinished > 0

    def take(self, data: memoryview) -> None:
        self.boxes.take(data)
        self.packets.take(data)
        self.frames.take(data)


def cut_short(detail: str) -> Incomplete:
    return Incomplete(
        detail, message="A part of the media ends too early at the source. Retry later."
    )
