"""A real stack, a real Chromium, and a page of somebody else's on another origin."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.pages.browser import Tab, chromium
from tests.stack.conftest import database_url, origin
from tests.stack.stack import PASSWORD, Stack

__all__ = ["database_url", "origin"]

Open = Callable[..., Tab]


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


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    site = Elsewhere()
    yield site
    site.close()


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory, database_url: str, elsewhere: Elsewhere
) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("component")
    allowed = {"CORS_ALLOWED_ORIGINS": elsewhere.url}
    with Stack(folder, database_url=database_url, **allowed) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture
def tab(browser: Any, stack: Stack) -> Iterator[Open]:
    """``tab(width, color_scheme="dark")``: signed in as the admin unless ``user`` is empty."""
    contexts = []

    def open_tab(width: int = 1280, user: str = "admin", **options: Any) -> Tab:
        viewport = {"width": width, "height": 800}
        contexts.append(browser.new_context(viewport=viewport, **options))
        opened = Tab(contexts[-1], stack.url)
        if user:
            opened.sign_in(user, PASSWORD)
        return opened

    yield open_tab
    for context in contexts:
        context.close()
