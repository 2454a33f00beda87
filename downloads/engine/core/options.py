"""Options of a download beyond the quality. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

CONTAINERS = ("mp4", "mkv", "webm")
SOUNDS = ("mp3",)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")
MOST_SUBTITLES = 10


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a download.

    ``container``: of ``CONTAINERS``, or empty for the source's. ``audio``: ``mp3`` to re-encode the
    sound of ``audio``. ``subtitles``: BCP 47 tags, or ``all``; in order. ``language``: of the
    sound; empty for the original. ``key`` and ``parse`` are each other's inverse; the key of the
    defaults is empty.
    """

    container: str = ""
    audio: str = ""
    subtitles: tuple[str, ...] = ()
    language: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError with a sentence that lists the allowed values."""
        if self.container and self.container not in CONTAINERS:
            raise ValueError(f"The container can be {', '.join(CONTAINERS)}.")
        if self.audio and self.audio not in SOUNDS:
            raise ValueError("Audio can be re-encoded to mp3, or kept as it is.")
        if len(self.subtitles) > MOST_SUBTITLES:
            raise ValueError(f"Choose at most {MOST_SUBTITLES} subtitle languages.")
        for tag in (*self.subtitles, *([self.language] if self.language else [])):
            if not _LANGUAGE.fullmatch(tag):
                raise ValueError('A language is written like "en" or "pt-BR".')

    @property
    def key(self) -> str:
        values = {
            "container": self.container,
            "audio": self.audio,
            "subtitles": ",".join(self.subtitles),
            "language": self.language,
        }
        return ";".join(f"{name}={value}" for name, value in values.items() if value)

    @classmethod
    def parse(cls, key: str) -> Options:
        values = dict(pair.split("=", 1) for pair in key.split(";") if pair)
        subtitles = tuple(tag for tag in values.get("subtitles", "").split(",") if tag)
        return cls(
            values.get("container", ""),
            values.get("audio", ""),
            subtitles,
            values.get("language", ""),
        )
