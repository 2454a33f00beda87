"""Master playlists that are written sloppily."""

from __future__ import annotations

import pytest

from downloads.engine.core.media import (
    StreamKind,
)
from tests.engine.resolver.manifests.served import LIST, Served, master

SLOPPY = {
    "average with a fraction": "BANDWIDTH=900000,AVERAGE-BANDWIDTH=812345.6,RESOLUTION=320x180",
    "a blank after the comma": "PROGRAM-ID=1, BANDWIDTH=900000, RESOLUTION=320x180",
    "a fraction in the size": "BANDWIDTH=900000,RESOLUTION=320.0x180.0",
    "a quoted size": 'BANDWIDTH=900000,RESOLUTION="320x180"',
    "a size in upper case": "BANDWIDTH=900000,RESOLUTION=320X180",
    "a quoted number": 'BANDWIDTH="900000",RESOLUTION=320x180',
    "a quoted rate": 'BANDWIDTH=900000,FRAME-RATE="25.000",RESOLUTION=320x180',
    "an empty attribute": "PROGRAM-ID=,BANDWIDTH=900000,RESOLUTION=320x180",
    "a word for a number": "BANDWIDTH=undefined,RESOLUTION=320x180",
    "no number": "BANDWIDTH=NaN,FRAME-RATE=NaN,RESOLUTION=320x180",
    "a negative one": "BANDWIDTH=-1,FRAME-RATE=-25,RESOLUTION=320x180",
    "bare codecs": "BANDWIDTH=900000,CODECS=avc1.42c00d,mp4a.40.2,RESOLUTION=320x180",
    "no bandwidth": "RESOLUTION=320x180",
    "long codecs": 'BANDWIDTH=9,RESOLUTION=320x180,CODECS="avc1.42c00d,mp4a.40.2'
    + ",mp4a.40.2" * 300
    + '"',
    "lower case": "bandwidth=900000,resolution=320x180",
    "blanks around": " BANDWIDTH = 900000 , RESOLUTION = 320x180 ",
    "an open quote": 'BANDWIDTH=900000,RESOLUTION=320x180,CODECS="avc1.42c00d',
    "a name for a size": 'BANDWIDTH=900000,NAME="180p HD"',
    "a long name": "BANDWIDTH=900000,RESOLUTION=320x180,NAME=" + "x" * 5000,
    "a huge number": "BANDWIDTH=" + "9" * 400 + ",RESOLUTION=320x180",
    "an unknown attribute": 'X-A="b,RESOLUTION=1x1",BANDWIDTH=1,RESOLUTION=320x180,=,,',
}


@pytest.mark.parametrize("form", SLOPPY)
def test_a_sloppy_attribute_counts_as_missing(form: str, served: Served) -> None:
    """globocom/m3u8#97, #72, #355, globocom/hlsclient#11, chrippa/livestreamer#488."""
    line = f"#EXT-X-STREAM-INF:{SLOPPY[form]}"
    (offered,) = served.resolve(master(line, "", "# a remark", "list.m3u8")).formats
    assert offered.height == 180
    assert offered.bitrate is None or 0 < offered.bitrate < 10**12
    if "CODECS=" in SLOPPY[form]:
        assert offered.video_codec == "avc1.42c00d"


@pytest.mark.parametrize("size", ["0x0", "axb", "320", "320x", "x180", "-320x180", "1e9x1e9"])
def test_a_size_that_is_none_is_missing(size: str, served: Served) -> None:
    line = f"#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION={size}"
    (offered,) = served.resolve(master(line, "list.m3u8")).formats
    assert (offered.height, offered.width) == (None, None)


def test_streams_of_single_pictures_and_of_text_are_left_out(served: Served) -> None:
    source = served.resolve(
        master(
            '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360,URI="iframes.m3u8"',
            '#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360,URI="images.m3u8"',
            '#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=320x180,CODECS="jpeg"\nthumbs.m3u8',
            '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="wvtt"\ntext.m3u8',
            '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="c",NAME="x",INSTREAM-ID="CC1"',
            '#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID="v",NAME="x",URI="angle.m3u8"',
            '#EXT-X-STREAM-INF:BANDWIDTH=9000,RESOLUTION=640x360,VIDEO="v"\nlist.m3u8',
        )
    )
    assert [offer.height for offer in source.formats] == [360]


def test_packed_sound_without_codecs_is_sound(served: Served) -> None:
    served.put("sound.m3u8", LIST.replace(".ts", ".aac"))
    inf = "#EXT-X-STREAM-INF:BANDWIDTH="
    source = served.resolve(master(f"{inf}1\nsound.m3u8?1", f"{inf}2\nsound.m3u8?2"))
    assert [offer.stream.kind for offer in source.formats] == [StreamKind.AUDIO] * 2
    assert {offer.ext for offer in source.formats} == {"m4a"}
