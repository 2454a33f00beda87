"""Stands in for the server of bgutil-ytdlp-pot-provider (its server/src/main.ts, 1.2 and later)."""

from __future__ import annotations

import json

from tests.support.answers import missing, respond
from tests.support.origin import Origin
from tests.support.request import Answer, Request

TOKEN = "MlMxQ0ZxTzVhVnZJc0FQcXN0YW5kLWlu"
_DEPRECATED = ("data_sync_id", "visitor_data", "disable_innertube")
_KNOWN = {
    "content_binding", "proxy", "bypass_cache", "source_address", "disable_tls_verification",
    "challenge", "innertube_context",
}  # fmt: skip


class PotProvider(Origin):
    """``asked``: the bodies of its requests. ``error``: answered in place of a token, with 500."""

    def __init__(self) -> None:
        self.asked: list[dict[str, object]] = []
        self.error = ""
        self.token: object = TOKEN
        super().__init__(handle=self._answer)

    @property
    def address(self) -> str:
        return self.url("").rstrip("/")

    def _answer(self, request: Request) -> Answer:
        if (request.method, request.target) == ("GET", "/ping"):
            return _json({"server_uptime": 1.5, "version": "1.3.1"})
        if (request.method, request.target) != ("POST", "/get_pot"):
            return missing()
        body = json.loads(request.body)
        self.asked.append(body)
        for name in _DEPRECATED:
            if body.get(name):
                return _json({"error": f"{name} is deprecated"}, "400 Bad Request")
        assert body.keys() <= _KNOWN
        if self.error:
            return _json({"error": self.error}, "500 Internal Server Error")
        return _json(
            {
                "poToken": self.token,
                "contentBinding": body["content_binding"],
                "expiresAt": "2026-12-01T00:00:00.000Z",
            }
        )


def _json(answer: object, status: str = "200 OK") -> bytes:
    return respond(json.dumps(answer).encode(), status=status, Content_Type="application/json")
