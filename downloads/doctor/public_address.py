"""The public URL: whether a proxy in front says what it must, by a request through it."""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core import signing
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from downloads.doctor.finding import Finding, fail, ok, warn
from downloads.models import InstallationFact

TIMEOUT: Final = 4.0  # seconds
PATH: Final = "/doctor/echo/"
SOCKET_PATH: Final = "/ws/downloads/"
TOKEN_LIVES: Final = 300  # seconds; clocks of two hosts may differ
MOST: Final = 16 * 1024  # bytes of an answer
_SALT: Final = "ferry.doctor"
_KIND: Final = "doctor:"


@dataclass(frozen=True, slots=True)
class Echo:
    """A request as it arrived. ``client``: the address that limits count by. ``forwarded_for`` and
    ``forwarded_proto``: the proxy's headers, if it is believed."""

    scheme: str
    host: str
    client: str
    forwarded_for: str
    forwarded_proto: str


def new_token() -> str:
    """Return what opens the echo once, within TOKEN_LIVES seconds. Raises DatabaseError."""
    for fact in InstallationFact.objects.filter(name__startswith=_KIND):
        if float(fact.value) < time.time() - TOKEN_LIVES:  # of a request that never came through
            fact.delete()
    nonce = secrets.token_urlsafe(8)
    InstallationFact.objects.create(name=f"{_KIND}{nonce}", value=f"{time.time():.0f}")
    return signing.TimestampSigner(salt=_SALT).sign(nonce)


def opens(token: str) -> bool:
    """Use the token up; return if it was one. Raises DatabaseError."""
    try:
        nonce = signing.TimestampSigner(salt=_SALT).unsign(token, max_age=TOKEN_LIVES)
    except signing.BadSignature:
        return False
    used, _ = InstallationFact.objects.filter(name=f"{_KIND}{nonce}").delete()
    return used == 1


def probe(address: str = "") -> Iterator[Finding]:
    url = urlsplit(address or next(iter(settings.CSRF_TRUSTED_ORIGINS), ""))
    if not url.hostname:
        if settings.BEHIND_HTTPS_PROXY:
            yield warn(
                "proxy",
                "The public address is not known, so the proxy was not tried.",
                "Set CSRF_TRUSTED_ORIGINS to it, such as https://ferry.example.org, or run:"
                " manage.py doctor --url URL",
            )
        return
    try:
        status, body = _ask(url, f"{PATH}?token={new_token()}")
    except (ImproperlyConfigured, DatabaseError):  # said by the probes of both
        return
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or "no TLS"
        yield fail(
            "proxy",
            f"{url.netloc} has no TLS that can be verified ({reason}).",
            "Renew its certificate, and let the server send the whole chain.",
        )
        return
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error)
        yield warn(
            "proxy",
            f"{url.netloc} cannot be reached from here ({reason}).",
            "Start the proxy. If it is reached from other networks alone, try it from there:"
            " manage.py doctor --url URL",
        )
        return
    if (echo := _parsed(status, body)) is None:
        yield fail(
            "proxy",
            f"{url.netloc} answers {status}, and not as this Ferry would.",
            "Let the proxy pass every path to this web process, with the Host header unchanged, and"
            " name it in ALLOWED_HOSTS; set the same SECRET_KEY on every host.",
        )
        return
    findings = list(judge(url, echo))
    yield from findings or [ok("proxy", f"{url.netloc} passes scheme, host and client on.")]
    yield _socket(url)


def judge(url: SplitResult, echo: Echo) -> Iterator[Finding]:
    """Yield what a request to this address tells of the proxy. Pure but for the settings."""
    if url.scheme == "https" and not settings.BEHIND_HTTPS_PROXY:
        yield fail(
            "proxy_scheme",
            "The public address is HTTPS, and Ferry does not know of it: cookies are not secure.",
            "Set BEHIND_HTTPS_PROXY=true and TRUSTED_PROXIES to the proxy's address.",
        )
    elif url.scheme == "https" and echo.scheme != "https":
        yield fail(
            "proxy_scheme",
            "The proxy does not say that a request came by HTTPS, or is not believed: it has the"
            f" address {echo.client}.",
            "Let it set X-Forwarded-Proto (nginx: proxy_set_header X-Forwarded-Proto $scheme), and"
            " name it in TRUSTED_PROXIES.",
        )
    if echo.host.lower() != url.netloc.lower():
        yield warn(
            "proxy_host",
            f"The proxy changes the Host header to {echo.host}: links lead there.",
            "Let it pass Host on (nginx: proxy_set_header Host $http_host).",
        )
    if settings.TRUSTED_PROXIES and not echo.forwarded_for:
        yield warn(
            "proxy_client",
            f"The proxy at {echo.client} does not name its clients, or is not believed.",
            "Let it set X-Forwarded-For (nginx: proxy_set_header X-Forwarded-For"
            " $proxy_add_x_forwarded_for), and name it in TRUSTED_PROXIES.",
        )


def _socket(url: SplitResult) -> Finding:
    """Return the finding of a WebSocket's opening, which Ferry refuses without a login (403)."""
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "ZmVycnktZG9jdG9yLTAwMA==",
    }
    fix = (
        "Let the proxy pass the Upgrade header (nginx: proxy_http_version 1.1; proxy_set_header"
        " Upgrade $http_upgrade; proxy_set_header Connection upgrade)."
    )
    try:
        status, _ = _ask(url, SOCKET_PATH, headers)
    except (OSError, http.client.HTTPException):
        status = 0
    if status in (101, 403):
        return ok("proxy_websocket", "WebSockets are passed on.")
    return warn("proxy_websocket", "WebSockets are not passed on: pages poll instead.", fix)


def _ask(url: SplitResult, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Return status and body of a GET, without following a redirect. Raises OSError,
    HTTPException."""
    assert url.hostname
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    asking = kind(url.hostname, url.port, timeout=TIMEOUT)
    try:
        asking.request("GET", f"{settings.URL_PREFIX}{path}", headers=headers or {})
        answer = asking.getresponse()
        return answer.status, answer.read(MOST)
    finally:
        asking.close()


def _parsed(status: int, body: bytes) -> Echo | None:
    try:
        return Echo(**json.loads(body)) if status == 200 else None
    except (TypeError, ValueError):
        return None
