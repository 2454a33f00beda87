"""The work of the publisher's thread: one message after another, over one kept connection.

Imported by that thread: a command without events does not pay for the libraries.
"""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

from downloads.events.groups import user_group
from downloads.events.link import CUT_OFF, LINK_ERRORS, close, fresh_layer
from downloads.events.outbound_event import Outgoing

SEND_WITHIN: Final = 1.0  # seconds, for one message
PAUSE: Final = 1.0  # seconds without an attempt after a failed one


class EventSource(Protocol):
    """The publisher, as this thread sees it."""

    async def next(self) -> Outgoing:
        """Return the next message, waiting until there is one."""

    def went_away(self, unsent: Outgoing, error: BaseException) -> None: ...


async def send_all(source: EventSource) -> None:
    """Send messages for as long as the loop runs."""
    layer = fresh_layer()
    while True:
        outgoing = await source.next()
        group = user_group(outgoing.user_id)
        try:
            async with asyncio.timeout(SEND_WITHIN):
                try:
                    await layer.group_send(group, outgoing.message)
                except CUT_OFF:
                    # Redis was restarted since the last event: that is no outage.
                    await close(layer)
                    layer = fresh_layer()
                    await layer.group_send(group, outgoing.message)
        except LINK_ERRORS as error:
            source.went_away(outgoing, error)
            await close(layer)
            layer = fresh_layer()
            await asyncio.sleep(PAUSE)
