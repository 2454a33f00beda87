from __future__ import annotations

from tests.support.origins import reachable_origin as origin
from tests.support.people import alice, bob

__all__ = ["alice", "bob", "origin"]
