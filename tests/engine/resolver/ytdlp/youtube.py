"""YouTube's pages and player JSON in the shape that yt-dlp's extractor reads, and a player whose
signature and n functions are hidden as in the real one, but small."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from downloads.engine.resolver.ytdlp.self_test.pages import PLAYER, PLAYER_JS
from tests.engine.resolver.ytdlp.stand_in import Site
from tests.support.answers import page, reply
from tests.support.request import Request

ID = "dQw4w9WgXcQ"
HOST = "www.youtube.com"
MEDIA = "https://rr1---sn-stand.googlevideo.com/videoplayback"


def media(itag: int, **query: str) -> str:
    pairs = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    return f"{MEDIA}?itag={itag}&expire=1999999999{'&' + pairs if pairs else ''}"


def video(itag: int, height: int, codec: str, **more: Any) -> dict[str, Any]:
    container = "webm" if codec.startswith("vp") else "mp4"
    return {
        "itag": itag,
        "url": media(itag),
        "mimeType": f'video/{container}; codecs="{codec}"',
        "bitrate": height * 2000,
        "averageBitrate": height * 1500,
        "width": height * 16 // 9,
        "height": height,
        "contentLength": str(height * 10_000),
        "quality": f"hd{height}",
        "fps": 30,
        "qualityLabel": f"{height}p",
        "projectionType": "RECTANGULAR",
        "approxDurationMs": "212091",
        **more,
    }


def sound(itag: int, mime: str, codec: str, bitrate: int, **more: Any) -> dict[str, Any]:
    return {
        "itag": itag,
        "url": media(itag),
        "mimeType": f'audio/{mime}; codecs="{codec}"',
        "bitrate": bitrate,
        "averageBitrate": bitrate,
        "contentLength": "3433514",
        "quality": "tiny",
        "audioQuality": "AUDIO_QUALITY_MEDIUM",
        "approxDurationMs": "212091",
        "audioSampleRate": "44100",
        "audioChannels": 2,
        **more,
    }


def track(language: str, name: str, *, default: bool) -> dict[str, Any]:
    return {"audioTrack": {"displayName": name, "id": f"{language}.4", "audioIsDefault": default}}


FORMATS = [
    {
        "itag": 18,
        "url": media(18),
        "mimeType": 'video/mp4; codecs="avc1.42001E, mp4a.40.2"',
        "bitrate": 503_000,
        "width": 640,
        "height": 360,
        "quality": "medium",
        "fps": 30,
        "qualityLabel": "360p",
        "projectionType": "RECTANGULAR",
        "audioQuality": "AUDIO_QUALITY_LOW",
        "approxDurationMs": "212091",
        "audioSampleRate": "44100",
        "audioChannels": 2,
    }
]
ADAPTIVE = [
    video(137, 1080, "avc1.640028"),
    video(248, 1080, "vp9"),
    video(337, 2160, "vp9.2", qualityLabel="2160p60 HDR", fps=60),
    # its address has to be asked of the player: a signature and an n challenge
    {
        key: value
        for key, value in video(136, 720, "avc1.4d401f").items()
        if key != "url"
    }
    | {"signatureCipher": f"s={quote('XABCDEF')}&sp=sig&url={quote(media(136, n='nothing'))}"},
    sound(140, "mp4", "mp4a.40.2", 129_510, **track("en", "English original", default=True)),
    sound(251, "webm", "opus", 130_000, **track("de", "German", default=False)),
]  # fmt: skip


def details(**more: Any) -> dict[str, Any]:
    return {
        "videoId": ID,
        "title": "A stand-in for a video",
        "lengthSeconds": "212",
        "channelId": "UCuAXFkgsw1L7xaCfnd5JJOw",
        "shortDescription": "First line\nSecond line",
        "thumbnail": {
            "thumbnails": [
                {"url": f"https://i.ytimg.com/vi/{ID}/hq720.jpg", "width": 1280, "height": 720}
            ]
        },
        "viewCount": "1",
        "author": "A channel",
        "isLiveContent": False,
        **more,
    }  # fmt: skip


def player_response(**more: Any) -> dict[str, Any]:
    return {
        "playabilityStatus": {"status": "OK", "playableInEmbed": True},
        "streamingData": {
            "expiresInSeconds": "21540",
            "formats": FORMATS,
            "adaptiveFormats": ADAPTIVE,
        },
        "videoDetails": details(),
        "captions": {
            "playerCaptionsTracklistRenderer": {
                "captionTracks": [
                    {
                        "baseUrl": f"https://{HOST}/api/timedtext?v={ID}&lang=en",
                        "name": {"simpleText": "English"},
                        "vssId": ".en",
                        "languageCode": "en",
                        "isTranslatable": True,
                    },
                    {
                        "baseUrl": f"https://{HOST}/api/timedtext?v={ID}&kind=asr&lang=de",
                        "name": {"simpleText": "German (auto-generated)"},
                        "vssId": "a.de",
                        "languageCode": "de",
                        "kind": "asr",
                    },
                ],
                "translationLanguages": [
                    {"languageCode": "fr", "languageName": {"simpleText": "French"}}
                ],
            }
        },
        "microformat": {
            "playerMicroformatRenderer": {"publishDate": "2009-10-25", "uploadDate": "2009-10-25"}
        },
        **more,
    }


def refused(status: str, reason: str, **more: Any) -> dict[str, Any]:
    """A player response that gives nothing out."""
    response = player_response(
        playabilityStatus={"status": status, "reason": reason, **more}, captions={}
    )
    del response["streamingData"]
    return response


def watch_page(response: dict[str, Any]) -> str:
    configuration = {
        "INNERTUBE_API_KEY": "key",
        "INNERTUBE_CONTEXT": {
            "client": {
                "clientName": "WEB",
                "clientVersion": "2.20260708.00.00",
                "visitorData": "Cgt2aXNpdG9y",
            }
        },
        "PLAYER_JS_URL": PLAYER,
        "STS": 20500,
    }  # fmt: skip
    owner = {"videoOwnerRenderer": {"title": {"runs": [{"text": "A channel"}]}}}
    contents = [
        {"videoPrimaryInfoRenderer": {"title": {"runs": [{"text": "A stand-in for a video"}]}}},
        {"videoSecondaryInfoRenderer": {"owner": owner}},
    ]
    columns = {"results": {"results": {"contents": contents}}}
    data = {"contents": {"twoColumnWatchNextResults": columns}}
    return (
        "<!DOCTYPE html><html><head><title>A stand-in - YouTube</title>"
        f"<script>ytcfg.set({json.dumps(configuration)});</script></head><body>"
        f"<script>var ytInitialPlayerResponse = {json.dumps(response)};</script>"
        f"<script>var ytInitialData = {json.dumps(data)};</script></body></html>"
    )


def put_up(site: Site, response: dict[str, Any] | None = None) -> None:
    """YouTube with one video, for the page and for every client's API alike."""
    said = response or player_response()

    def api(asked: Request) -> bytes:
        return reply(json.dumps(said).encode(), "application/json")

    site.pages |= {
        (HOST, "/watch"): page(watch_page(said)),
        (HOST, f"/embed/{ID}"): page(watch_page(said)),
        (HOST, "/youtubei/v1/player"): api,
        (HOST, "/youtubei/v1/next"): reply(b"{}", "application/json"),
        (HOST, "/iframe_api"): reply(rb"s\/player\/0a1b2c3d\/www", "text/javascript"),
        (HOST, PLAYER): reply(PLAYER_JS.encode(), "text/javascript"),
    }  # fmt: skip
