"""The port of the web process: free, Ferry's, or another program's."""

from __future__ import annotations

import errno
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Final

from django.conf import settings

from config.hosts import address_here, listen_once
from downloads.doctor.finding import Finding, fail, ok

TIMEOUT: Final = 5.0  # seconds


def probe() -> Iterator[Finding]:
    host, port = settings.HOST, settings.PORT
    try:
        socket.create_connection((address_here(host), port), TIMEOUT).close()
    except OSError:
        yield _free(host, port)
        return
    if _is_ferry(address_here(host), port):
        yield ok("port", f"Ferry answers on {host}, port {port}.")
    else:
        yield fail(
            "port",
            f"Port {port} on {host} is taken by another program.",
            "Stop that one, or set PORT to a free one.",
        )


def _free(host: str, port: int) -> Finding:
    try:
        listen_once(host, port)
    except OSError as error:
        if error.errno == errno.EACCES:
            fix = "Set PORT to a number from 1024 on, such as 8000."
            return fail("port", f"Port {port} needs root.", fix)
        return fail(
            "port",
            f"Port {port} on {host} cannot be listened on ({error.strerror}).",
            "Set HOST to an address of this machine, such as 127.0.0.1, and PORT to a free one.",
        )
    return ok("port", f"Port {port} on {host} is free: no web process runs here.")


def _is_ferry(host: str, port: int) -> bool:
    asking = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    try:
        asking.request("GET", f"{settings.URL_PREFIX}/healthz")
        return bool(json.loads(asking.getresponse().read(4096)) == {"status": "ok"})
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        asking.close()
