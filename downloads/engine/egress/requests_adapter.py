"""A requests transport over guarded connections, for webhooks and the APIs of services.

Media of a source goes through the client itself: reactors drain its bodies, in ranges. This module
is imported by callers of services alone, so that only they load requests.
"""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from typing import Any, Final

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from downloads.engine.core.cancellation import BranchStop, StopToken
from downloads.engine.core.errors import BadResponse, Stalled, Stopped
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy
from downloads.engine.egress.response import Response

ANSWER_WITHIN: Final = 30.0  # seconds, if a call gives no timeout
BODY_WITHIN: Final = 30.0  # seconds for the whole of a body
MAX_BODY: Final = 8 * 1024 * 1024  # bytes


def guarded_session(
    policy: AddressPolicy, *, stop: StopToken | None = None, body_within: float = BODY_WITHIN
) -> requests.Session:
    """Return a session whose every request goes through the client, and reads no environment.

    ``timeout`` of a call covers all from the name to the last header. Calls raise the engine's
    errors: BlockedAddress, UnsupportedURL, NetworkError, BadResponse, Stalled, Stopped; so does
    reading a body. Use it as a context manager.
    """
    session = requests.Session()
    session.trust_env = False  # no proxy, netrc or certificate of the environment
    session.max_redirects = 10
    session.headers = CaseInsensitiveDict()
    adapter = GuardedAdapter(Client(policy, stop=stop), body_within=body_within)
    session.adapters.clear()
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return session


class GuardedAdapter(BaseAdapter):
    """A transport of requests whose ``send`` is the client's: one head parser, one cookie jar,
    the address policy at connect time, deadlines and caps.

    A redirect that the session follows comes through here again, and is judged again.
    """

    def __init__(self, client: Client, *, body_within: float = BODY_WITHIN) -> None:
        super().__init__()
        self._client = client
        self._body_within = body_within

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Return the answer with its body unread. Raises ValueError for a transport option that
        would go round the client."""
        if verify is not True or cert or proxies:
            raise ValueError("certificates are verified, and the way to a host is the client's")
        stop = BranchStop(self._client.stop or StopToken())
        response = self._client.send(
            request.method or "GET",
            request.url or "",
            headers=[(name, _text(value)) for name, value in request.headers.items()],
            body=_content(request.body),
            seconds=_seconds(timeout),
            stop=stop,
        )
        return self._answer(request, response, _Body(response, stop, self._body_within))

    def close(self) -> None:
        self._client.close()

    def _answer(
        self, request: requests.PreparedRequest, response: Response, body: _Body
    ) -> requests.Response:
        answer = requests.Response()
        answer.status_code = response.status
        answer.reason = response.reason
        answer.headers = CaseInsensitiveDict(response.headers)
        answer.encoding = get_encoding_from_headers(answer.headers)
        answer.url = response.url
        answer.request = request
        answer.raw = body
        return answer


class _Body(io.RawIOBase):
    """A body as requests reads one: within ``seconds``, and up to MAX_BODY."""

    def __init__(self, response: Response, stop: BranchStop, seconds: float) -> None:
        super().__init__()
        self._response = response
        self._seconds = seconds
        self._received = 0
        self._stop = stop
        stop.hold_until(time.monotonic() + seconds)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            count = self._response.read_into(memoryview(buffer))
        except Stopped:
            if self._stop.trunk.stopped:
                raise
            raise Stalled(f"no whole body within {self._seconds} s") from None
        self._received += count
        if self._received > MAX_BODY:
            raise BadResponse(f"a body of more than {MAX_BODY} bytes")
        return count

    def close(self) -> None:
        self._response.close()
        super().close()


def _seconds(timeout: float | tuple[float | None, float | None] | None) -> float:
    """Return the limit to the last header: requests' one number, or connect and read together."""
    parts = timeout if isinstance(timeout, tuple) else (timeout,)
    return sum(part for part in parts if part is not None) or ANSWER_WITHIN


def _content(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    if body is None or isinstance(body, bytes):
        return body or b""
    raise ValueError("a body is bytes or text: its length is sent before it")


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
