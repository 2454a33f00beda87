"""Wheels of yt-dlp, repacked from the installed one, and an index that offers them."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Final

from tests.support.answers import missing, respond
from tests.support.origin import Origin
from tests.support.request import Answer, Request

EJS: Final = metadata.version("yt-dlp-ejs")
_PART: Final = r"(?:\.py|\.js|METADATA|WHEEL)"
# What yt-dlp needs to start and to read YouTube: packing, compiling and unpacking a thousand
# extractors takes its time, and it finds a site by its list of patterns alone.
_NEEDED: Final = re.compile(
    r"yt_dlp/extractor/(youtube/.*|__init__|extractors|lazy_extractors|common\w*|generic|openload"
    r"|unsupported|afreecatv|adobepass)"
)
# Behind yt-dlp's own code: what makes a release another, or a broken one.
_PATCH: Final = """
_extract_info = YoutubeDL.extract_info
def _patched(self, url, *arguments, **options):
    info = _extract_info(self, url, *arguments, **options)
    {patch}
    return info
YoutubeDL.extract_info = _patched
"""
TELLS_ITS_VERSION: Final = "info['uploader'] = 'yt-dlp {version}'"
ANOTHER_SHAPE: Final = "info['formats'] = {each['format_id']: each for each in info['formats']}"
FAILS_ON_A_SITE: Final = "assert 'localhost' not in url"
BROKEN_IMPORT: Final = "import a_module_that_is_not_there"


def wheel(
    project: str, version: str, *, patch: str = "", first: str = "", whole: bool = False
) -> bytes:
    """Return a wheel of the installed project under another version. ``patch``: a line about
    ``info`` and ``url`` that runs after each extraction; ``first``: one that is run on import.
    ``whole``: with all extractors, which any page with a video needs."""
    name, installed = project.replace("-", "_"), metadata.distribution(project)
    old, packed = installed.version, io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for file in installed.files or ():
            path = str(file)
            is_other = path.startswith("yt_dlp/extractor/") and not _NEEDED.match(path)
            is_part = re.fullmatch(rf"{name}(?:-[^/]*\.dist-info)?/.*{_PART}", path)
            if not is_part or (is_other and not whole):
                continue
            data = Path(str(file.locate())).read_bytes()
            if path == f"{name}/version.py":
                data = data.replace(old.encode(), version.encode())
            if path.endswith("/METADATA"):
                data = data.replace(old.encode(), version.encode(), 1)
            if path == "yt_dlp/YoutubeDL.py":
                line = patch.replace("{version}", version)
                data += _PATCH.replace("{patch}", line or "pass").encode()
            if path == "yt_dlp/__init__.py":
                data = f"{first}\n".encode() + data
            archive.writestr(path.replace(f"-{old}.dist-info", f"-{version}.dist-info"), data)
    return packed.getvalue()


class WheelIndex(Origin):
    """A simple index: as HTML (PEP 503), or as JSON (PEP 691) where ``as_json`` and it is asked."""

    def __init__(self) -> None:
        self.as_json = False
        self._wheels: dict[str, dict[str, bytes]] = {}
        self._wrong: set[str] = set()
        super().__init__(handle=self._answer)
        self.add("yt-dlp-ejs", EJS, wheel("yt-dlp-ejs", EJS))

    @property
    def simple(self) -> str:
        return self.url("/simple")

    def add(self, project: str, version: str, data: bytes, *, wrong_hash: bool = False) -> None:
        name = f"{project.replace('-', '_')}-{version}-py3-none-any.whl"
        self._wheels.setdefault(project, {})[name] = data
        self._wrong.discard(name)
        if wrong_hash:
            self._wrong.add(name)

    def take_out(self, project: str) -> bytes:
        """Offer an older version alone, which is none; return the wheel."""
        (data,) = self._wheels[project].values()
        self._wheels[project] = {f"{project.replace('-', '_')}-0.0.1-py3-none-any.whl": b""}
        return data

    def only(self, version: str, data: bytes, *, wrong_hash: bool = False) -> None:
        """Offer one yt-dlp."""
        self._wheels["yt-dlp"] = {}
        self._wrong.clear()
        self.add("yt-dlp", version, data, wrong_hash=wrong_hash)

    def _answer(self, request: Request) -> Answer:
        _, first, *rest = request.path.split("/")
        files = {name: data for each in self._wheels.values() for name, data in each.items()}
        if first == "files" and rest[0] in files:
            return respond(files[rest[0]], Content_Type="application/octet-stream")
        if first != "simple" or rest[0] not in self._wheels:
            return missing()
        hashes = {name: self._hash_of(name, data) for name, data in self._wheels[rest[0]].items()}
        if self.as_json and "application/vnd.pypi.simple.v1+json" in request.headers["accept"]:
            listed = [
                {"filename": name, "url": f"/files/{name}", "hashes": {"sha256": digest}}
                for name, digest in hashes.items()
            ]
            told = {"meta": {"api-version": "1.0"}, "name": rest[0], "files": listed}
            kind = "application/vnd.pypi.simple.v1+json"
            return respond(json.dumps(told).encode(), Content_Type=kind)
        links = (
            f'<a href="/files/{name}#sha256={digest}">{name}</a>' for name, digest in hashes.items()
        )
        page = f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>"
        return respond(page.encode(), Content_Type="text/html")

    def _hash_of(self, name: str, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        return digest[::-1] if name in self._wrong else digest
