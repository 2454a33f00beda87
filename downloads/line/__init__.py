"""The line of what waits.

The next is one of the heads of the lanes (see ``QueueEntry``), so that the cost grows with the
lanes, not with the line.
"""

from downloads.line.course import EXACT, turns
from downloads.line.order import (
    AtWork,
    Passed,
    Place,
    at_work,
    heads,
    id_of,
    order_of,
)
from downloads.line.places import in_line

__all__ = [
    "EXACT",
    "AtWork",
    "Passed",
    "Place",
    "at_work",
    "heads",
    "id_of",
    "in_line",
    "order_of",
    "turns",
]
