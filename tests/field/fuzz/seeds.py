"""Inputs from which mutations begin, and words of their formats."""

from __future__ import annotations

import gzip
import zlib

HLS = (
    b"""#EXTM3U
#EXT-X-VERSION:8
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-DEFINE:NAME="dir",VALUE="lists"
#EXT-X-DEFINE:QUERYPARAM="x"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",LANGUAGE="en",DEFAULT=YES,CHANNELS="2",URI="a.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="Deutsch",LANGUAGE="de",FORCED=NO,URI="{$dir}/s.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=900000,AVERAGE-BANDWIDTH=800000,RESOLUTION=1280x720,FRAME-RATE=25.000,CODECS="avc1.4d401f,mp4a.40.2",AUDIO="a",SUBTITLES="s"
v/720.m3u8?t=1
#EXT-X-STREAM-INF:BANDWIDTH=300000,RESOLUTION=640x360,CODECS="hvc1.1.6.L93.B0",VIDEO-RANGE=PQ
https://other.example/360.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=50000,RESOLUTION=640x360,URI="i.m3u8"
#EXT-X-SESSION-DATA:DATA-ID="title",VALUE="A film"
""",
    b"""#EXTM3U
#EXT-X-VERSION:8
#EXT-X-DEFINE:IMPORT="base"
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MAP:URI="init.mp4",BYTERANGE="600@0"
#EXT-X-KEY:METHOD=AES-128,URI="key",IV=0x0123456789abcdef0123456789abcdef
#EXTINF:4.000,title
#EXT-X-BYTERANGE:1000@600
all.mp4
#EXTINF:4.000,
#EXT-X-BYTERANGE:1000
all.mp4
#EXT-X-DISCONTINUITY
#EXT-X-KEY:METHOD=NONE
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z
#EXT-X-GAP
#EXTINF:2.5,
{$base}/b.ts?x=1
#EXT-X-ENDLIST
""",
    b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n" + b"#EXTINF:2,\ns.ts\n" * 60 + b"#EXT-X-ENDLIST\n",
)
HLS_WORDS = (
    *(line + b"\n" for text in HLS[:2] for line in text.splitlines()),
    b"#EXT-X-BYTERANGE:1@99999999999999999999\n", b"URI=", b'"data:,x"', b"{$dir}", b"{$", b"@",
    b'#EXT-X-DEFINE:NAME="a",VALUE="{$a}{$a}"\n', b'#EXT-X-DEFINE:IMPORT="base"\n',
)  # fmt: skip

DASH = (
    b"""<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1M4.5S"
 minBufferTime="PT2S" profiles="urn:mpeg:dash:profile:isoff-live:2011">
<BaseURL>a/</BaseURL><BaseURL serviceLocation="b">http://b.example/</BaseURL>
<Period id="1" start="PT0S" duration="PT30S"><AdaptationSet mimeType="video/mp4" lang="en">
<SegmentTemplate timescale="1000" duration="2000" startNumber="1" presentationTimeOffset="500"
 initialization="$RepresentationID$-i.mp4" media="$RepresentationID$-$Number%05d$.m4s"/>
<Representation id="v1" bandwidth="900000" width="1280" height="720" codecs="avc1.4d401f"
 frameRate="25000/1001"/><Representation id="v2" bandwidth="300000" width="640" height="360"/>
</AdaptationSet><AdaptationSet mimeType="audio/mp4" lang="de">
<Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
<SegmentTemplate timescale="48000" media="a-$Time$.m4s" initialization="a.mp4"><SegmentTimeline>
<S t="0" d="96000" r="9"/><S d="48000" r="-1"/></SegmentTimeline></SegmentTemplate>
<Representation id="a1" bandwidth="96000" codecs="mp4a.40.2"/></AdaptationSet></Period>
<Period><AdaptationSet contentType="video" mimeType="video/mp4"><Representation id="v1"
 bandwidth="1"><SegmentList duration="2" timescale="1"><Initialization sourceURL="i.mp4"
 range="0-99"/><SegmentURL media="1.m4s" mediaRange="0-9"/><SegmentURL media="2.m4s"/>
</SegmentList></Representation></AdaptationSet></Period></MPD>
""",
    b"""<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:cenc="urn:mpeg:cenc:2013" mediaPresentationDuration="PT4S"><Period
 xlink:href="urn:mpeg:dash:resolve-to-zero:2013"/><Period><AdaptationSet mimeType="video/mp4">
<ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cenc"/>
<EssentialProperty schemeIdUri="http://dashif.org/guidelines/trickmode" value="1"/>
<Representation id="x" bandwidth="100" width="160" height="90"><BaseURL>x.mp4</BaseURL>
<SegmentBase indexRange="600-699"><Initialization range="0-599"/></SegmentBase></Representation>
</AdaptationSet><AdaptationSet contentType="text" mimeType="text/vtt" lang="en">
<Representation id="s" bandwidth="1"><BaseURL>s.vtt</BaseURL></Representation></AdaptationSet>
</Period></MPD>
""",
)
DASH_WORDS = (
    b"<Period>", b"</Period>", b"<AdaptationSet/>", b'r="-1"', b'r="99999999"', b'd="0"', b"$$",
    b'timescale="0"', b"$Number$", b"$Time$", b"$Number%099d$", b"<BaseURL>data:,x</BaseURL>",
    b'duration="PT0S"', b'xlink:href="http://x.example/p.xml"', b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"<![CDATA[x]]>", b"<SegmentTimeline/>", b"PT1e9H", b"P99999999999D", b"<S/>" * 2000,
    b"<a>" * 3000,
)  # fmt: skip

_FILM = bytes(range(256)) * 8
_PACKED = gzip.compress(_FILM, mtime=0)


def _head(text: bytes) -> bytes:
    return text.replace(b"\n", b"\r\n")


_PART = _head(b"""HTTP/1.1 206 Partial Content
Server: nginx
Content-Type: video/mp4
Content-Range: bytes 0-2047/99999
Content-Length: 2048
ETag: "abc"
Last-Modified: Mon, 02 Nov 2026 10:00:00 GMT
Retry-After: 120
Content-Disposition: attachment; filename="a b.mp4"; filename*=UTF-8''a%20b.mp4
Set-Cookie: a=1; Path=/; Domain=media.example; Max-Age=60; Secure; SameSite=Lax
Set-Cookie: b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT

""")
_INTERIM = _head(b"""HTTP/1.1 100 Continue

HTTP/1.1 103 Early Hints
Link: </a>

HTTP/1.0 302 Found
Location: /b?c=d#e
Transfer-Encoding: chunked

""")
_CHUNKS = _head(b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n")
_CODED = _head(b"HTTP/1.1 200 OK\nContent-Encoding: gzip\nTransfer-Encoding: chunked\n\n")
_DEFLATE = _head(b"HTTP/1.1 200 OK\nContent-Encoding: deflate\n\n")
HEADS = (_PART, _INTERIM, _head(b"ICY 200 OK\nicy-name: x\nX-Long: a\n b\n\tc\n\n"))
BODIES = (
    _PART + _FILM,
    _CHUNKS + b"400;x=y\r\n" + _FILM[:1024] + b"\r\n0004\r\nabcd\r\n0\r\nX-Sum: 1\r\n\r\n",
    _CODED + b"%x\r\n%s\r\n0\r\n\r\n" % (len(_PACKED), _PACKED),
    _DEFLATE + zlib.compress(_FILM),
    b"HTTP/1.0 200 OK\r\n\r\n" + _FILM,
)
HEAD_WORDS = (
    b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Content-Length: 1, 2\r\n", b"\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n", b" folded\r\n",
    b"HTTP/1.1 200 OK\r\n", b"HTTP/9.9 999 \r\n", b"HTTP/1.1 101 Switching\r\n\r\n", b"ffffffff",
    b"Content-Encoding: br\r\n", b"Content-Encoding: gzip, gzip, gzip\r\n", b"0\r\n\r\n",
    b"Content-Range: bytes 5-4/3\r\n", b"Content-Range: bytes */0\r\n", b": x\r\n",
    b"HTTP/1.1 100\n\n",
)  # fmt: skip

_CUE = """{0}
00:00:0{0}.000 --> 00:00:0{0}.500 align:left line:10%
<v Ann>Hello <i>there</i> &amp;

"""
_CUES = "".join(_CUE.format(at) for at in range(8)).encode()
_VTT = b"""WEBVTT - title
X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000

NOTE x

STYLE
::cue {}

REGION
id:r
width:40%

"""
_TTML = b"""<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"
 ttp:frameRate="25" ttp:tickRate="10000000" xml:lang="en"><head><layout><region xml:id="r"/>
</layout></head><body begin="1s"><div><p begin="00:00:01.000" end="00:00:02:12">One<br/>two</p>
<p begin="5000000t" dur="2s"><span>three</span></p></div></body></tt>
"""
_SSA = b"""[Script Info]
Title: x
[Events]
Format: Layer, Start, End, Style, Text
Dialogue: 0,0:00:01.00,0:00:02.00,Default,{\\i1}Hi{\\i0}\\Nthere
"""
SUBTITLES = (
    _VTT + _CUES,
    _CUES.replace(b".000", b",000").replace(b".500", b",500"),
    _TTML,
    _SSA,
    ("\ufeffWEBVTT\n\n00:01.000 --> 00:02.000\nL\u00e9\n").encode("utf-16"),
)
SUBTITLE_WORDS = (
    b"-->", b"00:00:01.000 --> 00:00:02.000\n", b"WEBVTT\n", b"STYLE\n", b"REGION\n", b"<p",
    b"</p>", b"&#x0;", b"X-TIMESTAMP-MAP=MPEGTS:-1,LOCAL:x\n", b"99999999999:00:00.000",
    b'begin="-1s"', b"{\\",
    b"<!DOCTYPE tt [<!ENTITY x 'y'>]>", b'ttp:frameRate="0"', b'ttp:tickRate="0"', b"1e9h",
    b"<tt>" * 900, b"<" * 3000, b"</i>" * 2000,
)  # fmt: skip

PAGES = (
    b"<!doctype html>\n<!-- x --><html><head><title>A</title></head><body><video src=a.mp4>",
    b'<?xml version="1.0"?><!-- c --><Error><Code>AccessDenied</Code></Error>',
    b'{"error": {"code": 403}}',
    b"#EXTM3U\n#EXTINF:1,\na.ts\n",
    b"\xef\xbb\xbf  <!-- a -->\n<MPD>",
    "\ufeff<html><body>x".encode("utf-16"),
    b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(64),
    b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm",
    b"# Netscape HTTP Cookie File\n.example.org\tTRUE\t/\tFALSE\t1999999999\tname\tvalue\n",
)
PAGE_WORDS = (
    b"<!--" * 2000, b"<?" * 2000, b"<!doctype", b"<html", b"<script", b"[{", b'{"', b"#EXTM3U",
    b"<MPD", b"ftyp", b"ID3", b"RIFF", b"OggS", b"\x47" + bytes(187), b"filename=", b"\t",
)  # fmt: skip
