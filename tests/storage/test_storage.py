"""Putting away and removing, on a disk: to the byte, as often as wanted, never outside."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest
from django.core.exceptions import SuspiciousFileOperation

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import StorageUnavailable
from downloads.storage import storage
from downloads.storage.media import media_storage
from tests.support.ledger import ask, person

ROOT_IS_ALMIGHTY = pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")


def put(media: Path, name: str) -> Path:
    path = media / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_remove_takes_the_file_and_its_empty_folders(media: Path) -> None:
    kept, gone = put(media, "a/kept.mp4"), put(media, "a/b/c/gone.mp4")
    storage.remove("a/b/c/gone.mp4")
    assert not gone.exists()
    assert not (media / "a/b").exists()
    assert kept.exists()
    storage.remove("a/kept.mp4")
    assert media.is_dir()
    assert not (media / "a").exists()


def test_remove_of_what_is_gone_is_fine(media: Path) -> None:
    storage.remove("never/was.mp4")
    storage.remove("was.mp4")


@pytest.mark.parametrize("name", ["../outside.mp4", "/etc/passwd", "a/../../outside.mp4", ""])
def test_nothing_outside_is_touched(media: Path, name: str) -> None:
    outside = put(media.parent, "outside.mp4")
    for act in (storage.remove, media_storage().local_path):
        with pytest.raises(SuspiciousFileOperation):
            act(name)
    with pytest.raises(SuspiciousFileOperation):
        media_storage().read(name, 1, ByteRange(0, 1))
    assert outside.exists()


def test_remove_says_when_it_could_not(media: Path) -> None:
    (media / "folder.mp4").mkdir()
    with pytest.raises(StorageUnavailable):
        storage.remove("folder.mp4")


def test_discard_work_is_thorough_and_repeatable(media: Path) -> None:
    rendition_id = uuid.uuid4()
    put(storage.part_dir(rendition_id), "fragments/1.part")
    storage.discard_work(rendition_id)
    assert not storage.part_dir(rendition_id).exists()
    storage.discard_work(rendition_id)


def test_discard_work_says_when_it_could_not(media: Path) -> None:
    rendition_id = uuid.uuid4()
    storage.part_dir(rendition_id).parent.mkdir()
    storage.part_dir(rendition_id).write_bytes(b"a file where a folder should be")
    with pytest.raises(StorageUnavailable):
        storage.discard_work(rendition_id)


@pytest.mark.django_db
def test_orphans_are_the_folders_without_a_row(media: Path) -> None:
    assert storage.left_work_dirs() == []
    known, orphan = ask(person("alice")).rendition_id, uuid.uuid4()
    for rendition_id in (known, orphan):
        storage.part_dir(rendition_id).mkdir(parents=True)
    (storage.part_dir(known).parent / "not-ours").mkdir()
    assert storage.left_work_dirs() == [orphan]


def test_save_file_is_re_entrant_and_replaces_a_remainder(media: Path, tmp_path: Path) -> None:
    source = tmp_path / "part"
    source.write_bytes(b"whole")
    put(media, "a/film.mp4")  # a shorter remainder of an earlier attempt
    storage.save_file("a/film.mp4", source)
    storage.save_file("a/film.mp4", source)
    assert [path.name for path in (media / "a").iterdir()] == ["film.mp4"]
    assert (media / "a/film.mp4").read_bytes() == b"whole"


def test_size_and_reading(media: Path) -> None:
    put(media, "film.mp4")
    assert storage.size("film.mp4") == 1
    assert storage.size("none.mp4") is None
    source = media_storage().read("film.mp4", 1, ByteRange(0, 1))
    assert source.read_at(0, 10) == b"x"
    source.close()
    for name, size in (("none.mp4", 1), ("film.mp4", 2)):
        with pytest.raises(StorageUnavailable):
            media_storage().read(name, size, ByteRange(0, 1))


def test_free_space_before_the_work_folder_exists(media: Path) -> None:
    assert (storage.free_space() or 0) > 0
