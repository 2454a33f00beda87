"""Chosen subtitles lie as WebVTT beside the file, come with it and go with it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from downloads import services
from downloads.engine.core.options import Options
from downloads.engine.media.inputs import SubtitleFile
from downloads.jobs import store
from downloads.models import Download, Rendition
from downloads.queue.reaper import reap
from downloads.storage import subtitles
from tests.storage.subtitles.arrange import (
    beside,
    completed,
    in_storage,
    requested,
    run,
    talk,
    text_of,
)
from tests.support.doomed_worker import DoomedWorker, Step
from tests.support.ledger import again, ask, claim_by, worker
from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin

pytestmark = pytest.mark.django_db(transaction=True)


def died() -> None:
    """Do what the reaper does with a worker that is gone."""
    Rendition.objects.update(lease_expires_at=Now() - timedelta(seconds=1))
    assert reap() == 1


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> Path:
    root = tmp_path / "media"
    settings.STORAGE_PATH = root
    backend = "downloads.storage.local.LocalMediaStorage"
    options = {"location": str(root), "base_url": None}
    settings.STORAGES = settings.STORAGES | {"media": {"BACKEND": backend, "OPTIONS": options}}
    return root


@pytest.fixture
def film(media: Media, films: StreamingOrigin) -> Download:
    """A film that ffmpeg muxes, with English subtitles requested."""
    return requested(films.url(media.hls_separate()), "en")


def test_what_is_put_together_has_them_beside_it(film: Download) -> None:
    run()
    stem = Path(completed(film).rendition.storage_name).stem
    english = beside(film)["en"]
    assert (english.name, english.automatic) == ("English", False)
    assert english.storage_name == f"{stem}.en.vtt"
    assert text_of(english).startswith("WEBVTT\n")
    assert "One second." in text_of(english)
    assert in_storage() == [f"{stem}.en.vtt", f"{stem}.mp4"]


def test_a_file_stored_as_it_came_has_them_too(media: Media, films: StreamingOrigin) -> None:
    download = requested(talk(media, films), "pt", "en")
    run()
    completed(download)
    found = beside(download)
    assert list(found) == ["pt-BR", "en"]
    assert "Uma palavra." in text_of(found["pt-BR"])
    assert text_of(found["pt-BR"]).startswith("WEBVTT\n")
    assert "A spoken word." in text_of(found["en"])
    assert len(in_storage()) == 3


def test_subtitles_not_requested_are_not_fetched(media: Media, films: StreamingOrigin) -> None:
    download = requested(talk(media, films))
    run()
    completed(download)
    assert beside(download) == {}
    assert films.fetches("/talk/words.vtt") == 0


def test_one_that_cannot_be_had_keeps_no_other_back(media: Media, films: StreamingOrigin) -> None:
    url = talk(media, films)
    films.fail("/talk/words.vtt", 404, times=9)
    download = requested(url, "pt", "en")
    run()
    completed(download)
    assert list(beside(download)) == ["pt-BR"]


def test_they_count_nothing(film: Download) -> None:
    run()
    now = completed(film)
    assert now.rendition.size == (
        Path(store.media_storage().local_path(now.rendition.storage_name) or "").stat().st_size
    )


def test_they_go_with_the_last_who_holds_the_file(film: Download) -> None:
    run()
    completed(film)
    services.delete(film.user, film.pk)
    assert in_storage() == []


def test_they_expire_with_it(film: Download) -> None:
    from downloads.jobs import maintenance

    run()
    completed(film)
    Download.objects.update(expires_at=Now() - timedelta(seconds=1))
    assert maintenance.expire() == 1
    assert in_storage() == []
    assert Rendition.objects.get().subtitles == []


@pytest.mark.parametrize("step", Step)
def test_a_death_while_finalising_loses_none_and_leaves_none(
    film: Download, films: StreamingOrigin, doomed_worker: DoomedWorker, step: Step
) -> None:
    """Before they are written, before the file is moved, and after."""
    doomed_worker.dies_at(step, claim_by(worker()))
    assert len(in_storage()) == list(Step).index(step)
    died()
    pieces, sha256 = sum(films.pieces.values()), again(film).rendition.sha256
    run()
    completed(film)
    assert again(film).rendition.sha256 == sha256
    assert sum(films.pieces.values()) == pieces
    assert "One second." in text_of(beside(film)["en"])
    assert len(in_storage()) == 2


def test_a_death_then_no_user_wants_it(film: Download, doomed_worker: DoomedWorker) -> None:
    doomed_worker.dies_at(Step.MOVE, claim_by(worker()))
    assert len(in_storage()) == 1
    died()
    services.delete(film.user, film.pk)
    assert in_storage() == []


def test_an_attempt_with_other_words_leaves_none_of_the_last(
    media: Media, films: StreamingOrigin, doomed_worker: DoomedWorker
) -> None:
    url = talk(media, films)
    download = requested(url, "pt", "en")
    doomed_worker.dies_at(Step.MOVE, claim_by(worker()))
    assert len(in_storage()) == 2
    died()
    films.fail("/talk/words.srt", 404, times=9)
    run()
    completed(download)
    assert list(beside(download)) == ["en"]
    assert len(in_storage()) == 2


@pytest.mark.parametrize(
    ("languages", "names"),
    [
        (["en", "EN", "en"], ["en", "EN-x-2", "en-x-3"]),
        (["../../etc", "", "a\r\nb"], ["etc", "und", "a-b"]),
    ],
)
def test_names_are_safe_and_each_its_own(
    tmp_path: Path, languages: list[str], names: list[str]
) -> None:
    file = tmp_path / "a.vtt"
    file.write_text("WEBVTT\n")
    said: Any = subtitles.beside("shows/A film.mp4", [SubtitleFile(file, one) for one in languages])
    assert [each.language for each in said] == names
    assert [each.storage_name for each in said] == [f"shows/A film.{name}.vtt" for name in names]


def test_the_note_says_which_are_missing_and_the_next_fetch_forgets_it(
    media: Media, films: StreamingOrigin
) -> None:
    url = talk(media, films)
    films.serve("/talk/words.srt", b"")
    download = requested(url, "en", "pt-BR")
    run()
    now = completed(download)
    assert list(beside(download)) == ["en"]
    assert "Portuguese" in now.rendition.note
    assert now.rendition.transitions.get(event="stored").reason == now.rendition.note
    talk(media, films)
    services.delete(now.user, now.pk)
    again_asked = ask(now.user, url, options=Options(subtitles=("en", "pt-BR")))
    run()
    assert completed(again_asked).rendition.note == ""
