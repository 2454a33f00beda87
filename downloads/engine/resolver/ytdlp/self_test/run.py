"""The owner's side of the self-test: a release is asked, and judged as a download's answers are."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from downloads.engine.core.errors import DownloadError, LoginRequired
from downloads.engine.core.listing import Listing
from downloads.engine.core.media import Source
from downloads.engine.core.po_token_use import PoTokenUse
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.proxy import EgressProxy
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.ytdlp import errors, formats
from downloads.engine.resolver.ytdlp.answer import (
    ExtractionFailure,
    RawVideo,
    read_answer,
    read_site,
)
from downloads.engine.resolver.ytdlp.extraction import Extraction
from downloads.engine.resolver.ytdlp.launch import launch, module
from downloads.engine.resolver.ytdlp.releases.errors import Refused, UpdateFailed
from downloads.engine.resolver.ytdlp.releases.record import version_of
from downloads.engine.resolver.ytdlp.self_test import pages
from downloads.engine.sandbox.confinement import JailFailed, JailFailure
from downloads.engine.sandbox.worker import JailedWorker

CHILD: Final = "downloads.engine.resolver.ytdlp.self_test.child"
_WITHIN: Final = 90.0  # seconds for one answer; deno starts for the first
_SITES: Final = {
    pages.WATCH: "Youtube",
    "https://vimeo.com/76979871": "Vimeo",
    "https://soundcloud.com/a/b": "Soundcloud",
    "https://films.example/film": "",
}


def self_test(folder: Path, version: str) -> None:
    """Test the release in ``folder``, which says that it is ``version``. Needs no network but
    loopback.

    Raises Refused with the first thing that is wrong, UpdateFailed if that cannot be said.
    """
    try:
        worker = launch(module(CHILD, folder), None, release=folder)
        try:
            _check_interface(worker, folder, version)
            _check_sites(worker)
            _check_youtube(worker)
            _check_login(worker)
        finally:
            worker.close()
        _check_real_page(folder)
    except JailFailed as failed:
        if failed.failure in (JailFailure.SETUP, JailFailure.TIMEOUT):  # the machine's, perhaps
            raise UpdateFailed(f"The self-test did not end ({failed}). Try again later.") from None
        # Of a traceback the last line.
        said = (str(failed).strip().splitlines() or [""])[-1]
        raise Refused(f"it failed its self-test: {said[:300]}") from None
    except DownloadError as error:  # an answer that is none
        raise Refused(f"it failed its self-test: {error.detail or error.message}") from None


def _check(is_right: bool, what: str) -> None:
    if not is_right:
        raise Refused(f"it failed its self-test: {what}")


def _check_interface(worker: JailedWorker, folder: Path, version: str) -> None:
    told = worker.ask({"do": "interface"}, timeout=_WITHIN)
    _check(isinstance(told, dict) and isinstance(told.get("version"), str), "it has no version")
    _check(told["from"] == str(folder), "another yt-dlp was loaded in its place")
    same = version_of(told["version"]) == version_of(version)
    _check(same, f"it calls itself {told['version'][:40]}, its wheel {version}")
    missing = ", ".join(map(str, told["missing"]))[:200]
    _check(not missing, f"it no longer knows the options {missing}")


def _check_sites(worker: JailedWorker) -> None:
    for url, name in _SITES.items():
        told = read_site(worker.ask({"do": "site", "url": url}, timeout=_WITHIN))
        _check(told == name, f"{url} is taken by {told or 'no extractor'}")


def _check_youtube(worker: JailedWorker) -> None:
    """A film with a signature that deno solves, a format that needs a PO token, and subtitles."""
    found = read_answer(_ask(worker, pages.WATCH, po_token_url=pages.POT_SERVER))
    if isinstance(found, ExtractionFailure):
        raise Refused(f"it failed its self-test: YouTube: {found.message[:300]}")
    _check(isinstance(found, RawVideo), "YouTube: a film is a playlist to it")
    assert isinstance(found, RawVideo)
    source = formats.source_of(found, pages.WATCH)
    urls = {each.id: each.stream.url for each in source.formats}
    _check(source.title == pages.TITLE and source.duration == 212, "YouTube: title or length")
    _check({"18", "136", "137", "140"} <= urls.keys(), f"YouTube: it offers {sorted(urls)}")
    solved = "n=gnihton-solved" in urls["136"] and "sig=EDCBAX" in urls["136"]
    _check(solved, "YouTube: the player's challenge is not solved")
    used = source.po_token is PoTokenUse.USED and f"pot={pages.POT}" in urls["137"]
    _check(used, "YouTube: no PO token was asked for")
    _check([each.language for each in source.subtitles] == ["en"], "YouTube: no subtitles")


def _check_login(worker: JailedWorker) -> None:
    found = read_answer(_ask(worker, pages.LOGIN))
    _check(isinstance(found, ExtractionFailure), "YouTube: a refused film is none to it")
    assert isinstance(found, ExtractionFailure)
    error = errors.error_for(found, pages.LOGIN)
    _check(
        isinstance(error, LoginRequired),
        f"YouTube: a login is {error.code} to it, {error.detail[:200]}",
    )


def _ask(worker: JailedWorker, url: str, **more: str) -> Any:
    request = {
        "do": "extract",
        "url": url,
        "proxy": "http://127.0.0.1:9",
        "cookies": "",
        "headers": {},
        "generic": False,
        "start": 0,
        "count": 1,
        **more,
    }
    return worker.ask(request, timeout=_WITHIN)


# --- a real page, over the egress proxy ------------------------------------------------------


def _check_real_page(folder: Path) -> None:
    """A film, and a page of two, requested by its own HTTP client as in a download."""
    answers = {
        "/one": pages.page_with_media("One film", "film.mp4"),
        "/two": pages.page_with_media("Two films", "a.mp4", "b.mp4"),
    }
    with _stand_in(answers) as port, _proxy() as proxy:
        policy = AddressPolicy(allowed_networks=parse_allowed_networks(f"127.0.0.1:{port}"))
        start = f"http://127.0.0.1:{port}"
        with (
            Client(policy) as client,
            Extraction(lambda: proxy, size=0, extract_within=_WITHIN, folder=folder) as extraction,
        ):
            one = extraction.extract(UrlProbe(f"{start}/one", client), generic=True)
            two = extraction.extract(UrlProbe(f"{start}/two", client, count=5), generic=True)
    film = [each.stream.url for each in one.formats] if isinstance(one, Source) else []
    _check(film == [f"{start}/film.mp4"], f"a page with a film: it found {film}")
    both = isinstance(two, Listing) and len(two.entries) == 2
    _check(both, "a page with two films is no playlist to it")


@contextmanager
def _proxy() -> Iterator[EgressProxy]:
    proxy = EgressProxy().start()
    try:
        yield proxy
    finally:
        proxy.close()


@contextmanager
def _stand_in(answers: dict[str, str]) -> Iterator[int]:
    """Yield the port of a server on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Answering, answers))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Answering(BaseHTTPRequestHandler):
    def __init__(self, answers: dict[str, str], *arguments: Any) -> None:
        self._answers = answers
        super().__init__(*arguments)

    def do_GET(self) -> None:
        text = self._answers.get(self.path)
        body = (text or "").encode()
        self.send_response(404 if text is None else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Log nothing: these requests are the self-test's own."""
