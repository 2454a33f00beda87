"""Recorded pages for the self-test, in the shape that yt-dlp's extractors read. Pure data.

YouTube in small: the page, player data for its clients, and a player whose signature and n
functions are hidden as in the real one. What they come to is what :mod:`self_test.run` expects.
"""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote

VIDEO: Final = "dQw4w9WgXcQ"
WATCH: Final = f"https://www.youtube.com/watch?v={VIDEO}"
PAGE: Final = "https://films.example/watch"
_REFUSED: Final = "loginloginl"
LOGIN: Final = f"https://www.youtube.com/watch?v={_REFUSED}"
TITLE: Final = "A film of the self-test"
POT_SERVER: Final = "http://pot.example:4416"
POT: Final = "MlMxQ0ZxTzVhVnZJc0FQcXNlbGYtdGVz"
MEDIA: Final = "https://rr1---sn-self.googlevideo.com/videoplayback"
PLAYER: Final = "/s/player/0a1b2c3d/player_ias.vflset/en_US/base.js"
_SITE: Final = "https://www.youtube.com"

# What the solver looks for: a function that sets "alr", and objects that change their "n".
PLAYER_JS: Final = r"""
var _yt_player={};(function(g){var window=this;
var Turn=function(a){return a.split("").reverse().join("")};
function Link(u){this.url=u;this.map={}}
Link.prototype.set=function(k,v){this.map[k]=v};
Link.prototype.get=function(k){return this.map[k]};
Link.prototype.clone=function(){return this};
Link.prototype.settle=function(){if(this.map.n){this.map.n=Turn(this.map.n)+"-solved"}};
var Make=function(u,k,s){var l=new Link(u);l.set("alr","yes");
if(s){l.set(k,encodeURIComponent(Turn(decodeURIComponent(s)).slice(1)))}return l};
g.Make=Make;
var signatureTimestamp=20500;
})(_yt_player);
"""


def _media(itag: int, more: str = "") -> str:
    return f"{MEDIA}?itag={itag}&expire=1999999999{more}"


def _format(itag: int, mime: str, **facts: Any) -> dict[str, Any]:
    return {
        "itag": itag,
        "mimeType": mime,
        "bitrate": 500_000,
        "contentLength": "1000000",
        "approxDurationMs": "212091",
        **facts,
    }


_WHOLE: Final = _format(
    18, 'video/mp4; codecs="avc1.42001E, mp4a.40.2"', url=_media(18), width=640, height=360,
    fps=30, qualityLabel="360p", audioSampleRate="44100", audioChannels=2,
)  # fmt: skip
_PARTS: Final = [
    _format(
        137, 'video/mp4; codecs="avc1.640028"', url=_media(137), width=1920, height=1080, fps=30,
        qualityLabel="1080p",
    ),
    _format(
        136, 'video/mp4; codecs="avc1.4d401f"', width=1280, height=720, fps=30,
        qualityLabel="720p",
        signatureCipher=f"s={quote('XABCDEF')}&sp=sig&url={quote(_media(136, '&n=nothing'))}",
    ),
    _format(
        140, 'audio/mp4; codecs="mp4a.40.2"', url=_media(140), audioSampleRate="44100",
        audioChannels=2,
    ),
]  # fmt: skip


def _player_response(video: str, formats: list[Any], parts: list[Any]) -> dict[str, Any]:
    track = {
        "baseUrl": f"{_SITE}/api/timedtext?v={video}&lang=en",
        "name": {"simpleText": "English"},
        "vssId": ".en",
        "languageCode": "en",
        "isTranslatable": True,
    }
    return {
        "playabilityStatus": {"status": "OK", "playableInEmbed": True},
        "streamingData": {
            "expiresInSeconds": "21540",
            "formats": formats,
            "adaptiveFormats": parts,
        },
        "videoDetails": {
            "videoId": video,
            "title": TITLE,
            "lengthSeconds": "212",
            "channelId": "UCuAXFkgsw1L7xaCfnd5JJOw",
            "shortDescription": "A description",
            "thumbnail": {"thumbnails": [{"url": f"https://i.ytimg.com/vi/{VIDEO}/hq720.jpg"}]},
            "viewCount": "1",
            "author": "A channel",
            "isLiveContent": False,
        },
        "captions": {"playerCaptionsTracklistRenderer": {"captionTracks": [track]}},
        "microformat": {"playerMicroformatRenderer": {"publishDate": "2009-10-25"}},
    }


def _watch_page(response: dict[str, Any]) -> str:
    client = {
        "clientName": "WEB",
        "clientVersion": "2.20260708.00.00",
        "visitorData": "Cgt2aXNpdG9y",
    }
    configuration = {
        "INNERTUBE_API_KEY": "key",
        "INNERTUBE_CONTEXT": {"client": client},
        "PLAYER_JS_URL": PLAYER,
        "STS": 20500,
    }
    title = {"videoPrimaryInfoRenderer": {"title": {"runs": [{"text": TITLE}]}}}
    data = {"contents": {"twoColumnWatchNextResults": {"results": {"results": {
        "contents": [title]}}}}}  # fmt: skip
    return (
        "<!DOCTYPE html><html><head><title>YouTube</title>"
        f"<script>ytcfg.set({json.dumps(configuration)});</script></head><body>"
        f"<script>var ytInitialPlayerResponse = {json.dumps(response)};</script>"
        f"<script>var ytInitialData = {json.dumps(data)};</script></body></html>"
    )


def _refused() -> dict[str, Any]:
    response = _player_response(_REFUSED, [], [])
    del response["streamingData"]
    status = {"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm your age"}
    return {**response, "playabilityStatus": status}


def recorded(method: str, url: str, body: bytes) -> tuple[str, str] | None:
    """Return the media type and text that a site answers; None: it has no such page."""
    address = url.partition("?")[0]
    refused = _REFUSED in url or _REFUSED.encode() in body
    # Apart from the web's, which needs a PO token for it, clients are offered one format.
    page = _refused() if refused else _player_response(VIDEO, [_WHOLE], _PARTS)
    api = _refused() if refused else _player_response(VIDEO, [_WHOLE], [])
    answers = {
        f"{_SITE}/watch": ("text/html", _watch_page(page)),
        f"{_SITE}/embed/{VIDEO}": ("text/html", _watch_page(page)),
        f"{_SITE}/embed/{_REFUSED}": ("text/html", _watch_page(page)),
        f"{_SITE}/youtubei/v1/player": ("application/json", json.dumps(api)),
        f"{_SITE}/youtubei/v1/next": ("application/json", "{}"),
        f"{_SITE}/iframe_api": ("text/javascript", r"s\/player\/0a1b2c3d\/www"),
        f"{_SITE}{PLAYER}": ("text/javascript", PLAYER_JS),
        PAGE: ("text/html", page_with_media("A page", "film.mp4")),
    }
    if (method, url) == ("POST", f"{POT_SERVER}/get_pot"):
        return "application/json", json.dumps({"poToken": POT})
    return answers.get(address)


def page_with_media(title: str, *media: str) -> str:
    """Return a web page with a player for each of these addresses."""
    players = "".join(f'<video src="{each}"></video>' for each in media)
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{players}</body></html>"
