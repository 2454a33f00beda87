"""A guarded HTTP client for one job: every hop through the policy, every wait bounded.

Redirects are followed by hand, so that each is judged again: its address, the cookies that a
browser would send there, and the rule that the admin set for its host. No proxy, netrc or other
environment is read. Cookies that sources set are kept as browsers do, for this client alone.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Self

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import (
    DownloadError,
    NetworkError,
    Stalled,
    Stopped,
    TooManyRedirects,
)
from downloads.engine.egress.acceptance import usable
from downloads.engine.egress.connect import Guard
from downloads.engine.egress.connection import GuardedConnection
from downloads.engine.egress.connection_pool import ConnectionPool, PoolKey
from downloads.engine.egress.cookie_jar import CookieJar
from downloads.engine.egress.cookies import load
from downloads.engine.egress.error_mapping import source_faults
from downloads.engine.egress.framing import Framing
from downloads.engine.egress.headers import (
    SECRETS,
    range_headers,
    sendable,
    with_basic,
    with_cookies,
    without_secrets,
)
from downloads.engine.egress.limits import DEFAULT_LIMITS, Limits
from downloads.engine.egress.parked import ParkedResponses
from downloads.engine.egress.policy import AddressPolicy
from downloads.engine.egress.raw_response import RawResponse
from downloads.engine.egress.request import get_fields, request_head
from downloads.engine.egress.response import DetachedSocket, Response, redirect_of
from downloads.engine.egress.rules import (
    NO_RULE,
    NO_RULES,
    HeaderList,
    RequestRule,
    RequestRules,
    overlaid,
)
from downloads.engine.egress.source_memory import SourceMemory
from downloads.engine.egress.target import Target, follow, parse
from downloads.engine.egress.upstream import authorization, refused_by_proxy

if TYPE_CHECKING:
    from downloads.engine.egress.trace import Trace

__all__ = [
    "SECRETS",
    "Client",
    "DetachedSocket",
    "Limits",
    "Response",
]

USER_AGENT = "Mozilla/5.0 (compatible; Ferry)"


class Client:
    """A client of guarded GETs for one job, and of single requests of any method
    (``requests_adapter``).

    Thread-safe; close it at the job's end.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        limits: Limits = DEFAULT_LIMITS,
        user_agent: str = USER_AGENT,
        stop: StopToken | None = None,
        cookies: str = "",
        rules: RequestRules = NO_RULES,
        trace: Trace | None = None,
        user: str = "",
    ) -> None:
        """``user``: on whose behalf it fetches, as a name for the jail (one child serves one user).
        ``cookies``: a user's own, as Netscape text, for their own fetches; see
        ``egress.cookies``.

        Neither they, nor cookies that a source sets, nor what ``rules`` add appear in
        ``Response.sent_headers``. Raises ValueError for other text.
        """
        self.policy = policy
        self.stop = stop
        self.cookies = cookies
        self.rules = rules
        self.trace = trace
        self.user = user
        self.memory = SourceMemory()
        self.parked = ParkedResponses()
        self._jar = CookieJar(load(cookies) if cookies else ())
        self._limits = limits
        self._user_agent = user_agent
        self._guard = Guard(policy, limits.connect_timeout, stop)
        self._pool = ConnectionPool()

    def get(
        self,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        start: int | None = None,
        end: int | None = None,
        if_range: str | None = None,
    ) -> Response:
        """GET bytes ``start`` up to and without ``end`` (None: to the end), or all of it.

        Return an answer with status 200, 206 or 416, after at most ``max_redirects`` redirects; a
        206 begins at ``start`` and ends no later than ``end``, but may end earlier; an unrequested
        one holds all of the file. Raises the error of ``error_for_status`` for other statuses, and
        what ``ask`` raises.
        """
        response = self.ask(url, headers=headers, start=start, end=end, if_range=if_range)
        return usable(response, start, end)

    def ask(
        self,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        start: int | None = None,
        end: int | None = None,
        if_range: str | None = None,
        as_file: bool = False,
    ) -> Response:
        """GET as ``get`` does, and return the answer unjudged: any status, any range.

        ``as_file``: the body is saved under the URL's name, and keeps a coding that is the file's
        own. Raises BlockedAddress, UnsupportedURL, TooManyRedirects, NetworkError, BadResponse,
        Stalled, Stopped.
        """
        target = parse(url)
        saved_as = (target.url,) if as_file else ()
        own = sendable(headers)
        if target.credentials is not None:
            own = with_basic(own, target.credentials)
        ranges = range_headers(start, end, if_range)
        for _ in range(self._limits.max_redirects + 1):
            response = self._ask(target, own, ranges, saved_as)
            location = redirect_of(response)
            if location is None:
                return response
            response.close()
            after = follow(target, location)
            if after.origin != target.origin:
                own = without_secrets(own)
            if after.credentials is not None:
                own = with_basic(own, after.credentials)
            target = after
        raise TooManyRedirects(f"more than {self._limits.max_redirects} redirects")

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        seconds: float,
        stop: StopToken,
    ) -> Response:
        """Send one request on a connection of its own, and read the head of its answer.

        Any status is returned, a redirect is not followed. All of it takes at most ``seconds``;
        ``stop`` is this request's own token, under the client's, and ends its body too. Raises as
        ``ask`` does.
        """
        target, own = parse(url), sendable(headers)
        until = time.monotonic() + seconds
        stop.hold_until(until)
        guard, proxy = Guard(self.policy, seconds, stop), self._rule(target).proxy
        connection = GuardedConnection(target, guard, upstream=proxy)
        framed = (("Content-Length", str(len(body))), ("Connection", "close"))
        head = self._head(method, connection, target, own, framed)
        try:
            with source_faults():
                connection.send_whole(head + body, until)
                raw = connection.answer(until - time.monotonic(), self._limits.max_header_bytes)
        except BaseException as error:
            connection.close()
            if isinstance(error, Stopped) and not (self.stop and self.stop.stopped):
                raise Stalled(f"no answer within {seconds} s") from None
            raise
        if method == "HEAD":
            raw.framing = Framing(False, 0, (), closes=True)
        return self._response(target, connection, raw, own, lambda _: connection.close())

    def close(self) -> None:
        """Close what is idle or parked, and forget all cookies. Answers in use stay open."""
        self._jar.clear()
        self.parked.close()
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _ask(
        self, target: Target, own: HeaderList, ranges: HeaderList, saved_as: tuple[str, ...]
    ) -> Response:
        """Send one request and return its answer, recorded in the trace."""
        if self.trace is None:
            return self._exchange(target, own, ranges, saved_as)
        began = self.trace.now()
        try:
            response = self._exchange(target, own, ranges, saved_as)
        except DownloadError as error:
            self.trace.exchange(began, target.url, own + ranges, error=error.detail)
            raise
        self.trace.exchange(
            began,
            target.url,
            own + ranges,
            address=response.address[0],
            status=response.status,
            headers=response.headers,
        )
        return response

    def _exchange(
        self, target: Target, own: HeaderList, ranges: HeaderList, saved_as: tuple[str, ...]
    ) -> Response:
        """Send one request and return its answer; repeat it if a kept-alive connection was
        stale."""
        while True:
            connection = self._connection(target)
            try:
                raw = self._send(connection, target, own + ranges)
            except NetworkError:
                if connection.answered:
                    continue
                raise
            break
        connection.answered += 1
        if self.stop is not None:
            self.stop.beat()
        key = PoolKey.of(target, self.policy)
        release = functools.partial(self._pool.release, key, connection)
        return self._response(target, connection, raw, own, release, saved_as)

    def _response(
        self,
        target: Target,
        connection: GuardedConnection,
        raw: RawResponse,
        own: HeaderList,
        release: Callable[[bool], None],
        saved_as: tuple[str, ...] = (),
    ) -> Response:
        try:
            if raw.head.status == 407 and connection.upstream is not None:
                raise refused_by_proxy()
            self._jar.keep(target, raw.head.headers.get_all("Set-Cookie"))
            return Response(
                target,
                raw,
                address=connection.address,
                sent_headers=own,
                read_timeout=self._limits.read_timeout,
                release=release,
                saved_as=saved_as,
            )
        except BaseException:
            connection.close()
            raise

    def _send(
        self, connection: GuardedConnection, target: Target, headers: HeaderList
    ) -> RawResponse:
        limits = self._limits
        head = self._head("GET", connection, target, headers)
        try:
            with source_faults():
                connection.send(head)
                return connection.answer(limits.read_timeout, limits.max_header_bytes)
        except BaseException:
            connection.close()
            raise

    def _head(
        self,
        method: str,
        connection: GuardedConnection,
        target: Target,
        own: HeaderList,
        framed: HeaderList = (),
    ) -> bytes:
        """Return the head of a request, for the source or a proxy; ``framed``: of its body."""
        headers = (*framed, *self._hop_headers(connection, target, own))
        path = target.url if connection.forwards else target.path
        return request_head(method, path, get_fields(target.authority, self._user_agent, headers))

    def _hop_headers(
        self, connection: GuardedConnection, target: Target, headers: HeaderList
    ) -> HeaderList:
        """Return the headers with what goes to this hop alone: cookies, the rule's, the proxy's."""
        cookies = self._jar.cookies_for(target)
        headers = with_cookies(headers, cookies.given)
        headers = overlaid(headers, self._rule(target).headers)
        headers = with_cookies(headers, cookies.set_here, newer=True)
        if connection.forwards and connection.upstream is not None:
            headers = (*headers, *authorization(connection.upstream))
        return headers

    def _rule(self, target: Target) -> RequestRule:
        """Return the host's rule; none for a URL with a grant, which is Ferry's own."""
        granted = self.policy.grants_url(target.url)
        return NO_RULE if granted else self.rules.of(target.host)

    def _connection(self, target: Target) -> GuardedConnection:
        key = PoolKey.of(target, self.policy)
        if (idle := self._pool.take(key)) is not None:
            return idle
        proxy = self._rule(target).proxy
        return GuardedConnection(target, self._guard, granted=bool(key.grant), upstream=proxy)
