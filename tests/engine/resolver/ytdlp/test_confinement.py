"""The confinement of a yt-dlp that a page took over: its own jail, not one made for the test."""

from __future__ import annotations

import os
import socket
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import (
    BadResponse,
    DownloadError,
    InternalError,
    NetworkError,
    Stopped,
    StopReason,
)
from downloads.engine.egress.client import Client
from downloads.engine.egress.proxy import EgressProxy
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.ytdlp import extraction as extraction_module
from downloads.engine.resolver.ytdlp import launch
from downloads.engine.resolver.ytdlp.extraction import Extraction
from downloads.engine.sandbox import serve
from tests.engine.sandbox.conftest import (
    eventually,
    marked,
    needs_landlock,
    needs_landlock_tcp,
    needs_linux,
    needs_seccomp,
)
from tests.support.beats import Beats
from tests.support.origin import Origin

MISBEHAVING = Path(__file__).with_name("misbehaving.py")
SERVE = Path(serve.__file__)

Attempt = Callable[..., str]


@pytest.fixture
def taken_over(proxy: EgressProxy) -> Iterator[Extraction]:
    child = (sys.executable, "-I", MISBEHAVING, str(SERVE))
    with Extraction(lambda: proxy, child=child, size=1, extract_within=40) as made:
        yield made


@pytest.fixture
def attempt(taken_over: Extraction, client: Client) -> Attempt:
    def make(name: str, argument: object = "") -> str:
        url = f"http://example.com/{name}?{quote(str(argument), safe='')}"
        with pytest.raises(DownloadError) as caught:
            taken_over.extract(UrlProbe(url, client), generic=True)
        return caught.value.detail

    return make


def refused(detail: str) -> bool:
    """By the kernel; that an attempt is broken is no proof of anything."""
    assert "Attempt: refused " in detail, detail
    return "PermissionError" in detail


@needs_landlock
def test_files_of_the_system_and_of_ours(attempt: Attempt, tmp_path: Path) -> None:
    database = Path(settings.DATA_DIR) / "db.sqlite3"
    database.touch()
    secret = tmp_path / ".env"
    secret.write_text("SECRET_KEY=secret")
    for path in ("/etc/passwd", database, secret, "/proc/self/environ"):
        assert refused(attempt("read", path))
    assert refused(attempt("write", secret))
    assert refused(attempt("write", Path(serve.__file__)))
    assert refused(attempt("list_folder", Path(settings.DATA_DIR)))
    assert secret.read_text() == "SECRET_KEY=secret"


@needs_landlock
def test_a_release_is_read_and_not_written_to(
    proxy: EgressProxy, client: Client, tmp_path: Path
) -> None:
    """It is what the next child imports."""
    (tmp_path / "yt_dlp").mkdir()
    module = tmp_path / "yt_dlp" / "version.py"
    module.write_text("__version__ = '2099.1.2'")
    child = (sys.executable, "-I", MISBEHAVING, str(SERVE))
    told = {}
    with Extraction(lambda: proxy, child=child, size=0, folder=tmp_path) as made:
        for name, path in (("read", module), ("write", module), ("write", tmp_path / "a.py")):
            url = f"http://example.com/{name}?{quote(str(path), safe='')}"
            with pytest.raises(DownloadError) as caught:
                made.extract(UrlProbe(url, client), generic=True)
            told[name, path] = caught.value.detail
    assert "got" in told.pop(("read", module))
    assert all(map(refused, told.values()))
    assert list(tmp_path.iterdir()) == [tmp_path / "yt_dlp"]


@needs_landlock_tcp
def test_tcp_leads_to_the_proxy_alone(attempt: Attempt, canary: Origin) -> None:
    assert refused(attempt("tcp", canary.port))
    assert "got HTTP/1.1 407" in attempt("proxy_without_credentials")


@needs_seccomp
def test_other_sockets(attempt: Attempt, tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as local, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        local.bind(str(path))
        local.listen()
        datagrams.bind(("127.0.0.1", 0))
        assert refused(attempt("unix", path))
        assert refused(attempt("udp", datagrams.getsockname()[1]))
        assert refused(attempt("listen"))


@needs_landlock
def test_no_program_but_its_own(attempt: Attempt) -> None:
    for program in ("/bin/sh", "/usr/bin/env"):
        assert refused(attempt("run", program))


@needs_seccomp
def test_no_signal_to_its_owner(attempt: Attempt) -> None:
    assert refused(attempt("signal_owner", os.getpid()))


def test_no_secret_in_its_environment(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "secret")
    names = set(attempt("environment").partition("got ")[2].split())
    assert names <= {
        "PATH", "LANG", "HOME", "TMPDIR", "LC_CTYPE", "NO_COLOR",
        "YTDLP_NO_PLUGINS", "DENO_NO_UPDATE_CHECK", "MALLOC_ARENA_MAX",
    }  # fmt: skip


@needs_linux
def test_a_fork_bomb_ends_it(attempt: Attempt, taken_over: Extraction, client: Client) -> None:
    assert "jail: processes" in attempt("fork")
    assert "got" in attempt("environment")  # another has taken its place


@needs_linux
def test_eating_memory_ends_it(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "_MAX_RESIDENT", 160 << 20)
    assert "jail: memory" in attempt("eat")


def test_ignoring_its_pipe_ends_it(proxy: EgressProxy, client: Client) -> None:
    child = (sys.executable, "-I", MISBEHAVING, str(SERVE))
    with (
        Extraction(lambda: proxy, child=child, size=0, extract_within=1) as made,
        pytest.raises(NetworkError) as caught,
    ):
        made.extract(UrlProbe("http://example.com/ignore", client), generic=True)
    assert "took too long" in caught.value.message


def test_waiting_for_it_is_not_taken_for_a_hang(proxy: EgressProxy, client: Client) -> None:
    """The heartbeat stops for work that shows no life; this wait is bounded by itself."""
    child = (sys.executable, "-I", MISBEHAVING, str(SERVE))
    token = Beats()
    with (
        Extraction(lambda: proxy, child=child, size=0, extract_within=2) as made,
        Client(client.policy, stop=token) as held,
        pytest.raises(NetworkError),
    ):
        made.extract(UrlProbe("http://example.com/ignore", held), generic=True)
    assert token.count > 3


def test_it_ends_when_the_work_is_told_to(proxy: EgressProxy, client: Client) -> None:
    child = (sys.executable, "-I", MISBEHAVING, str(SERVE))
    token = StopToken()
    threading.Timer(0.3, token.stop, [StopReason.SHUTDOWN]).start()
    with (
        Extraction(lambda: proxy, child=child, size=0) as made,
        Client(client.policy, stop=token) as held,
        pytest.raises(Stopped),
    ):
        made.extract(UrlProbe("http://example.com/ignore", held), generic=True)


@needs_linux
def test_nothing_of_it_outlives_it(attempt: Attempt, taken_over: Extraction) -> None:
    marker = f"outlive-{uuid.uuid4().hex}"
    attempt("outlive", marker)
    taken_over.close()
    assert eventually(lambda: not marked(marker), 20)


@pytest.mark.parametrize(
    "answer",
    [
        None, [], {}, {"info": {}}, {"info": {}, "failure": {}}, {"surprise": {}},
        {"failure": {"kind": "x" * 10_000, "message": ""}},
        {"info": {"key": "X", "id": "1", "title": 5}},
        {"info": {"key": "X", "id": "1", "title": "t", "duration": float("nan")}},
        {"playlist": {"key": "X", "id": "1", "title": "t", "entries": "no list"}},
    ],
)  # fmt: skip
def test_an_answer_that_is_none(answer: object) -> None:
    with pytest.raises(BadResponse):
        extraction_module.read_answer(answer)


def test_the_folder_goes_with_the_worker(
    proxy: EgressProxy, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Extraction(lambda: proxy, size=0) as made:
        made.site("https://example.com/", client)
    assert not list(tmp_path.iterdir())


def test_a_child_that_cannot_start_is_our_own_fault(proxy: EgressProxy, client: Client) -> None:
    with (
        Extraction(lambda: proxy, child=("no-such-program",), size=0) as made,
        pytest.raises((InternalError, FileNotFoundError)),
    ):
        made.site("https://example.com/", client)
