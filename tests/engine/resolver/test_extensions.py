"""The extension of a file: by its bytes, its name, its type; nothing of a name is lost."""

from __future__ import annotations

import pytest

from downloads.engine.core import file_types
from downloads.engine.resolver import extensions


@pytest.mark.parametrize(
    ("name", "content_type", "ext", "mime"),
    [
        ("a.mp4", "video/mp4", "mp4", "video/mp4"),
        ("a.MP4", "", "mp4", "video/mp4"),
        ("a.mkv", "application/octet-stream", "mkv", "video/x-matroska"),
        ("a.bin", "application/octet-stream", "bin", "application/octet-stream"),
        ("a", "video/webm", "webm", "video/webm"),
        ("a", "application/octet-stream", "bin", "application/octet-stream"),
        ("a", "", "bin", "application/octet-stream"),
        ("a", "text/plain", "txt", "text/plain"),
        ("a", "audio/x-m4a", "m4a", "audio/mp4"),
        ("a", "application/x-zip-compressed", "zip", "application/zip"),
        ("a.mp4", "text/plain", "mp4", "video/mp4"),
        ("a.txt", "text/plain", "txt", "text/plain"),
        ("get.php", "video/mp4", "mp4", "video/mp4"),
        ("get.php", "application/octet-stream", "php", "application/octet-stream"),
        ("a.tar.gz", "application/octet-stream", "tar.gz", "application/gzip"),
        ("a.flac", "nonsense", "flac", "audio/flac"),
        ("a.iso", 'x/y"><script>', "iso", "application/x-iso9660-image"),
        (".mp4", "", "bin", "application/octet-stream"),
    ],
)
def test_extension_and_type(name: str, content_type: str, ext: str, mime: str) -> None:
    assert extensions.choose(name, content_type)[1] == ext
    assert extensions.choose_type(ext, content_type) == mime


@pytest.mark.parametrize(
    ("name", "content_type", "saved"),
    [
        ("Concert Vol.2", "video/mp4", "Concert Vol.2.mp4"),
        ("Film.2019.1080p", "video/webm", "Film.2019.1080p.webm"),
        ("Dr. Mario", "audio/mpeg", "Dr. Mario.mp3"),
        ("v1.0", "image/png", "v1.0.png"),
        ("play.ashx", "video/mp4", "play.mp4"),
        ("clip.html", "video/mp4", "clip.mp4"),
        ("film.mp4.php", "video/mp4", "film.mp4"),
        ("Vol.2.php", "video/mp4", "Vol.2.mp4"),
        ("clip.html", "text/html", "clip.html"),
        ("clip.php", "text/html", "clip.html"),
        ("report.aspx", "application/pdf", "report.pdf"),
        ("song.mp3", "video/mp4", "song.mp3"),
        ("linux.zip", "video/mp4", "linux.zip"),
        ("film.m4v", "video/mp4", "film.m4v"),
        ("big.mp4.001", "video/mp4", "big.mp4.001"),
        ("data.parquet", "application/x-parquet", "data.parquet"),
        ("notes.v2", "text/plain", "notes.v2"),
    ],
)
def test_a_name_by_its_type(name: str, content_type: str, saved: str) -> None:
    """Bytes of no known signature: what the name knows already stays."""
    assert ".".join(extensions.choose(name, content_type)) == saved


@pytest.mark.parametrize(
    ("name", "content_type", "found", "saved"),
    [
        ("watch", "text/html", "mp4", "watch.mp4"),
        ("download", "application/octet-stream", "mkv", "download.mkv"),
        ("Concert Vol.2", "", "webm", "Concert Vol.2.webm"),
        ("anim.gif", "video/mp4", "mp4", "anim.mp4"),
        ("anim.gif", "image/gif", "mp4", "anim.mp4"),
        ("photo.jpg", "image/jpeg", "webp", "photo.webp"),
        ("film.avi", "video/avi", "mp4", "film.mp4"),
        ("film.bin", "", "mp4", "film.bin.mp4"),
        ("notes.txt", "text/plain", "mp3", "notes.txt.mp3"),
        ("clip.m4v", "video/mp4", "mp4", "clip.m4v"),
        ("clip.MOV", "", "mp4", "clip.mov"),
        ("song.mp3", "audio/mpeg", "mp4", "song.m4a"),
        ("song", "audio/mp4", "mp4", "song.m4a"),
        ("song", "audio/webm", "webm", "song.weba"),
        ("clip", "video/quicktime", "mp4", "clip.mov"),
        ("clip", "video/webm", "mkv", "clip.mkv"),
        ("film.mp4", "video/mp4", "zip", "film.mp4.zip"),
        ("film.mp4", "video/mp4", "png", "film.png"),
        ("page.aspx", "", "pdf", "page.pdf"),
        ("film.mp4.php", "", "mp4", "film.mp4"),
        ("film.m4v.html", "video/mp4", "mp4", "film.m4v"),
        ("film.2.php", "", "mp4", "film.2.mp4"),
        ("app.xpi", "application/zip", "zip", "app.xpi"),
        ("book.epub", "", "zip", "book.epub"),
        ("site.tar.gz", "", "gz", "site.tar.gz"),
        ("disk.7z.001", "", "7z", "disk.7z.001"),
        ("big.mp4.001", "video/mp4", "mp4", "big.mp4.001"),
        ("report.2", "application/pdf", "pdf", "report.2"),
    ],
)
def test_a_name_by_its_bytes(name: str, content_type: str, found: str, saved: str) -> None:
    kind = file_types.of_ext(found)
    assert ".".join(extensions.choose(name, content_type, kind)) == saved
