"""Subtitles as sources send them: a file or a list of pieces, encrypted, cut, in part missing.

What is had is whole and right; what is not is told. Public reports: video-dev/hls.js#1365 and
#4293 (encrypted pieces), #7817 (a file in place of a list).
"""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import Stopped, StopReason
from downloads.engine.core.media import (
    Format,
    Protocol,
    Quality,
    Selection,
    Stream,
    Subtitle,
)
from downloads.engine.core.notes import Notes
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.pipeline import extras, subtitle_fetch
from tests.support.answers import respond
from tests.support.length import figure
from tests.support.origin import Origin
from tests.support.request import Reply, Request

GONE = respond(b"not here", status="404 Not Found")
KEY = bytes(range(16))
Fetched = tuple[str | None, tuple[str, ...]]
Fetch = Callable[..., Fetched]


@pytest.fixture
def fetch(origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fetch]:
    """The WebVTT that comes of a path, or None; and what is told."""
    monkeypatch.setattr(subtitle_fetch, "_PAUSES", (0.01, 0.02))
    policy = AddressPolicy(allowed_networks=parse_allowed_networks(f"127.0.0.1:{origin.port}"))
    with Client(policy) as client:

        def run(path: str, protocol: Protocol = Protocol.HLS, ext: str = "vtt") -> Fetched:
            wanted = Subtitle("en", origin.url(path), ext, protocol=protocol)
            film = Format("1", Stream("http://127.0.0.1:9/film.mp4"), "mp4")
            chosen = Selection((film,), Quality.AUTO, "mp4", "video/mp4", (wanted,))
            notes = Notes()
            files = extras.fetch_subtitles(
                chosen, tmp_path, client=client, stop=StopToken(), notes=notes, length=60.0
            )
            assert list(tmp_path.glob("*.vtt")) == [each.path for each in files]
            return files[0].path.read_text() if files else None, notes.sentences

        yield run


def vtt(*cues: tuple[str, str, str]) -> bytes:
    return ("WEBVTT\n\n" + "\n".join(f"{a} --> {b}\n{text}\n" for a, b, text in cues)).encode()


def one(second: int, text: str | None = None) -> bytes:
    return vtt((f"00:{second:02}.000", f"00:{second:02}.500", text or f"cue {second}"))


def listed(*lines: str) -> bytes:
    head = ["#EXTM3U", "#EXT-X-TARGETDURATION:1"]
    return respond("\n".join([*head, *lines, "#EXT-X-ENDLIST", ""]).encode())


def pieces(count: int) -> bytes:
    return listed(*(f"#EXTINF:1,\n{place}.vtt" for place in range(count)))


def texts(made: str | None) -> list[str]:
    assert made is not None
    return [block.split("\n", 1)[1].strip() for block in made.split("\n\n")[1:]]


def aes(plain: bytes, iv: int) -> bytes:
    padder = PKCS7(128).padder()
    cipher = Cipher(algorithms.AES128(KEY), modes.CBC(iv.to_bytes(16, "big"))).encryptor()
    return cipher.update(padder.update(plain) + padder.finalize()) + cipher.finalize()


def test_a_file_in_place_of_a_list(origin: Origin, fetch: Fetch) -> None:
    origin.answers["/s"] = respond(one(1), Content_Type="text/vtt")
    made, told = fetch("/s")
    assert (texts(made), told) == (["cue 1"], ())
    assert len(origin.log) == 1


def test_a_list_in_place_of_a_file(origin: Origin, fetch: Fetch) -> None:
    origin.answers |= {"/s.vtt": pieces(2), "/0.vtt": respond(one(1)), "/1.vtt": respond(one(2))}
    assert fetch("/s.vtt", Protocol.FILE) == (fetch("/s.vtt")[0], ())
    assert texts(fetch("/s.vtt")[0]) == ["cue 1", "cue 2"]


@pytest.mark.parametrize(
    ("body", "ext"),
    [
        (b"1\n00:00:01,000 --> 00:00:01,500\ncue 1\n", "vtt"),
        (one(1), "srt"),
        (b"<tt><body><p begin='1s' dur='500ms'>cue 1</p></body></tt>", "vtt"),
        (b"Dialogue: 0,0:00:01.00,0:00:01.50,Default,,0,0,0,,cue 1\n", "srt"),
        ("\ufeff".encode() + one(1), "ttml"),
        (one(1).decode().encode("utf-16"), "vtt"),
    ],
    ids=["srt", "vtt", "ttml", "ssa", "mark", "utf-16"],
)
def test_what_it_is_is_told_by_its_bytes(
    origin: Origin, fetch: Fetch, body: bytes, ext: str
) -> None:
    origin.answers["/s"] = respond(body)
    made, told = fetch("/s", Protocol.FILE, ext)
    assert (made, told) == ("WEBVTT\n\n00:00:01.000 --> 00:00:01.500\ncue 1\n", ())


def test_encrypted_pieces(origin: Origin, fetch: Fetch) -> None:
    """By a key, another key with an IV, and none."""
    origin.answers |= {
        "/s": listed(
            "#EXT-X-MEDIA-SEQUENCE:7", '#EXT-X-KEY:METHOD=AES-128,URI="k"', "#EXTINF:1,", "0.vtt",
            f'#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x{5:032x}', "#EXTINF:1,", "1.vtt",
            "#EXT-X-KEY:METHOD=NONE", "#EXTINF:1,", "2.vtt",
        ),
        "/k": respond(KEY), "/0.vtt": respond(aes(one(1), 7)), "/1.vtt": respond(aes(one(2), 5)),
        "/2.vtt": respond(one(3)),
    }  # fmt: skip
    made, told = fetch("/s")
    assert (texts(made), told) == (["cue 1", "cue 2", "cue 3"], ())
    assert [request.path for request in origin.log].count("/k") == 1


def packed(answer: bytes) -> bytes:
    return respond(gzip.compress(answer.partition(b"\r\n\r\n")[2]), Content_Encoding="gzip")


def test_compressed_answers(origin: Origin, fetch: Fetch) -> None:
    """The list, the key, and a piece that is encrypted."""
    origin.answers |= {
        "/s": packed(listed('#EXT-X-KEY:METHOD=AES-128,URI="k"', "#EXTINF:1,", "0.vtt")),
        "/k": packed(respond(KEY)), "/0.vtt": packed(respond(aes(one(1), 0))),
        "/f": packed(respond(one(1))),
    }  # fmt: skip
    for path in ("/s", "/f"):
        made, told = fetch(path)
        assert (texts(made), told) == (["cue 1"], ())


def test_a_key_that_is_not_to_be_had(origin: Origin, fetch: Fetch) -> None:
    origin.answers |= {
        "/s": listed('#EXT-X-KEY:METHOD=AES-128,URI="k"', "#EXTINF:1,", "0.vtt"),
        "/k": GONE, "/0.vtt": respond(aes(one(1), 0)),
    }  # fmt: skip
    assert fetch("/s") == (
        None,
        ("The English subtitles could not be fetched: the site answers 404.",),
    )


def test_byte_ranges(origin: Origin, fetch: Fetch) -> None:
    whole = one(1) + one(2)
    length = len(one(1))

    def part(request: Request, sock: socket.socket) -> None:
        first, last = map(int, request.headers["range"].removeprefix("bytes=").split("-"))
        span = f"bytes {first}-{last}/{len(whole)}"
        body = whole[first : last + 1]
        sock.sendall(respond(body, status="206 Partial Content", Content_Range=span))

    origin.answers |= {
        "/s": listed(
            "#EXTINF:1,", f"#EXT-X-BYTERANGE:{length}@0", "all.vtt",
            "#EXTINF:1,", f"#EXT-X-BYTERANGE:{length}", "all.vtt",
        ),
        "/all.vtt": part,
    }  # fmt: skip
    made, told = fetch("/s")
    assert (texts(made), told) == (["cue 1", "cue 2"], ())


def test_a_piece_that_comes_when_asked_again(origin: Origin, fetch: Fetch) -> None:
    failures = iter([respond(b"<html><p>Wait"), respond(status="503 Slow Down")])

    def reply(_: Request, sock: socket.socket) -> None:
        sock.sendall(next(failures, respond(one(2))))

    origin.answers |= {"/s": pieces(2), "/0.vtt": respond(one(1)), "/1.vtt": reply}
    made, told = fetch("/s")
    assert (texts(made), told) == (["cue 1", "cue 2"], ())


def test_a_piece_that_is_missing(origin: Origin, fetch: Fetch) -> None:
    origin.answers |= {f"/{place}.vtt": respond(one(place)) for place in range(20)}
    origin.answers |= {"/s": pieces(20), "/7.vtt": GONE}
    made, told = fetch("/s")
    assert texts(made) == [f"cue {place}" for place in range(20) if place != 7]
    assert told == ("1 of 20 parts of the English subtitles is missing: the site answers 404.",)


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b"<!doctype html><p>Log in", "the site sent something else in their place"),
        (b"nothing of the kind", "they are in a format that Ferry does not read"),
    ],
)
def test_a_piece_that_is_something_else(
    origin: Origin, fetch: Fetch, body: bytes, cause: str
) -> None:
    origin.answers |= {
        "/s": pieces(3), "/0.vtt": respond(one(1)), "/1.vtt": respond(body),
        "/2.vtt": respond(body),
    }  # fmt: skip
    made, told = fetch("/s")
    assert texts(made) == ["cue 1"]
    assert told == (f"2 of 3 parts of the English subtitles are missing: {cause}.",)


def test_pieces_that_are_empty(origin: Origin, fetch: Fetch) -> None:
    origin.answers |= {
        "/s": pieces(3), "/0.vtt": respond(b""), "/1.vtt": respond(one(1)),
        "/2.vtt": respond(b"WEBVTT\n"),
    }  # fmt: skip
    assert fetch("/s") == ("WEBVTT\n\n00:00:01.000 --> 00:00:01.500\ncue 1\n", ())


def test_a_gap_that_the_list_tells(origin: Origin, fetch: Fetch) -> None:
    origin.answers |= {
        "/s": listed("#EXTINF:4,", "0.vtt", "#EXT-X-GAP", "#EXTINF:4,", "1.vtt"),
        "/0.vtt": respond(one(1)),
    }  # fmt: skip
    made, told = fetch("/s")
    assert texts(made) == ["cue 1"]
    assert told == ("The site lacks 4 s of the English subtitles.",)


def test_all_are_missing(origin: Origin, fetch: Fetch) -> None:
    origin.answers |= {f"/{place}.vtt": GONE for place in range(200)}
    origin.answers["/s"] = pieces(200)
    assert fetch("/s") == (
        None,
        ("The English subtitles could not be fetched: the site answers 404.",),
    )
    assert len(origin.log) < 100


@pytest.mark.parametrize("body", [b"WEBVTT\n", b"", b"WEBVTT\n\nNOTE nothing\n"])
def test_nothing_in_it(origin: Origin, fetch: Fetch, body: bytes) -> None:
    origin.answers["/s"] = respond(body)
    assert fetch("/s", Protocol.FILE) == (
        None,
        ("The English subtitles are left out: they are empty on the site.",),
    )


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (respond(status="403 Forbidden"), "fetched: the site answers 403"),
        (respond(b"<html><p>x"), "read: the site sent a web page in their place"),
        (respond(b"<SAMI><BODY>"), "read: they are in a format that Ferry does not read"),
        (respond(b"\x00" * 500), "read: they are in a format that Ferry does not read"),
        (respond(b"<tt><body><p begin='1s'>"), "read: they are broken"),
        (
            respond(b"<tt><head><image id='a'>x</image></head><body><div "
                    b"backgroundImage='#a' begin='1s' end='2s'/></body></tt>"),
            "read: they are pictures in place of text",
        ),
    ],
    ids=["403", "page", "sami", "zeros", "cut", "pictures"],
)  # fmt: skip
def test_the_cause_is_told(origin: Origin, fetch: Fetch, answer: bytes, told: str) -> None:
    origin.answers["/s"] = answer
    assert fetch("/s", Protocol.FILE) == (None, (f"The English subtitles could not be {told}.",))


def test_a_film_of_hours_in_pieces_of_two_seconds(origin: Origin, fetch: Fetch) -> None:
    number = figure(1800, 5400)
    lock, open_now, most = threading.Lock(), 0, 0

    def reply(request: Request, sock: socket.socket) -> None:
        nonlocal open_now, most
        with lock:
            open_now += 1
            most = max(most, open_now)
        sock.sendall(respond(one(int(request.path[1:-4]) % 60, request.path)))
        with lock:
            open_now -= 1

    counted: Reply = reply
    origin.answers |= {f"/{place}.vtt": counted for place in range(number)}
    origin.answers["/s"] = pieces(number)
    made, told = fetch("/s")
    assert (len(texts(made)), told) == (number, ())
    assert most <= 8  # an answer counts until its thread comes round to say that it is out


def test_the_job_is_told_to_end(origin: Origin, tmp_path: Path) -> None:
    stop = StopToken()

    def reply(_: Request, sock: socket.socket) -> None:
        stop.stop(StopReason.SHUTDOWN)
        sock.recv(1)

    origin.answers |= {f"/{place}.vtt": reply for place in range(50)}
    origin.answers["/s"] = pieces(50)
    wanted = Subtitle("en", origin.url("/s"), "vtt", protocol=Protocol.HLS)
    film = Format("1", Stream("http://127.0.0.1:9/film.mp4"), "mp4")
    chosen = Selection((film,), Quality.AUTO, "mp4", "video/mp4", (wanted,))
    policy = AddressPolicy(allowed_networks=parse_allowed_networks(f"127.0.0.1:{origin.port}"))
    with Client(policy, stop=stop) as client, pytest.raises(Stopped):
        extras.fetch_subtitles(chosen, tmp_path, client=client, stop=stop)
