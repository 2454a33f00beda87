"""Vimeo's player page in the shape that yt-dlp's extractor reads: its configuration, an HLS master
with its sound apart, a DASH manifest, and a progressive file."""

from __future__ import annotations

import json

from tests.engine.resolver.ytdlp.stand_in import Site
from tests.support.answers import page, reply

ID = "76979871"
PLAYER = "player.vimeo.com"
CDN = "skyfire.vimeocdn.com"

MASTER = """#EXTM3U
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio-high",NAME="Original",DEFAULT=YES,URI="../audio/a.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=2400000,RESOLUTION=1280x720,FRAME-RATE=25.000,CODECS="avc1.640020,mp4a.40.2",AUDIO="audio-high"
../video/720.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=640x360,FRAME-RATE=25.000,CODECS="avc1.64001F,mp4a.40.2",AUDIO="audio-high"
../video/360.m3u8
"""

MANIFEST = """<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT6S">
 <BaseURL>https://skyfire.vimeocdn.com/dash/</BaseURL>
 <Period><AdaptationSet mimeType="video/mp4">
  <SegmentTemplate initialization="$RepresentationID$/init.mp4"
   media="$RepresentationID$/$Number$.m4s" duration="2" startNumber="1" timescale="1"/>
  <Representation id="v540" codecs="avc1.64001F" width="960" height="540" frameRate="25"
   bandwidth="1500000"/>
 </AdaptationSet></Period>
</MPD>
"""


def configuration() -> dict[str, object]:
    return {
        "view": 1,
        "video": {
            "id": int(ID),
            "title": "A stand-in for a film",
            "duration": 62,
            "owner": {"name": "The Vimeo Staff", "url": "https://vimeo.com/staff"},
            "thumbs": {"640": "https://i.vimeocdn.com/video/1_640.jpg"},
        },
        "embed": {"chapters": [{"title": "Second", "timecode": 30}]},
        "request": {
            "text_tracks": [{"lang": "en", "url": "/texttrack/1.vtt"}],
            "files": {
                "progressive": [
                    {
                        "url": f"https://{CDN}/progressive/360.mp4",
                        "quality": "360p",
                        "width": 640,
                        "height": 360,
                        "fps": 25,
                    }
                ],
                "hls": {"cdns": {"akfire": {"url": f"https://{CDN}/hls/master.m3u8"}}},
                "dash": {"cdns": {"akfire": {"url": f"https://{CDN}/dash/master.json"}}},
            },
        },
    }


def put_up(site: Site) -> None:
    config = json.dumps(configuration())
    player = f"<!DOCTYPE html><html><script>window.playerConfig = {config}</script></html>"
    site.pages |= {
        (PLAYER, f"/video/{ID}"): page(player),
        (CDN, "/hls/master.m3u8"): reply(MASTER.encode(), "application/x-mpegURL"),
        (CDN, "/dash/master.mpd"): reply(MANIFEST.encode(), "application/dash+xml"),
        ("vimeo.com", f"/{ID}"): page("<!DOCTYPE html><html><body>a player</body></html>"),
    }
