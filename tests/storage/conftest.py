from __future__ import annotations

from tests.delivery.conftest import media

__all__ = ["media"]
