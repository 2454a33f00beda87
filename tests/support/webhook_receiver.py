"""A real receiver on loopback: it remembers what it got, and answers as a test wants."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from typing import Any

from tests.support.origin import Origin
from tests.support.request import Answer, Request

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass(frozen=True)
class Got:
    """A request as a message."""

    request: Request

    @property
    def target(self) -> str:
        return self.request.target

    @property
    def headers(self) -> dict[str, str]:
        return self.request.headers

    @property
    def body(self) -> bytes:
        return self.request.body

    @property
    def message(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def type(self) -> str:
        return str(self.message["type"])

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Receiver(Origin):
    """Gives one answer to all, ``reply``, and one on each connection."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.reply: Answer = OK
        super().__init__(handle=lambda _: self.reply, tls=tls, keep_alive=False)

    def url(self, path: str = "/hook") -> str:
        return super().url(path)

    @property
    def got(self) -> list[Got]:
        return [Got(each) for each in list(self.log)]

    def of(self, type: str) -> list[Got]:
        return [each for each in self.got if each.type == type]

    @property
    def types(self) -> list[str]:
        return [each.type for each in self.got]
