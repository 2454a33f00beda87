"""What a user may wish beyond the quality. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

CONTAINERS = ("mp4", "mkv", "webm")
SOUNDS = ("mp3",)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")
MOST_SUBTITLES = 10


@dataclass(frozen=True, slots=True)
class Options:
    """``container``: of ``CONTAINERS``, or empty for what the source has. ``audio``: ``mp3`` to
    re-encode the sound of ``audio``. ``subtitles``: BCP 47 tags, or ``all``; in order.
    ``language``: of the sound; empty for the original.

    ``key`` and ``parse`` are each other's inverse; the key of no wish at all is empty.
    """

    container: str = ""
    audio: str = ""
    subtitles: tuple[str, ...] = ()
    language: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError with a sentence that says what may be asked for."""
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
        said = {
            "container": self.container,
            "audio": self.audio,
            "subtitles": ",".join(self.subtitles),
            "language": self.language,
        }
        return ";".join(f"{name}={value}" for name, value in said.items() if value)

    @classmethod
    def parse(cls, key: str) -> Options:
        said = dict(pair.split("=", 1) for pair in key.split(";") if pair)
        subtitles = tuple(tag for tag in said.get("subtitles", "").split(",") if tag)
        return cls(
            said.get("container", ""), said.get("audio", ""), subtitles, said.get("language", "")
        )
