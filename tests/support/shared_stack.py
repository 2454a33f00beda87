"""One Ferry for all tests that need no other: started once in each test process.

A test finds nothing under way; it may kill what it likes, if that is running again at its end.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.database import own_database
from tests.support.origin import Origin
from tests.support.stack import Stack


class Elsewhere:
    """Serves one page of HTML on an origin of its own."""

    def __init__(self) -> None:
        self.html = ""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = self.path == "/"
                self.send_response(200 if found else 204)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                if found:
                    self.wfile.write(site.html.encode())

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[Elsewhere]:
    """Somebody else's page, that may use this Ferry."""
    site = Elsewhere()
    yield site
    site.close()


@pytest.fixture(scope="session")
def shared_stack(tmp_path_factory: pytest.TempPathFactory, elsewhere: Elsewhere) -> Iterator[Stack]:
    told = {
        "CORS_ALLOWED_ORIGINS": elsewhere.url,
        "FETCH_HOST_CONCURRENCY": "32",
        "WORKER_CONCURRENCY": "16",
    }
    with own_database() as url:
        folder = tmp_path_factory.mktemp("shared-stack")
        with Stack(folder, database_url=url, **told) as running:
            yield running


# The others are imported by the packages that want them.


@pytest.fixture
def stack(shared_stack: Stack) -> Iterator[Stack]:
    yield shared_stack
    shared_stack.calm_down()


@pytest.fixture
def origin() -> Iterator[Origin]:
    running = Origin()
    yield running
    running.close()
