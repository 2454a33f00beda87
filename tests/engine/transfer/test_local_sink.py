from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from downloads.engine.core import disk
from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DiskFull, Stopped, StopReason, StorageUnavailable, TooLarge
from downloads.engine.core.media import Validators
from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.sinks.local import LocalSink
from tests.support.content import content, sha256
from tests.support.memory import MemorySink

DATA = content(300_000)
V1 = Validators('"v1"', None, len(DATA))


def write(sink: LocalSink, start: int, end: int, data: bytes = DATA) -> None:
    sink.write_at(start, memoryview(data)[start:end])


def checkpoint(sink: LocalSink, *ranges: ByteRange) -> Checkpoint:
    part, generation = sink.part
    return Checkpoint(V1, len(DATA), ranges, part, generation)


def test_ranges_come_in_any_order_and_the_file_is_published_whole(tmp_path: Path) -> None:
    sink = LocalSink(tmp_path / "work", 1, StopToken())
    assert sink.open(len(DATA), None) == ()
    write(sink, 200_000, 300_000)
    write(sink, 0, 100_000)
    assert sink.settle(100_000) == 100_000
    write(sink, 100_000, 200_000)
    stored = sink.finish(len(DATA))
    assert stored == Stored(len(DATA), sha256(DATA))
    final = tmp_path / "media" / "clip.mp4"
    sink.publish(final, stored)
    assert final.read_bytes() == DATA
    assert list((tmp_path / "work").iterdir()) == []


def test_who_may_read_the_file_is_the_umask_s_to_say(tmp_path: Path) -> None:
    final = tmp_path / "final"
    before = os.umask(0o027)
    try:
        sink = LocalSink(tmp_path / "work", 1, StopToken())
        sink.open(0, None)
        sink.publish(final, sink.finish(0))
    finally:
        os.umask(before)
    assert final.stat().st_mode & 0o777 == 0o640


def test_publishing_again_after_a_crash_is_done_already(tmp_path: Path) -> None:
    sink = LocalSink(tmp_path, 1, StopToken())
    sink.open(len(DATA), None)
    write(sink, 0, len(DATA))
    stored = sink.finish(len(DATA))
    final = tmp_path / "clip.mp4"
    sink.publish(final, stored)
    sink.publish(final, stored)
    final.write_bytes(content(len(DATA), seed=2))
    with pytest.raises(StorageUnavailable):
        sink.publish(final, stored)


def test_publishing_crosses_file_systems(tmp_path: Path) -> None:
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system at /dev/shm")
    with tempfile.TemporaryDirectory(dir=shm) as other:
        sink = LocalSink(Path(other), 1, StopToken())
        sink.open(len(DATA), None)
        write(sink, 0, len(DATA))
        stored = sink.finish(len(DATA))
        sink.publish(tmp_path / "clip.mp4", stored)
        assert not sink.path.exists()
    assert (tmp_path / "clip.mp4").read_bytes() == DATA
    assert len(list(tmp_path.iterdir())) == 1


def test_a_take_over_is_a_new_inode_with_the_durable_ranges_only(tmp_path: Path) -> None:
    old = LocalSink(tmp_path, 1, StopToken())
    old.open(len(DATA), None)
    write(old, 0, 50_000)
    write(old, 100_000, 150_000)
    kept = checkpoint(old, ByteRange(0, 40_000), ByteRange(100_000, 150_000))

    new = LocalSink(tmp_path, 2, StopToken())
    assert new.open(len(DATA), kept) == kept.ranges
    assert new.path.stat().st_ino != old.path.stat().st_ino
    assert old.path.exists(), "the older part goes only when a checkpoint names the new one"
    new.saved()
    assert not old.path.exists()
    found = new.path.read_bytes()
    assert found[:40_000] == DATA[:40_000]
    assert found[100_000:150_000] == DATA[100_000:150_000]
    assert len(found) == len(DATA)


def test_an_old_generation_that_wakes_up_changes_nothing(tmp_path: Path) -> None:
    """It still holds its descriptor, and its token has not noticed anything."""
    old = LocalSink(tmp_path, 1, StopToken())
    old.open(len(DATA), None)
    write(old, 0, 150_000)
    old.flush([ByteRange(0, 150_000)])
    new = LocalSink(tmp_path, 2, StopToken())
    new.open(len(DATA), checkpoint(old, ByteRange(0, 150_000)))
    new.saved()

    junk = content(len(DATA), seed=9)
    write(old, 0, len(DATA), junk)
    old.flush([ByteRange(0, len(DATA))])
    write(new, 150_000, len(DATA))
    write(old, 0, len(DATA), junk)
    old.saved()
    stored = new.finish(len(DATA))
    assert stored.sha256 == sha256(DATA)
    final = tmp_path / "clip.mp4"
    new.publish(final, stored)
    with pytest.raises(StorageUnavailable):
        old.publish(final, old.finish(len(DATA)))
    assert final.read_bytes() == DATA


def test_a_lost_lease_writes_nothing(tmp_path: Path) -> None:
    now = [0.0]
    stop = StopToken(lambda: now[0])
    stop.hold_until(10.0)
    sink = LocalSink(tmp_path, 1, stop)
    sink.open(len(DATA), None)
    write(sink, 0, 1000)
    now[0] = 10.0
    for act in (
        lambda: write(sink, 0, 10),
        lambda: sink.finish(len(DATA)),
        lambda: sink.publish(tmp_path / "clip.mp4", Stored(len(DATA), None)),
        lambda: LocalSink(tmp_path, 1, stop).open(5, None),
    ):
        with pytest.raises(Stopped) as caught:
            act()
        assert caught.value.reason is StopReason.LEASE_LOST
    assert sink.path.read_bytes()[:1000] == DATA[:1000]
    assert not (tmp_path / "clip.mp4").exists()


def test_what_the_checkpoint_says_is_clipped_to_what_is_there(tmp_path: Path) -> None:
    old = LocalSink(tmp_path, 1, StopToken())
    old.open(None, None)
    write(old, 0, 50_000)
    kept = checkpoint(old, ByteRange(0, 60_000), ByteRange(70_000, 80_000))
    assert LocalSink(tmp_path, 2, StopToken()).open(len(DATA), kept) == (ByteRange(0, 50_000),)
    old.path.unlink()
    assert LocalSink(tmp_path, 3, StopToken()).open(len(DATA), kept) == ()


def test_the_same_part_goes_on_in_place(tmp_path: Path) -> None:
    sink = LocalSink(tmp_path, 0, StopToken(), name=".clip.part")
    sink.open(len(DATA), None)
    write(sink, 0, 50_000)
    inode = sink.path.stat().st_ino
    kept = checkpoint(sink, ByteRange(0, 30_000))
    sink.close()
    again = LocalSink(tmp_path, 0, StopToken(), name=".clip.part")
    assert again.open(len(DATA), kept) == (ByteRange(0, 30_000),)
    assert again.path.stat().st_ino == inode
    assert not any(again.path.read_bytes()[30_000:]), "what is not in the checkpoint is dropped"


def test_a_closed_sink_takes_no_more_writes(tmp_path: Path) -> None:
    sink = LocalSink(tmp_path, 1, StopToken())
    sink.open(len(DATA), None)
    sink.close()
    with pytest.raises(Stopped):
        write(sink, 0, 10)


def test_abort_leaves_nothing(tmp_path: Path) -> None:
    for generation in (1, 2):
        sink = LocalSink(tmp_path, generation, StopToken())
        sink.open(len(DATA), None)
        write(sink, 0, 1000)
    later = LocalSink(tmp_path, 3, StopToken())
    later.open(len(DATA), None)
    sink.abort()
    assert [entry.name for entry in tmp_path.iterdir()] == ["g3.part"]


def test_a_full_disk_is_told_before_a_byte_is_fetched_and_holds_nothing(small_disk: Path) -> None:
    sink = LocalSink(small_disk, 1, StopToken())
    with pytest.raises(DiskFull):
        sink.open(2 << 20, None)
    assert list(small_disk.iterdir()) == []


def test_a_disk_that_fills_up_while_writing_is_told(small_disk: Path) -> None:
    sink = LocalSink(small_disk, 1, StopToken())
    sink.open(None, None)
    sink.write_at(0, memoryview(bytes(500_000)))
    with pytest.raises(DiskFull):
        sink.write_at(500_000, memoryview(bytes(1 << 20)))
    sink.abort()
    assert list(small_disk.iterdir()) == []


def test_a_take_over_that_does_not_fit_keeps_the_older_part(small_disk: Path) -> None:
    old = LocalSink(small_disk, 1, StopToken())
    old.open(700_000, None)
    old.write_at(0, memoryview(content(700_000)))
    kept = Checkpoint(V1, 700_000, (ByteRange(0, 700_000),), *old.part)
    with pytest.raises(DiskFull):
        LocalSink(small_disk, 2, StopToken()).open(700_000, kept)
    assert [entry.name for entry in small_disk.iterdir()] == ["g1.part"]


def test_a_limit_on_file_size_is_a_full_disk(tmp_path: Path) -> None:
    """EFBIG; in a process of its own, for the limit is the process's."""
    code = (
        "import pathlib, sys\n"
        "from downloads.engine.core.errors import DiskFull\n"
        "from downloads.engine.core.cancellation import StopToken\n"
        "from downloads.engine.transfer.sinks.local import LocalSink\n"
        "try: LocalSink(pathlib.Path(sys.argv[1]), 1, StopToken()).open(1 << 20, None)\n"
        "except DiskFull: sys.exit(42)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert done.returncode == 42


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EIO, StorageUnavailable),
        (errno.EROFS, StorageUnavailable),
        (errno.EACCES, StorageUnavailable),
    ],
)
def test_disk_errors_have_the_codes_of_the_contract(code: int, error: type[Exception]) -> None:
    with pytest.raises(error), disk.disk_errors():
        raise OSError(code, os.strerror(code))


def test_a_folder_that_is_a_file_is_unavailable_storage(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("not a folder")
    with pytest.raises(StorageUnavailable):
        LocalSink(tmp_path / "work", 1, StopToken()).open(10, None)


def test_a_link_in_the_place_of_the_part_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "g1.part").symlink_to(victim)
    sink = LocalSink(tmp_path, 1, StopToken())
    sink.open(10, None)
    sink.write_at(0, memoryview(b"0123456789"))
    assert victim.read_bytes() == b"precious"


def test_memory_has_a_cap() -> None:
    sink = MemorySink(100)
    with pytest.raises(TooLarge):
        sink.open(101, None)
    sink.open(None, None)
    sink.write_at(0, memoryview(bytes(100)))
    with pytest.raises(TooLarge):
        sink.write_at(100, memoryview(b"x"))
