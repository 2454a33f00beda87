"""Releases of yt-dlp: the rules on record, failures, schedule, and what a wheel may hold."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest

from downloads.engine.core.errors import BadResponse, DownloadError, NetworkError
from downloads.engine.resolver.ytdlp.answer import ExtractionFailure
from downloads.engine.resolver.ytdlp.errors import is_of_source
from downloads.engine.resolver.ytdlp.releases import wheel
from downloads.engine.resolver.ytdlp.releases.errors import Refused
from downloads.engine.resolver.ytdlp.releases.failures import Outcomes, Tally, verdict
from downloads.engine.resolver.ytdlp.releases.record import Record, Release, version_of
from downloads.engine.resolver.ytdlp.releases.schedule import DAY, next_check
from downloads.engine.resolver.ytdlp.releases.store import ReleaseStore, installed_version
from downloads.engine.resolver.ytdlp.releases.watch import ReleaseWatch, outcomes
from downloads.engine.sandbox.confinement import JailFailed, JailFailure

OLD, NEW = Release("2099.1.1", "old"), Release("2099.2.1", "new")


# --- failures ---------------------------------------------------------------------------------

WELL = {"a.example": Tally(20, 0), "b.example": Tally(9, 1)}


@pytest.mark.parametrize(
    ("now", "before", "reason"),
    [
        ({}, WELL, ""),
        ({"a.example": Tally(0, 4)}, WELL, ""),
        ({"a.example": Tally(0, 5)}, WELL, "a.example failed 5 of 5 times, and worked before"),
        ({"a.example": Tally(1, 5)}, WELL, "a.example failed 5 of 6 times, and worked before"),
        ({"a.example": Tally(5, 5)}, WELL, ""),  # of every other video, it is the site
        ({"c.example": Tally(0, 50)}, WELL, ""),  # not known to have worked: it may be the site
        ({"c.example": Tally(0, 50)}, {"c.example": Tally(0, 9)}, ""),
        ({f"{n}.example": Tally(0, 4) for n in range(3)}, {},
         "12 of 12 extractions failed, on 3 sites"),
        ({f"{n}.example": Tally(0, 6) for n in range(2)}, {}, ""),
        ({f"{n}.example": Tally(9, 4) for n in range(3)}, WELL, ""),
        ({f"{n}.example": Tally(0, 4) for n in range(3)}, {"d.example": Tally(1, 9)}, ""),
    ],
)  # fmt: skip
def test_when_to_roll_back(now: Any, before: Any, reason: str) -> None:
    assert verdict(now, before) == reason


def test_counts_are_kept_by_release_and_site_and_bounded() -> None:
    counted = Outcomes()
    for number in range(300):
        counted = counted.counting("1", f"{number}.example", good=True)
    counted = counted.counting("1", "299.example", good=False).counting("2", "a", good=False)
    assert len(counted.of("1")) == 200
    assert counted.of("1")["299.example"] == Tally(1, 1)
    assert counted.keeping("2", "3").releases == {"2": {"a": Tally(0, 1)}}


@pytest.mark.parametrize(
    ("facts", "of_source"),
    [
        ({"message": "Sign in to confirm your age"}, True),
        ({"message": "The uploader has not made this video available in your country"}, True),
        ({"message": "Video unavailable"}, True),
        ({"message": "HTTP Error 500", "status": 500, "expected": False}, True),
        ({"message": "refused", "cause": "TransportError", "expected": False}, True),
        ({"message": "Unable to extract uploader id", "expected": False}, False),
        ({"kind": "KeyError", "message": "'videoDetails'", "expected": False}, False),
    ],
)
def test_what_speaks_of_the_source(facts: dict[str, Any], of_source: bool) -> None:
    assert is_of_source(ExtractionFailure(**{"kind": "ExtractorError", **facts})) is of_source


@pytest.mark.parametrize(
    ("error", "broken"),
    [
        (BadResponse("the extractor's answer is of no kind"), 1),
        (JailFailed(JailFailure.DIED, "status 1: ImportError: no module"), 1),
        (JailFailed(JailFailure.RAISED, "TypeError"), 1),
        (JailFailed(JailFailure.DIED, "status -9: "), 0),  # the kernel, out of memory
        (JailFailed(JailFailure.DIED, "it was closed"), 0),
        (JailFailed(JailFailure.TIMEOUT, "60 s"), 0),
        (NetworkError("reset"), 0),
    ],
)
def test_what_speaks_of_the_extractor(error: DownloadError, broken: int, tmp_path: Path) -> None:
    store = ReleaseStore(tmp_path)
    ReleaseWatch(store, None, "www.a.example").note_broken(error)
    counted = outcomes(store).of(installed_version()).get("a.example", Tally())
    assert counted == Tally(0, broken)


# --- the record ---------------------------------------------------------------------------------


def test_taking_and_going_back() -> None:
    record = Record().taking(OLD, 1.0).taking(NEW, 2.0)
    assert (record.in_use, record.before, record.taken_at) == (NEW, OLD, 2.0)
    back = record.refusing(NEW.version, "Bad.").rolled_back()
    assert (back.in_use, back.before, back.taken_at) == (OLD, None, None)
    assert [each.version for each in back.refused] == [NEW.version]
    assert back.rolled_back().in_use is None
    assert back.taking(NEW, 3.0, pinned=True).refused == ()


def test_versions_are_compared_as_numbers() -> None:
    assert version_of("2026.03.09") == version_of("2026.3.9") < version_of("2026.10.1")
    assert version_of("2026.11.1.232915.dev0") > version_of("2026.11.1")


def test_one_that_the_installed_has_overtaken_is_not_used(tmp_path: Path) -> None:
    store = ReleaseStore(tmp_path)
    older = Release("2020.1.1", "older")
    (tmp_path / "older").mkdir()
    store.change(lambda record: record.taking(older, 1.0))
    assert (store.current(), store.version) == (None, installed_version())
    store.change(lambda record: record.taking(older, 1.0, pinned=True))
    assert store.version == installed_version()
    (tmp_path / "newer").mkdir()
    store.change(lambda record: record.taking(Release("2099.1.1", "newer"), 1.0))
    assert store.version == "2099.1.1"
    (tmp_path / "newer").rmdir()
    assert store.version == installed_version()


def test_a_damaged_record_is_as_none(tmp_path: Path) -> None:
    (tmp_path / "releases.json").write_text("{")
    assert ReleaseStore(tmp_path).record == Record()


# --- the schedule -------------------------------------------------------------------------------


def test_once_a_day_at_a_time_of_its_own() -> None:
    known = {"began": 1e9, "now": 2e9}
    times = [next_check(2e9 - 1, host=f"host-{n}", **known) for n in range(50)]
    assert all(0.75 * DAY < each - 2e9 < 1.25 * DAY for each in times)
    assert len(set(times)) == 50
    assert times[0] == next_check(2e9 - 1, host="host-0", **known)
    assert next_check(2e9 - 1, host="a", failed=True, **known) - 2e9 < 3 * 3600
    for unknown in (None, 3e9):  # never, or the clock was set back since
        assert 0 <= next_check(unknown, host="a", **known) - 1e9 <= 600


# --- wheels -------------------------------------------------------------------------------------


def packed(path: Path, *members: str, mode: int = 0) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("yt_dlp-2099.1.1.dist-info/METADATA", "Version: 2099.1.1\n\n")
        for name in members:
            member = zipfile.ZipInfo(name)
            member.external_attr = mode << 16
            archive.writestr(member, "a = 1\n")
    return path


@pytest.mark.parametrize(
    "member",
    [
        "../yt_dlp/a.py", "yt_dlp/../../a.py", "/yt_dlp/a.py", "sitecustomize.py", "requests/a.py",
        "yt_dlp.py", "yt_dlp_ejs/a.py", "yt_dlp/a\\b.py", "yt_dlp/a\x01.py", "yt_dlp/./../a.py",
    ],
)  # fmt: skip
def test_a_wheel_holds_nothing_but_yt_dlp(member: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no part of yt-dlp"):
        wheel.unpack(packed(tmp_path / "a.whl", member), "yt-dlp", tmp_path / "out")
    assert not list(tmp_path.rglob("a*.py"))


@pytest.mark.processes  # compiles
def test_a_wheel_has_no_links_and_no_rights_of_its_own(tmp_path: Path) -> None:
    link = packed(tmp_path / "link.whl", "yt_dlp/a.py", mode=stat.S_IFLNK | 0o777)
    with pytest.raises(Refused):
        wheel.unpack(link, "yt-dlp", tmp_path / "out")
    loose = packed(
        tmp_path / "loose.whl", "yt_dlp/a.py", "yt_dlp-1.data/x", mode=stat.S_IFREG | 0o4777
    )
    wheel.unpack(loose, "yt-dlp", tmp_path / "other")
    wheel.finish(tmp_path / "other")
    assert stat.S_IMODE((tmp_path / "other/yt_dlp/a.py").stat().st_mode) == 0o644
    assert not list((tmp_path / "other").glob("*.data"))


@pytest.mark.parametrize("bytes_", [b"", b"no zip", b"PK\x03\x04"])
def test_a_file_that_is_no_wheel(bytes_: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(bytes_)
    with pytest.raises(Refused, match="is no wheel of yt-dlp"):
        wheel.read(tmp_path / "a.whl", "yt-dlp")


def test_a_wheel_says_which_solver_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "a.whl"
    with zipfile.ZipFile(path, "w") as archive:
        fields = ["Version: 2099.1.1", "Requires-Dist: requests<3,>=2; extra == 'default'",
                  "Requires-Dist: yt-dlp-ejs==0.8.0; extra == 'default'"]  # fmt: skip
        archive.writestr("yt_dlp-2099.1.1.dist-info/METADATA", "\n".join(fields))
    found = wheel.read(path, "yt-dlp")
    assert (found.version, found.ejs) == ("2099.1.1", "0.8.0")
