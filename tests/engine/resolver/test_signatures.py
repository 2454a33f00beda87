"""File types by their first bytes: as ffmpeg makes them, and as standards draw them."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from downloads.engine.resolver.signatures import recognise

HEAD = 2048
PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=176x144:r=25:d=1")
SOUND = ("-f", "lavfi", "-i", "sine=r=48000:d=1")


def made(path: Path, *arguments: str) -> bytes:
    command = [get_ffmpeg_exe(), "-v", "error", "-y", *arguments, "-strict", "-2", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and "ncoder" in done.stderr:
        pytest.skip("this ffmpeg has no encoder for it")
    assert done.returncode == 0, done.stderr
    return path.read_bytes()[:HEAD]


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [
        ("a.aac", "audio/aac"), ("a.ac3", "audio/ac3"), ("a.eac3", "audio/eac3"),
        ("a.aiff", "audio/aiff"), ("a.au", "audio/basic"), ("a.caf", "audio/x-caf"),
        ("a.flac", "audio/flac"), ("a.mp2", "audio/mpeg"), ("a.mp3", "audio/mpeg"),
        ("a.ogg", "audio/ogg"), ("a.opus", "audio/ogg"), ("a.wav", "audio/wav"),
        ("a.w64", "audio/wav"), ("a.wv", "audio/x-wavpack"), ("a.m4a", "audio/mp4"),
    ],
)  # fmt: skip
def test_sounds(tmp_path: Path, name: str, mime_type: str) -> None:
    found = recognise(made(tmp_path / name, *SOUND))
    assert found is not None
    assert found.mime_type == mime_type
    assert name[2:] in found.family


def test_an_mp3_without_tags(tmp_path: Path) -> None:
    options = ("-write_xing", "0", "-id3v2_version", "0")
    found = recognise(made(tmp_path / "a.mp3", *SOUND, *options))
    assert found is not None
    assert found.ext == "mp3"


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [
        ("a.avi", "video/x-msvideo"), ("a.flv", "video/x-flv"), ("a.mkv", "video/x-matroska"),
        ("a.mov", "video/quicktime"), ("a.mp4", "video/mp4"), ("a.mpg", "video/mpeg"),
        ("a.vob", "video/mpeg"), ("a.ts", "video/mp2t"), ("a.m2ts", "video/mp2t"),
        ("a.webm", "video/webm"), ("a.wmv", "video/x-ms-wmv"), ("a.m4v", "video/mp4"),
        ("a.mxf", "application/mxf"), ("a.rm", "application/vnd.rn-realmedia"),
    ],
)  # fmt: skip
def test_films(tmp_path: Path, name: str, mime_type: str) -> None:
    found = recognise(made(tmp_path / name, *PICTURE))
    assert found is not None
    assert found.mime_type == mime_type
    assert name[2:] in found.family


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.bmp", "a.tiff", "a.webp"])
def test_pictures(tmp_path: Path, name: str) -> None:
    found = recognise(made(tmp_path / name, *PICTURE, "-frames:v", "1"))
    assert found is not None
    assert name[2:] in found.family


def box(kind: bytes, body: bytes = b"") -> bytes:
    return (len(body) + 8).to_bytes(4) + kind + body


@pytest.mark.parametrize(
    ("head", "ext"),
    [
        (box(b"ftyp", b"M4B \0\0\0\0isom"), "m4b"),
        (box(b"ftyp", b"3gp5\0\0\0\0isom"), "3gp"),
        (box(b"ftyp", b"qt  \0\0\0\0qt  "), "mov"),
        (box(b"ftyp", b"dash\0\0\0\0iso6"), "mp4"),
        (box(b"ftyp", b"avif\0\0\0\0mif1"), "avif"),
        (box(b"ftyp", b"mif1\0\0\0\0mif1avif"), "avif"),
        (box(b"ftyp", b"mif1\0\0\0\0mif1heic"), "heic"),
        (box(b"ftyp", b"heic\0\0\0\0mif1"), "heic"),
        (box(b"wide") + box(b"mdat", bytes(99)), "mov"),
        (box(b"free", bytes(9)) + box(b"moov", bytes(99)), "mov"),
        (box(b"styp", b"msdh") + box(b"moof"), "mp4"),
        (b"\0\0\0\1mdat" + bytes(99), "mov"),
        (b"ID3\4\0\0\0\0\0\x0a" + bytes(10) + b"fLaC", "flac"),
        (b"ID3\3\0\0\0\x7f\x7f\x7f" + bytes(2000), "mp3"),
        (b"\x1f\x8b\x08\x00", "gz"),
        (b"%PDF-1.7", "pdf"),
        (b"PK\3\4" + bytes(26) + b"mimetypeapplication/epub+zip", "epub"),
        (b"PK\3\4" + bytes(26) + b"[Content_Types].xml..word/document.xml", "docx"),
        (b"PK\5\6" + bytes(18), "zip"),
        (b"Rar!\x1a\x07\x01\x00", "rar"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "7z"),
        (bytes(257) + b"ustar\x0000", "tar"),
        (b"d8:announce35:udp", "torrent"),
        (bytes(3) + (b"G\x1f\xff\x10" + bytes(184)) * 10, "ts"),
    ],
)
def test_signatures(head: bytes, ext: str) -> None:
    found = recognise(head)
    assert found is not None
    assert found.ext == ext


@pytest.mark.parametrize(
    "head",
    [
        b"", b"G", b"GGGG", b"\xff\xfb", b"BM is no picture", b"IDs", b"ID3", b"OggS",
        b"\xff\xfb\x90\x00" + bytes(2044), b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(2041),
        b"\x0b\x77" + bytes(2046), b"RIFF\0\0\0\0WXYZ", b"MZ\x90", bytes(2048), b"a" * 2048,
        b"<html>", b"{}", b"free text with words", b"....free and easy",
    ],
)  # fmt: skip
def test_what_is_of_no_known_kind(head: bytes) -> None:
    assert recognise(head) is None


def test_noise_is_of_no_known_kind() -> None:
    noise = random.Random(11)
    known = [found for _ in range(3000) if (found := recognise(noise.randbytes(HEAD)))]
    assert not known
