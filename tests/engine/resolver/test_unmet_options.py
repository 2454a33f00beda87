"""Options that a source cannot meet are told, with what comes instead."""

from __future__ import annotations

from typing import Any

import pytest

from downloads.engine.core.media import Format, Protocol, Quality, Source, Stream, StreamKind
from downloads.engine.core.options import Options
from downloads.engine.resolver.quality import select
from downloads.engine.resolver.unmet_options import notes_on


def offer(kind: StreamKind = StreamKind.MUXED, **facts: Any) -> Format:
    stream = Stream(url="https://media.example/a", kind=kind, protocol=Protocol.FILE)
    usual = {"id": "1", "ext": "mp4", "mime_type": "video/mp4", "height": 720, "width": 1280}
    codecs = {"video_codec": "avc1.64001f", "audio_codec": "mp4a.40.2"}
    return Format(stream=stream, **(usual | codecs | facts))


@pytest.mark.parametrize(
    ("facts", "options", "told"),
    [
        ({}, {"container": "webm"}, "The file is mp4: webm cannot hold"),
        ({}, {"container": "mp4"}, ""),
        ({}, {"container": "mkv"}, ""),
        ({"language": "en"}, {"language": "zz"}, "no sound in zz: this is the one in English."),
        ({"language": "pt-BR"}, {"language": "zz"}, "this is the one in Portuguese."),
        ({"language": "en-US"}, {"language": "en"}, ""),
        ({}, {"language": "fr"}, "does not say what language its sound is in; French"),
        ({}, {}, ""),
    ],
)
def test_what_is_told(facts: dict[str, Any], options: dict[str, str], told: str) -> None:
    wanted = Options(**options)  # type: ignore[arg-type]
    source = Source(identity="test:1", title="A film", formats=(offer(**facts),))
    notes = notes_on(select(source, Quality.AUTO, wanted), wanted)
    assert len(notes) == bool(told)
    assert told in " ".join(notes)
