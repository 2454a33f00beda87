"""A stack with a wall around it, an origin outside and a canary inside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.support.origin import Origin
from tests.support.stack import Person, Stack, until
from tests.support.streaming.origin import StreamingOrigin

ENDS_WITHIN = 90.0  # seconds, beside all the others; one that is not bounded takes minutes
ENDED = {"completed", "failed", "cancelled", "expired"}


@dataclass
class Walled:
    stack: Stack
    alice: Person
    origin: StreamingOrigin
    canary: Origin
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)

    def inside(self, host: str = "127.0.0.1", path: str = "/inside") -> str:
        return f"http://{host}:{self.canary.port}{path}"

    def served(self, name: str, data: bytes | str, **knobs: object) -> str:
        body = data.encode() if isinstance(data, str) else data
        self.origin.serve(f"/{name}", body, **knobs)
        return self.origin.url(f"/{name}")

    def ask(self, name: str, url: str, **fields: Any) -> None:
        """Remember under ``name`` what becomes of it."""
        answer = self.alice.post("downloads/", url=url, **fields)
        assert answer.status_code in (200, 201, 400), (name, answer.status_code, answer.text)
        self.asked[name] = answer.json()

    def outcome(self, name: str) -> dict[str, Any]:
        """The download once it has ended; of a link refused at once, the error."""
        answer = self.asked[name]
        if "errors" in answer:
            (error,) = answer["errors"]
            return {"status": "refused", "errorCode": error["code"], "error": error["detail"]}
        return until(lambda: self._ended(answer["id"]), ENDS_WITHIN)

    def _ended(self, pk: str) -> dict[str, Any] | None:
        now = self.alice.download(pk)
        # one that is to be tried again has said why, too
        return now if now["status"] in ENDED or now["errorCode"] else None

    def no_request_came_inside(self) -> bool:
        return self.canary.connections == 0
