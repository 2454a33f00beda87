"""Content codings are undone in bounded memory, or taken for what they are not."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downloads.engine.core.errors import BadResponse, TooLarge, UnsupportedURL
from downloads.engine.egress.codings import BodyDecoder, belongs_to_file, real_codings

TEXT = b"a line that is sent again and again\n" * 5000
NOISE = random.Random(1).randbytes(200_000)
MP4 = b"\x00\x00\x00\x18ftypmp42" + NOISE


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


CODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate without a frame": raw_deflate,
    "br": brotli.compress,
}


def decoder_of(header: str, body: bytes, step: int) -> BodyDecoder:
    """Of a body that comes ``step`` bytes at a time."""
    place = 0

    def read_raw(view: memoryview) -> int:
        nonlocal place
        count = min(len(view), step, len(body) - place)
        view[:count] = body[place : place + count]
        place += count
        return count

    return BodyDecoder(real_codings(header), read_raw)


def decoded(header: str, body: bytes, step: int = 1000) -> bytes:
    decoder = decoder_of(header, body, step)
    found, view = bytearray(), memoryview(bytearray(5000))
    while count := decoder.read_into(view):
        found += view[:count]
    return bytes(found)


def drain(decoder: BodyDecoder) -> None:
    view = memoryview(bytearray(65536))
    while decoder.read_into(view):
        pass


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize("data", [TEXT, NOISE, MP4, b"x", b"#EXTM3U\n"], ids=len)
@pytest.mark.parametrize("step", [1, 1000, 100_000])
def test_a_coding_is_undone(coder: str, data: bytes, step: int) -> None:
    data = data if step > 1 else data[:300]
    assert decoded(coder.split()[0], CODERS[coder](data), step) == data


@given(st.binary(max_size=300), st.sampled_from(sorted(CODERS)), st.integers(1, 50))
@settings(max_examples=200)
def test_any_body_comes_back(data: bytes, coder: str, step: int) -> None:
    assert decoded(coder.split()[0], CODERS[coder](data), step) == data


def test_several_codings_are_undone_from_the_last_on() -> None:
    assert decoded("gzip, gzip", gzip.compress(gzip.compress(TEXT))) == TEXT
    assert decoded("deflate, br", brotli.compress(zlib.compress(TEXT))) == TEXT
    assert decoded("aws-chunked, x-gzip", gzip.compress(TEXT)) == TEXT


def test_a_header_that_comes_twice_for_one_coding() -> None:
    assert decoded("gzip, gzip", gzip.compress(TEXT)) == TEXT


@pytest.mark.parametrize(
    "header",
    [
        "",
        "identity",
        "none",
        "UTF-8",
        "aws-chunked",
        "binary",
        "8bit",
        "Identity, utf-8",
        ",",
        "mp4",
    ],
)
def test_words_that_code_nothing(header: str) -> None:
    assert real_codings(header) == ()


@pytest.mark.parametrize("header", ["gzip", "deflate", "br"])
@pytest.mark.parametrize(
    "data", [b"#EXTM3U\n#EXTINF:2\na.ts\n", b"WEBVTT\n\n", b"<?xml version='1.0'?>", MP4, NOISE]
)
def test_a_label_on_a_plain_body_is_ignored(header: str, data: bytes) -> None:
    """ytdl-org/youtube-dl#28303"""
    assert decoded(header, data) == data


def test_gzip_of_several_members_and_what_follows() -> None:
    body = gzip.compress(b"one") + gzip.compress(b"two")
    assert decoded("gzip", body) == b"onetwo"
    assert decoded("gzip", body, 1) == b"onetwo"
    assert decoded("gzip", body + bytes(600)) == b"onetwo"


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize("data", [TEXT, NOISE], ids=["text", "noise"])
@pytest.mark.parametrize("lost", [10, 0.5])
def test_a_body_that_is_cut_off_is_an_error(coder: str, data: bytes, lost: float) -> None:
    body = CODERS[coder](data)
    end = len(body) - int(lost if lost >= 1 else len(body) * lost)
    with pytest.raises(BadResponse) as caught:
        decoded(coder.split()[0], body[:end])
    assert "cut off" in caught.value.detail


@pytest.mark.parametrize("lost", range(1, 9))
def test_gzip_without_its_trailer_is_whole(lost: int) -> None:
    """Accepted as by curl and browsers; of what is left of the trailer, all is compared."""
    assert decoded("gzip", gzip.compress(TEXT)[:-lost]) == TEXT


def test_a_damaged_part_of_the_trailer_is_an_error() -> None:
    body = bytearray(gzip.compress(TEXT)[:-4])
    body[-1] ^= 0xFF
    with pytest.raises(BadResponse, match="gzip"):
        decoded("gzip", bytes(body))


def test_a_damaged_body_is_an_error() -> None:
    body = bytearray(gzip.compress(NOISE))
    body[len(body) // 2] ^= 0xFF
    with pytest.raises(BadResponse, match="gzip"):
        decoded("gzip", bytes(body))


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("compress", b"\x1f\x9d\x90x"), ("zstd", b"\x28\xb5\x2f\xfd\x04"),
        ("gzip, xz", b"\xfd7zXZ\x00x"), (", ".join(["gzip"] * 6), b"x"),
    ],
)  # fmt: skip
def test_what_cannot_be_undone_is_refused_for_good(header: str, body: bytes) -> None:
    with pytest.raises(UnsupportedURL, match="Content-Encoding"):
        decoded(header, body)


@pytest.mark.parametrize("header", ["compress", "zstd", "gzip, xz", "lzma", "bzip2"])
def test_a_label_of_a_coding_that_the_body_is_not_in(header: str) -> None:
    assert decoded(header, TEXT) == TEXT


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("gzip", gzip.compress(bytes(40_000_000), 1)),
        ("gzip, gzip", gzip.compress(gzip.compress(bytes(40_000_000), 1))),
        ("br", brotli.compress(bytes(40_000_000), quality=1)),
    ],
    ids=["gzip", "gzip twice", "br"],
)
def test_a_bomb_is_put_out_in_bounded_memory(header: str, body: bytes) -> None:
    decoder = decoder_of(header, body, 65536)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            drain(decoder)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("kind", "disposition", "url", "kept"),
    [
        ("application/x-tar", "", "http://h/backup.tar.gz", True),
        ("application/x-gzip", "", "http://h/x", True),
        ("application/gzip; q=1", "", "http://h/x", True),
        ("image/svg+xml", "", "http://h/x.SVGZ?y", True),
        ("application/octet-stream", 'attachment; filename="a b.tgz"', "http://h/x", True),
        ("", "attachment; filename*=UTF-8''a%2Egz", "http://h/x", True),
        ("text/plain", "", "http://h/notes.txt", False),
        ("video/mp4", "", "http://h/film.mp4?x=.gz", False),
        ("application/x-tar", "", "http://h/backup.tar", False),
    ],
)
def test_whose_coding_it_is(kind: str, disposition: str, url: str, kept: bool) -> None:
    """aws/aws-sdk#498, rockdaboot/wget2#27: curl, wget2 and Firefox save a tarball as it is."""
    assert belongs_to_file(("gzip",), kind, disposition, [url]) is kept
    assert not belongs_to_file(("br",), "text/plain", disposition, ["http://h/x"])
