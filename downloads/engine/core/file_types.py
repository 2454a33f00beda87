"""Kinds of files: their extensions and media types. Pure, one table.

Media types are IANA's if there is one, else what servers and browsers use. Extensions stand
together if the same first bytes may carry each of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file. ``ext`` is its usual extension, ``family`` all that its bytes may carry."""

    ext: str
    mime_type: str
    family: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def is_media(self) -> bool:
        return self.mime_type.startswith(("video/", "audio/", "image/"))


# Extension and media type of each, further spellings of the type; a blank line ends a family.
_FAMILIES: Final = (
    """
    mp4 video/mp4 application/mp4 video/mp4v-es video/mpeg4 video/x-mp4
    m4v video/mp4 video/x-m4v
    m4a audio/mp4 audio/x-m4a audio/m4a audio/mp4a-latm
    m4b audio/mp4 audio/x-m4b
    m4r audio/mp4
    m4s video/mp4 video/iso.segment
    mov video/quicktime video/mov
    qt video/quicktime
    3gp video/3gpp audio/3gpp
    3g2 video/3gpp2 audio/3gpp2
    f4v video/mp4 video/x-f4v
    f4a audio/mp4
    ismv video/mp4
    isma audio/mp4
    insv video/mp4
    lrv video/mp4
    mj2 video/mj2
    """,
    """
    mkv video/x-matroska video/matroska video/mkv video/x-mkv
    mka audio/x-matroska audio/matroska
    mk3d video/x-matroska
    webm video/webm
    weba audio/webm
    """,
    """
    ogg audio/ogg application/ogg audio/vorbis application/x-ogg
    oga audio/ogg
    ogv video/ogg
    ogm video/ogg
    opus audio/ogg audio/opus
    spx audio/ogg audio/speex audio/x-speex
    """,
    """
    ts video/mp2t video/vnd.dlna.mpeg-tts video/mpeg-ts
    m2ts video/mp2t
    mts video/mp2t
    m2t video/mp2t
    """,
    """
    mpg video/mpeg video/mp2p video/x-mpeg video/mpg
    mpeg video/mpeg
    vob video/mpeg video/x-ms-vob
    m2p video/mpeg
    m2v video/mpeg
    m1v video/mpeg
    """,
    """
    mp3 audio/mpeg audio/mp3 audio/x-mp3 audio/mpeg3 audio/x-mpeg-3 audio/x-mpeg audio/mpg
    mp2 audio/mpeg audio/mp2
    mpga audio/mpeg
    """,
    """
    aac audio/aac audio/x-aac audio/aacp audio/x-hx-aac-adts
    adts audio/aac
    """,
    """
    ac3 audio/ac3 audio/x-ac3
    eac3 audio/eac3
    ec3 audio/eac3
    """,
    "flac audio/flac audio/x-flac",
    """
    wav audio/wav audio/x-wav audio/wave audio/vnd.wave audio/x-pn-wav
    bwf audio/wav
    w64 audio/wav
    """,
    """
    aif audio/aiff audio/x-aiff
    aiff audio/aiff
    aifc audio/aiff
    """,
    "au audio/basic\nsnd audio/basic",
    "amr audio/amr",
    "awb audio/amr-wb",
    "ape audio/x-ape audio/ape",
    "caf audio/x-caf",
    "dts audio/vnd.dts audio/x-dts",
    "dsf audio/x-dsf",
    "wv audio/x-wavpack",
    "mid audio/midi audio/x-midi\nmidi audio/midi\nkar audio/midi",
    """
    avi video/x-msvideo video/avi video/msvideo video/vnd.avi
    divx video/x-msvideo
    """,
    "flv video/x-flv video/flv",
    """
    wmv video/x-ms-wmv
    asf video/x-ms-asf application/vnd.ms-asf
    wma audio/x-ms-wma
    """,
    """
    rm application/vnd.rn-realmedia audio/x-pn-realaudio
    rmvb application/vnd.rn-realmedia-vbr
    ra audio/x-realaudio audio/vnd.rn-realaudio
    """,
    "mxf application/mxf",
    "ivf video/x-ivf",
    "y4m video/x-yuv4mpeg",
    "swf application/x-shockwave-flash",
    """
    jpg image/jpeg image/jpg image/pjpeg
    jpeg image/jpeg
    jpe image/jpeg
    jfif image/jpeg
    """,
    "png image/png image/x-png\napng image/apng",
    "gif image/gif",
    "webp image/webp",
    "avif image/avif\navifs image/avif",
    "heic image/heic\nheif image/heif\nhif image/heif",
    "bmp image/bmp image/x-ms-bmp image/x-bmp\ndib image/bmp",
    """
    tif image/tiff
    tiff image/tiff
    dng image/x-adobe-dng
    nef image/x-nikon-nef
    cr2 image/x-canon-cr2
    arw image/x-sony-arw
    """,
    "cr3 image/x-canon-cr3",
    "ico image/x-icon image/vnd.microsoft.icon\ncur image/x-icon",
    "psd image/vnd.adobe.photoshop\npsb image/vnd.adobe.photoshop",
    "jxl image/jxl",
    "jp2 image/jp2\njpx image/jpx\nj2k image/jp2",
    "pdf application/pdf application/x-pdf\nai application/pdf",
    """
    zip application/zip application/x-zip-compressed application/x-zip
    cbz application/vnd.comicbook+zip
    epub application/epub+zip
    docx application/vnd.openxmlformats-officedocument.wordprocessingml.document
    xlsx application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
    pptx application/vnd.openxmlformats-officedocument.presentationml.presentation
    odt application/vnd.oasis.opendocument.text
    ods application/vnd.oasis.opendocument.spreadsheet
    odp application/vnd.oasis.opendocument.presentation
    jar application/java-archive
    apk application/vnd.android.package-archive
    """,
    """
    rar application/vnd.rar application/x-rar-compressed application/x-rar
    cbr application/vnd.comicbook-rar
    """,
    "7z application/x-7z-compressed",
    "gz application/gzip application/x-gzip\ntgz application/gzip\ntar.gz application/gzip",
    "bz2 application/x-bzip2\ntbz2 application/x-bzip2\ntar.bz2 application/x-bzip2",
    "xz application/x-xz\ntxz application/x-xz\ntar.xz application/x-xz",
    "zst application/zstd\ntar.zst application/zstd",
    "tar application/x-tar",
    "iso application/x-iso9660-image",
    "torrent application/x-bittorrent",
    "cab application/vnd.ms-cab-compressed",
)


def _read() -> tuple[dict[str, FileType], dict[str, FileType]]:
    by_ext: dict[str, FileType] = {}
    by_type: dict[str, FileType] = {}
    for family in _FAMILIES:
        rows = [line.split() for line in family.splitlines() if line.strip()]
        exts = frozenset(row[0] for row in rows)
        for ext, mime_type, *aliases in rows:
            found = by_ext[ext] = FileType(ext, mime_type, exts)
            for name in (mime_type, *aliases):
                by_type.setdefault(name, found)
    return by_ext, by_type


_BY_EXT, _BY_TYPE = _read()


def of_ext(ext: str) -> FileType | None:
    """Return the kind of file with this extension (lower case, without a dot), if it is known."""
    return _BY_EXT.get(ext)


def of_type(mime_type: str) -> FileType | None:
    """Return the kind of file of this media type (lower case, no parameters), if it is known."""
    return _BY_TYPE.get(mime_type)
