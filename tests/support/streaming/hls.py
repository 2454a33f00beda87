"""HLS around a clip, by ffmpeg's own muxer. Each function fills a folder."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.support.streaming.workshop import ffmpeg

KEY = bytes(range(16))
IV = "000102030405060708090a0b0c0d0e0f"
FIRST = 7  # the first media sequence number where it is the IV
INDEX = "index.m3u8"

_HLS = ("-f", "hls", "-hls_time", "1", "-hls_list_size", "0", "-hls_playlist_type", "vod")
_SUBTITLE = """WEBVTT

00:00:01.000 --> 00:00:02.000
One second.

00:00:04.000 --> 00:00:05.000
Four seconds.
"""


def cut(clip: Path, folder: Path, *told: str, streams: tuple[str, ...] = ()) -> None:
    """``index.m3u8`` and its pieces of one second. ``streams``: as of ffmpeg's ``-map``."""
    folder.mkdir(exist_ok=True)
    maps = [word for stream in streams for word in ("-map", stream)]
    ffmpeg("-i", clip, *maps, "-c", "copy", *_HLS, *told, INDEX, cwd=folder)


def cut_mp4(clip: Path, folder: Path, *told: str, streams: tuple[str, ...] = ()) -> None:
    cut(clip, folder, "-hls_segment_type", "fmp4", *told, streams=streams)


def byte_ranges(clip: Path, folder: Path, *told: str) -> None:
    """One file; the offset is said once and then goes on from where the last range ended."""
    cut(clip, folder, "-hls_flags", "single_file", *told)
    index = folder / INDEX
    seen: list[str] = []

    def shorten(match: re.Match[str]) -> str:
        seen.append(match[0])
        return match[0] if len(seen) == 1 else match[1]

    index.write_text(re.sub(r"(#EXT-X-BYTERANGE:\d+)@\d+", shorten, index.read_text()))


def packed_sound(clip: Path, folder: Path) -> None:
    """AAC without a container around it (RFC 8216, 3.4)."""
    ffmpeg(
        "-i", clip, "-map", "0:a", "-c", "copy", "-f", "segment", "-segment_time", "1",
        "-segment_format", "adts", "-segment_list", INDEX, "-segment_list_type", "m3u8",
        "index%d.aac", cwd=folder,
    )  # fmt: skip


def packed_mp3(clip: Path, folder: Path) -> None:
    """MP3 without a container around it: each piece begins with an ID3 tag (RFC 8216, 3.4)."""
    ffmpeg(
        "-i", clip, "-map", "0:a", "-c", "libmp3lame", "-f", "segment", "-segment_time", "1",
        "-segment_format_options", "write_xing=0:id3v2_version=4",
        "-segment_list", INDEX, "-segment_list_type", "m3u8", "index%d.mp3", cwd=folder,
    )  # fmt: skip


def encrypted(clip: Path, folder: Path) -> None:
    """AES-128 with its IV in the list; the key file beside it."""
    (folder / "clip.key").write_bytes(KEY)
    (folder / "info").write_text(f"clip.key\nclip.key\n{IV}\n")
    cut(clip, folder, "-hls_key_info_file", "info")


def encrypted_by_number(clip: Path, folder: Path) -> None:
    """AES-128 without an IV: each piece's own number is it. ffmpeg writes no such list."""
    cut(clip, folder, "-start_number", str(FIRST))
    (folder / "clip.key").write_bytes(KEY)
    for piece in folder.glob("*.ts"):
        number = int(piece.stem.removeprefix("index"))
        pad = padding.PKCS7(128).padder()
        cipher = Cipher(algorithms.AES(KEY), modes.CBC(number.to_bytes(16))).encryptor()
        piece.write_bytes(cipher.update(pad.update(piece.read_bytes()) + pad.finalize()))
    index = folder / INDEX
    key = '#EXT-X-KEY:METHOD=AES-128,URI="clip.key"\n#EXTINF'
    index.write_text(index.read_text().replace("#EXTINF", key, 1))


def joined(first: Path, second: Path, folder: Path) -> None:
    """Two lists in one, with a discontinuity between. Where there are maps, each keeps its own."""
    texts = []
    for place, index in enumerate((first, second)):
        shutil.copytree(index.parent, folder / str(place))
        text = re.sub(r'(?m)^(?=[^#\s])|(?<=URI=")', f"{place}/", index.read_text())
        texts.append(text.replace("#EXT-X-ENDLIST", "").rstrip())
    body = re.sub(r"#EXTM3U|#EXT-X-(?:VERSION|TARGETDURATION|MEDIA-SEQUENCE|PLAYLIST-TYPE).*", "",
                  texts[1])  # fmt: skip
    text = "\n".join((texts[0], "#EXT-X-DISCONTINUITY", body.strip(), "#EXT-X-ENDLIST\n"))
    (folder / INDEX).write_text(text)


def absolute(folder: Path, name: str) -> None:
    """Every URI with scheme and host; the origin puts itself in place of ``{origin}``."""
    index = folder / INDEX
    index.write_text(
        re.sub(r'(?m)^(?=[^#\s])|(?<=URI=")', f"{{origin}}/{name}/", index.read_text())
    )


def subtitles(folder: Path) -> None:
    folder.mkdir()
    (folder / "1.vtt").write_text(_SUBTITLE)
    (folder / INDEX).write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6.0,\n1.vtt\n#EXT-X-ENDLIST\n"
    )
