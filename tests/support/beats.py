"""A stop token that counts the signs of life."""

from __future__ import annotations

from downloads.engine.core.cancellation import StopToken


class Beats(StopToken):
    """``count``: of its beats so far."""

    count = 0

    def beat(self) -> None:
        self.count += 1
        super().beat()
