"""Media without a hint in name or type: a key of an object store.

piemonte/PBJVideoPlayer#13, viu-media/viu#5; the generic extractor of ytdl-org/youtube-dl looks at
the first bytes too.
"""

from __future__ import annotations

from tests.field.conftest import Check
from tests.field.support.clips import Clips
from tests.field.support.expected import Body
from tests.field.support.kind import Form, Kind
from tests.support.answers import BYTES, reply
from tests.support.content import content
from tests.support.request import Answer, Handler, Request

TYPES = (BYTES, "binary/octet-stream", None, "text/plain", "", "*/*", "application/x-download")
LEADS: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "webm": (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", ("webm",)),
    "mkv": (b"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska", ("mkv",)),
    "mp3": (b"ID3\x04\x00\x00\x00\x00\x00\x23TSSE", ("mp3",)),
    "flac": (b"fLaC\x00\x00\x00\x22", ("flac",)),
    "ogg": (b"OggS\x00\x02" + bytes(22) + b"\x01\x13OpusHead", ("ogg", "opus")),
    "wav": (b"RIFF\x24\x08\x00\x00WAVEfmt ", ("wav",)),
    "avi": (b"RIFF\x24\x08\x00\x00AVI LIST", ("avi",)),
    "flv": (b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00", ("flv",)),
    "png": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ("png",)),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", ("pdf",)),
    "zip": (b"PK\x03\x04\x14\x00\x00\x00\x08\x00", ("zip",)),
    "m4a": (b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00M4A mp42", ("m4a", "mp4")),
    "mov": (b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  ", ("mov",)),
}


def _film(clips: Clips) -> bytes:
    return clips.film().read_bytes()


def _of(lead: bytes) -> bytes:
    return lead + content(20_000)


def site(clips: Clips) -> Handler:
    def handle(request: Request) -> Answer:
        form = request.path.split("/")[1]
        if form in LEADS:
            return reply(_of(LEADS[form][0]), BYTES)
        return reply(_film(clips), TYPES[int(form)])

    return handle


KIND = Kind(
    "files",
    site,
    {
        f"an MP4 as {kind}": Form(f"/{at}/8f3c2d", Body(_film, ("8f3c2d.mp4",)))
        for at, kind in enumerate(TYPES)
    }
    | {
        f"a {name} as bytes": Form(
            f"/{name}/8f3c2d", Body(_of(lead), tuple(f"8f3c2d.{ext}" for ext in exts))
        )
        for name, (lead, exts) in LEADS.items()
    },
)


def test_fetch(check: Check, form: Form) -> None:
    check(form)
