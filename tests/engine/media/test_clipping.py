"""Only what a period shows of its media goes into the film."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from downloads.engine.media.clipping import WHOLE, Clip, clip_of
from downloads.engine.media.inputs import FedPiece, Feed, MediaInput
from tests.engine.media.conftest import Make
from tests.engine.media.films import Films
from tests.engine.media.times import packets


@pytest.mark.parametrize(
    ("window", "start", "clip"),
    [
        (None, 3.0, WHOLE),
        ((None, None), 3.0, WHOLE),
        ((None, 5.0), 3.0, Clip(0.0, 2.0)),
        ((3.5, 5.0), 3.0, Clip(0.5, 1.5)),
        ((3.5, None), 3.0, Clip(0.5)),
        ((3.01, None), 3.0, WHOLE),
        ((1000.0, 1010.0), 3.0, WHOLE),  # another clock than the list tells
        ((0.0, 2.0), 3.0, WHOLE),
    ],
)
def test_by_the_clock(
    window: tuple[float | None, float | None] | None, start: float, clip: Clip
) -> None:
    assert clip_of(window, start) == clip


def test_parts_that_overlap(films: Films, make: Make) -> None:
    """Pictures at 12 a second with a key frame each second; the middle is 0.5 to 2.25."""
    data = films.ts().read_bytes()
    windows = ((None, 1.0), (1.0, 2.75), (2.75, None))
    offsets = (0.0, 0.5, 1.5)

    def pieces() -> Iterator[FedPiece]:
        start = -1.4  # of the file's clock
        for place, (window, offset) in enumerate(zip(windows, offsets, strict=True)):
            yield FedPiece([data], place, offset=start + offset, window=window)

    source = Feed(pieces=pieces, count=3)
    _, output = make([MediaInput(source, container="ts")])
    found = packets(output)
    shown = sorted(at * found["video"].tick for at in found["video"].shown)
    places = [round(at * 12) for at in shown]
    # 0 to 1; the second from its second 1 on; the third from its second 2 on
    assert places == [*range(12), *range(18, 33), *range(42, 54)]
