"""AES-128: the spool holds the plaintext, the key is asked for once and kept nowhere."""

from __future__ import annotations

import base64
import logging
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from downloads.engine.core.errors import DownloadError
from downloads.engine.core.media import Encryption, Fragment
from downloads.engine.transfer.fragments.acceptance import check_media
from downloads.engine.transfer.fragments.decryption import Decryption
from tests.engine.transfer.fragments.harness import Piecewise, body

KEY = bytes(range(16))


def encrypted(data: bytes, iv: int) -> bytes:
    padder = PKCS7(128).padder()
    context = Cipher(algorithms.AES128(KEY), modes.CBC(iv.to_bytes(16, "big"))).encryptor()
    return context.update(padder.update(data) + padder.finalize()) + context.finalize()


def serve(piecewise: Piecewise, sizes: list[int], **knobs: object) -> None:
    bodies = [body(index, size) for index, size in enumerate(sizes)]
    piecewise.serve([encrypted(data, index) for index, data in enumerate(bodies)], **knobs)
    piecewise.origin.serve("/key", KEY)
    piecewise.fragments = tuple(
        replace(each, encryption=Encryption(piecewise.origin.url("/key"), f"{index:032x}"))
        for index, each in enumerate(piecewise.fragments)
    )
    piecewise.expected = b"".join(bodies)


@pytest.mark.parametrize("knobs", [{}, {"chunked": True}, {"cut_after": 9000, "cuts": 1}])
def test_every_length_is_exact(piecewise: Piecewise, knobs: dict[str, object]) -> None:
    serve(piecewise, [12_000, 12_012, 12_013, 1_500_000, 300_000, 20_000], **knobs)
    piecewise.exact()
    assert piecewise.asked("/key") == 1


def test_some_are_and_some_are_not_and_ranges_too(piecewise: Piecewise) -> None:
    serve(piecewise, [30_000, 30_000])
    secret = piecewise.origin.files["/1"].data
    plain = body(5)
    piecewise.origin.serve("/all", plain + secret)
    url = piecewise.origin.url("/all")
    piecewise.fragments = (
        piecewise.fragments[0],
        Fragment(url, (0, len(plain))),
        replace(piecewise.fragments[1], url=url, range=(len(plain), len(plain) + len(secret))),
    )
    piecewise.expected = body(0, 30_000) + plain + body(1, 30_000)
    piecewise.exact()


PACKET = b"\x47\x1f\xff\x10" + b"\xff" * 184


@pytest.mark.parametrize(
    "plain",
    [
        PACKET * 400,  # 75,200 bytes: whole blocks
        PACKET * 4,
        b"\x00\x00\x00\x18ftypmp42" + bytes(20),
        b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello!\n\n",
        b"\xff\xf1" + bytes(range(200, 246)),
    ],
)
def test_a_last_block_that_is_no_padding_is_kept(piecewise: Piecewise, plain: bytes) -> None:
    """ossrs/srs#4172, streamlink/streamlink#4528: only what does not fill its block is padded."""
    plain += b"\xff" * (-len(plain) % 16)
    piecewise.serve([encrypted(plain, 0)[:-16], encrypted(plain, 1)])
    piecewise.origin.serve("/key", KEY)
    piecewise.fragments = tuple(
        replace(each, encryption=Encryption(piecewise.origin.url("/key"), f"{index:032x}"))
        for index, each in enumerate(piecewise.fragments)
    )
    piecewise.expected = plain * 2
    piecewise.exact()


@pytest.mark.parametrize("method", ["AES-256", "AES-256-CTR"])
def test_longer_keys(piecewise: Piecewise, method: str) -> None:
    """Accepted as in hls.js."""
    key, iv, plain = bytes(range(32)), 7, body(0, 100_001)
    piecewise.origin.serve("/key", key)
    if method == "AES-256":
        padder = PKCS7(128).padder()
        mode: modes.Mode = modes.CBC(iv.to_bytes(16, "big"))
        padded = padder.update(plain) + padder.finalize()
    else:
        mode, padded = modes.CTR(iv.to_bytes(16, "big")), plain
    context = Cipher(algorithms.AES256(key), mode).encryptor()
    piecewise.serve([context.update(padded) + context.finalize()])
    encryption = Encryption(piecewise.origin.url("/key"), f"{iv:032x}", method)
    piecewise.fragments = (replace(piecewise.fragments[0], encryption=encryption),)
    piecewise.expected = plain
    piecewise.exact()


def test_data_urls(piecewise: Piecewise) -> None:
    """Of keys and of fragments, ranges of them too; nothing is asked of a source."""

    def data(content: bytes) -> str:
        return f"data:application/octet-stream;base64,{base64.b64encode(content).decode()}"

    plain = body(0, 3000)
    key = Encryption(data(KEY), f"{0:032x}")
    piecewise.fragments = (
        Fragment(data(b"begin"), init=True),
        Fragment("data:,a%20b"),
        Fragment(data(b"skip this"), (5, 9)),
        Fragment(data(encrypted(plain, 0)), encryption=key),
    )
    piecewise.expected = b"begina bthis" + plain
    piecewise.exact()
    assert piecewise.origin.log == []


@pytest.mark.parametrize("url", ["data:nothing", "data:;base64,a", "data:;base64,!!!!"])
def test_a_data_url_that_is_none(piecewise: Piecewise, url: str) -> None:
    piecewise.fragments = (Fragment(url),)
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == "bad_manifest"


@pytest.mark.parametrize("key", [b"", b"short", bytes(17), b"<html>please log in</html>"])
def test_what_is_no_key_ends_it_at_once(piecewise: Piecewise, key: bytes) -> None:
    serve(piecewise, [9000])
    piecewise.origin.serve("/key", key)
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == "bad_manifest"
    assert piecewise.asked("/key") == 1


@pytest.mark.parametrize("cut", [0, 15])
def test_what_does_not_fit_its_key_is_never_fed(piecewise: Piecewise, cut: int) -> None:
    serve(piecewise, [9000])
    file = piecewise.origin.files["/0"]
    file.data = bytes(len(file.data) - cut)
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == "bad_response"
    with pytest.raises(DownloadError):
        list(piecewise.spool.feed())


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (404, "incomplete", "not found on the site"),
        (403, "incomplete", "the site refused access"),
        (410, "incomplete", "removed from the site"),
        (401, "login_required", "the site requires a login"),
    ],
)
def test_a_key_that_is_gone_is_told_as_such(
    piecewise: Piecewise, status: int, code: str, reason: str
) -> None:
    """The pasted link is fine: there is nothing to check about it."""
    serve(piecewise, [9000])
    piecewise.origin.files["/key"].answers = [(status, {})] * 20
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == code
    sentence = f"The key of this video could not be fetched: {reason}"
    assert raised.value.message.startswith(sentence)
    assert "link" not in raised.value.message or code == "login_required"
    assert "the key: " in raised.value.detail


def test_a_wrong_key_is_told_as_such(piecewise: Piecewise) -> None:
    """Chance has it that one padding in 256 fits any key: the media have to as well."""
    plain = PACKET * 400
    piecewise.serve([encrypted(plain, 0)])
    piecewise.origin.serve("/key", bytes(16))
    key = Encryption(piecewise.origin.url("/key"), f"{0:032x}")
    piecewise.fragments = (replace(piecewise.fragments[0], encryption=key),)
    piecewise.check = check_media
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == "bad_response"
    assert "does not fit the key" in raised.value.message


def test_a_resumed_run_asks_for_no_key_it_does_not_need(piecewise: Piecewise) -> None:
    serve(piecewise, [9000, 9000])
    piecewise.exact()
    piecewise.origin.log.clear()
    successor = piecewise.successor()
    assert successor.exact().resumed_fragments == 2
    assert piecewise.origin.log == []


def test_the_key_is_on_no_disk_and_in_no_log(
    piecewise: Piecewise, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    serve(piecewise, [9000, 9000])
    piecewise.exact()
    files = [entry for entry in piecewise.directory.rglob("*") if entry.is_file()]
    assert files
    assert not any(KEY in entry.read_bytes() for entry in files)
    assert KEY.hex() not in caplog.text


@pytest.mark.parametrize("iv", ["", "xyz", "00" * 15])
def test_a_wrong_vector_is_a_bad_manifest(iv: str) -> None:
    with pytest.raises(DownloadError) as raised:
        Decryption(KEY, iv)
    assert raised.value.code == "bad_manifest"
