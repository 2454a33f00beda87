from __future__ import annotations

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope


async def refuse_websocket(
    scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> None:
    """Close before accept, which the client sees as HTTP 403."""
    await receive()
    await send({"type": "websocket.close", "code": 1000, "reason": None})
