"""Inside the jail: the extractor's own child, with recorded pages in place of a network.

    {"do": "interface"} -> {"version", "from", "missing": [...]}
    anything else as the extractor's child

Run by ``run``, never imported by Ferry's own processes.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Any

import yt_dlp
import yt_dlp.version
from yt_dlp.networking import Request, Response
from yt_dlp.networking.common import Features, RequestHandler
from yt_dlp.networking.exceptions import HTTPError

from downloads.engine.resolver.ytdlp import guarded
from downloads.engine.resolver.ytdlp.child import Child
from downloads.engine.resolver.ytdlp.self_test.pages import recorded
from downloads.engine.sandbox.serve import serve


class RecordedRH(RequestHandler):
    """A request handler that answers from :mod:`self_test.pages`, and 404 for all else."""

    _SUPPORTED_URL_SCHEMES = ("http", "https")
    _SUPPORTED_PROXY_SCHEMES = None
    _SUPPORTED_FEATURES = (Features.ALL_PROXY, Features.NO_PROXY)

    def _check_extensions(self, extensions: dict[str, Any]) -> None:
        extensions.clear()

    def _send(self, request: Request) -> Response:
        found = recorded(request.method, request.url, _body_of(request))
        media_type, text = found or ("text/plain", "")
        answer = Response(
            io.BytesIO(text.encode()),
            request.url,
            {"Content-Type": f"{media_type}; charset=utf-8"},
            status=200 if found else 404,
        )
        if found is None:
            raise HTTPError(answer)
        return answer


def _body_of(request: Request) -> bytes:
    return request.data if isinstance(request.data, bytes) else b""


class SelfTestChild(Child):
    def handle(self, request: dict[str, Any]) -> Any:
        if request["do"] == "interface":
            return _interface()
        return super().handle(request)

    def _open(self, *arguments: Any) -> guarded.GuardedYoutubeDL:
        loader = super()._open(*arguments)
        loader.handlers = [RecordedRH]
        return loader


def _interface() -> dict[str, Any]:
    """Return which release runs, and the options of ours that it does not know any more: it
    would ignore them without a word."""
    version = yt_dlp.version
    described = yt_dlp.YoutubeDL.__doc__ or ""
    missing = [name for name in guarded.options() if not re.search(rf"\b{name}\b", described)]
    return {
        # A nightly one calls itself otherwise than its wheel does.
        "version": getattr(version, "_pkg_version", version.__version__),
        "from": str(Path(yt_dlp.__file__).parents[1]),
        "missing": missing,
    }


if __name__ == "__main__":
    serve(SelfTestChild(sys.argv[1]).handle)
