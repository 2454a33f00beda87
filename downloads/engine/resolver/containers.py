"""Containers: the codecs that each holds, and what browsers play best. Pure."""

from __future__ import annotations

from downloads.engine.core.media import Format, StreamKind

# Prefixes of RFC 6381 codec strings and of yt-dlp's names, by family.
_FAMILIES = {
    "h264": ("avc", "h264", "x264"),
    "hevc": ("hev", "hvc", "h265", "hevc", "dvh"),
    "av1": ("av01", "av1"),
    "vp9": ("vp9", "vp09"),
    "vp8": ("vp8", "vp08"),
    "aac": ("mp4a", "aac"),
    "mp3": ("mp3", "mp4a.40.34", "mp4a.69", "mp4a.6b"),
    "opus": ("opus",),
    "vorbis": ("vorbis",),
    "ac3": ("ac-3", "ac3", "ec-3", "eac3"),
    "flac": ("flac",),
}
_IN_MP4 = frozenset({"h264", "hevc", "av1", "vp9", "aac", "mp3", "opus", "ac3", "flac"})
_IN_WEBM = frozenset({"vp8", "vp9", "av1", "opus", "vorbis"})
_VIDEO_TYPES = {"mp4": "video/mp4", "webm": "video/webm", "mkv": "video/x-matroska"}
_SOUND_FILES = {
    "aac": ("m4a", "audio/mp4"),
    "mp3": ("mp3", "audio/mpeg"),
    "opus": ("opus", "audio/ogg"),
    "vorbis": ("ogg", "audio/ogg"),
    "flac": ("flac", "audio/flac"),
}


def family(codec: str | None) -> str:
    """Return the codec family: ``avc1.640028`` is ``h264``; an unknown codec as it is, none as
    ""."""
    name = (codec or "").lower()
    matches = [
        (len(p), known) for known, begins in _FAMILIES.items() for p in begins if name.startswith(p)
    ]
    return max(matches)[1] if matches else name


def joined(picture: Format, sound: Format, container: str) -> tuple[str, str]:
    """Return the extension and media type of a file that holds both, without re-encoding either.

    ``container`` is a container, kept if it holds them. Matroska holds anything.
    """
    codecs = {family(picture.video_codec), family(sound.audio_codec)}
    extensions = {picture.ext, sound.ext}
    for ext, holds in (("webm", _IN_WEBM), ("mp4", _IN_MP4)):
        usual = extensions <= ({"webm"} if ext == "webm" else {"mp4", "m4a"})
        known = codecs <= holds and "" not in codecs
        if (container == ext and (known or usual)) or (
            not container and usual and (known or "" in codecs)
        ):
            return ext, _VIDEO_TYPES[ext]
    if not container and codecs <= _IN_MP4 and "" not in codecs:
        return "mp4", _VIDEO_TYPES["mp4"]
    return "mkv", _VIDEO_TYPES["mkv"]


def whole(format: Format, container: str) -> tuple[str, str]:
    """Return the extension and media type of one format that holds everything, or is a picture
    without sound."""
    codecs = {family(format.video_codec), family(format.audio_codec)} - {"", "none"}
    if container == "mkv" or (container == "mp4" and codecs and codecs <= _IN_MP4):
        return container, _VIDEO_TYPES[container]
    if container == "webm" and codecs and codecs <= _IN_WEBM:
        return container, _VIDEO_TYPES[container]
    return format.ext, format.mime_type


def sound_alone(format: Format) -> tuple[str, str]:
    """Return the extension and media type for the sound of ``format`` without its picture."""
    if format.stream.kind is StreamKind.AUDIO and not format.audio_codec:
        return format.ext, format.mime_type
    return _SOUND_FILES.get(family(format.audio_codec), _SOUND_FILES["aac"])
