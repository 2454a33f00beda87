"""Updates from a local index, by pip itself, with the self-test in the jail."""

from __future__ import annotations

import io
import logging
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from downloads.engine.egress.client import Client
from downloads.engine.egress.proxy import EgressProxy
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.ytdlp.extraction import Extraction
from downloads.engine.resolver.ytdlp.releases.errors import (
    Busy,
    NothingNewer,
    Refused,
    UpdateFailed,
)
from downloads.engine.resolver.ytdlp.releases.index import Index
from downloads.engine.resolver.ytdlp.releases.store import ReleaseStore, installed_version
from downloads.engine.resolver.ytdlp.releases.update import Updater
from tests.engine.resolver.ytdlp.releases.wheels import (
    ANOTHER_SHAPE,
    BROKEN_IMPORT,
    EJS,
    TELLS_ITS_VERSION,
    WheelIndex,
    wheel,
)

NEWER = "2099.1.2"


def unused(store: ReleaseStore) -> list[str]:
    """Return the folders that an update that came to nothing left."""
    return [path.name for path in store.folder.iterdir() if path.is_dir()]


Command = Callable[..., str]


@pytest.fixture
def ytdlp(store: ReleaseStore, index: WheelIndex) -> Iterator[Command]:
    """``manage.py ytdlp`` on the host of ``store``; its output."""

    def run(*arguments: str) -> str:
        out = io.StringIO()
        call_command("ytdlp", *arguments, stdout=out)
        return out.getvalue()

    with override_settings(DATA_DIR=store.folder.parent, YTDLP_INDEX_URL=index.simple):
        yield run


def test_a_good_one_is_used(
    ytdlp: Command,
    store: ReleaseStore,
    index: WheelIndex,
    proxy: EgressProxy,
    client: Client,
    page: Callable[..., str],
) -> None:
    index.only(NEWER, wheel("yt-dlp", NEWER, patch=TELLS_ITS_VERSION, whole=True))
    assert f"yt-dlp {NEWER} passed its self-test and is in use" in ytdlp("update")
    release = store.current()
    assert release is not None
    assert (release.version, release.ejs) == (NEWER, EJS)
    assert (store.version, store.record.before) == (NEWER, None)
    folder = store.path(release)
    assert {path.name for path in folder.iterdir()} == {
        "yt_dlp", f"yt_dlp-{NEWER}.dist-info", "yt_dlp_ejs", f"yt_dlp_ejs-{EJS}.dist-info",
    }  # fmt: skip
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*.py")} == {0o644}
    assert list(folder.rglob("*.pyc"))
    url = page('<video src="film.mp4"></video>')
    with Extraction(lambda: proxy, size=0, releases=ReleaseStore(store.folder)) as extraction:
        found = extraction.extract(UrlProbe(url, client), generic=True)
    assert getattr(found, "uploader", "") == f"yt-dlp {NEWER}"
    assert "the index has nothing newer" in ytdlp("update")
    told = ytdlp("status")
    assert f"in use      {NEWER} (yt-dlp-ejs {EJS}, {folder})" in told
    assert f"before      {installed_version()} (installed)" in told
    assert f"extracted   {NEWER}: 1 read, 0 broken" in told
    assert f"yt-dlp {installed_version()} is in use again" in ytdlp("rollback")
    assert f"refused     {NEWER} at 2" in ytdlp("status")


def test_the_command_says_what_to_do(ytdlp: Command, index: WheelIndex) -> None:
    index.only(NEWER, wheel("yt-dlp", NEWER), wrong_hash=True)
    assert f"in use      {installed_version()} (installed)" in ytdlp("status")
    for arguments, words in (
        (["update"], "yt-dlp was refused: the file for yt-dlp>"),
        (["pin", "newest"], "newest is no version of yt-dlp. Write one like 2026.10.26."),
        (["pin", "2099.9.9"], "The index has no yt-dlp 2099.9.9."),
        (["rollback"], "there is none before it"),
    ):
        with pytest.raises(CommandError, match=re.escape(words)):
            ytdlp(*arguments)


def test_root_leaves_no_files_that_ferry_cannot_read(
    ytdlp: Command, store: ReleaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = store.folder.parent.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    if owner == 0:
        os.chown(store.folder.parent, 10001, 10001)
    with pytest.raises(CommandError, match="run this as that user"):
        ytdlp("update")
    assert not store.folder.exists()
    assert "in use" in ytdlp("status")


@pytest.mark.parametrize(
    ("patch", "first", "reason"),
    [
        ("", BROKEN_IMPORT, "a_module_that_is_not_there"),
        (ANOTHER_SHAPE, "", "YouTube"),
    ],
)
def test_a_broken_one_is_refused_and_not_taken_again(
    patch: str, first: str, reason: str, updater: Updater, store: ReleaseStore, index: WheelIndex
) -> None:
    index.only(NEWER, wheel("yt-dlp", NEWER, patch=patch, first=first))
    with pytest.raises(Refused, match=f"^yt-dlp {NEWER} was refused: ") as caught:
        updater.update()
    assert reason in str(caught.value)
    assert store.version == installed_version()
    assert unused(store) == []
    (refusal,) = store.record.refused
    assert refusal.version == NEWER
    with pytest.raises(NothingNewer):
        updater.update()


@pytest.mark.parametrize("as_json", [False, True])
def test_a_wrong_hash_is_refused(
    as_json: bool, untested: Updater, store: ReleaseStore, index: WheelIndex,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(index, "as_json", as_json)
    index.only(NEWER, wheel("yt-dlp", NEWER), wrong_hash=True)
    with pytest.raises(Refused, match="another hash than the index gives"):
        untested.update()
    assert store.version == installed_version()
    assert unused(store) == []


def test_a_solver_that_is_missing_or_of_a_wrong_hash_refuses_no_version(
    untested: Updater, store: ReleaseStore, index: WheelIndex
) -> None:
    """A mirror may be in the middle of an update."""
    index.only(NEWER, wheel("yt-dlp", NEWER))
    solver = index.take_out("yt-dlp-ejs")
    try:
        with pytest.raises(UpdateFailed, match=f"no yt-dlp-ejs {EJS}, which yt-dlp {NEWER} asks"):
            untested.update()
        index.add("yt-dlp-ejs", EJS, solver, wrong_hash=True)
        with pytest.raises(Refused, match=r"^yt-dlp-ejs was refused: .* another hash"):
            untested.update()
    finally:
        index.add("yt-dlp-ejs", EJS, solver)
    assert store.record.refused == ()
    assert untested.update().version == NEWER


def test_older_than_the_installed_is_refused(
    untested: Updater, store: ReleaseStore, index: WheelIndex
) -> None:
    index.only("2020.1.1", wheel("yt-dlp", "2020.1.1"))
    with pytest.raises(NothingNewer):
        untested.update()
    with pytest.raises(UpdateFailed, match=rf"older than {installed_version()}, which this Ferry"):
        untested.pin("2020.1.1")


def test_a_nightly_one_is_taken_where_it_is_asked_for(
    untested: Updater, store: ReleaseStore, index: WheelIndex
) -> None:
    """pip takes a pre-release by itself where nothing else is newer."""
    nightly = "2099.1.3.232915.dev0"
    index.only(nightly, wheel("yt-dlp", nightly))
    with pytest.raises(NothingNewer):
        untested.update()
    assert store.version == installed_version()
    assert untested.update(nightly=True).version == nightly


def test_a_version_that_is_none() -> None:
    with pytest.raises(ValueError, match="Write one like"):
        Updater(None, None).pin("newest")  # type: ignore[arg-type]


def test_pinned_and_back(
    untested: Updater, store: ReleaseStore, index: WheelIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pinned one stays, whatever the schedule finds; a refused one may be pinned."""
    monkeypatch.setattr(index, "as_json", True)
    index.only(NEWER, wheel("yt-dlp", NEWER))
    store.change(lambda record: record.refusing(NEWER, "It is said to be bad."))
    untested.check(nightly=False)
    assert store.version == installed_version()
    untested.pin(NEWER)
    assert (store.version, store.record.pinned) == (NEWER, True)
    assert store.record.refused == ()
    index.only("2099.1.3", wheel("yt-dlp", "2099.1.3"))
    untested.check(nightly=False)
    assert store.version == NEWER
    untested.rollback()
    assert store.version == installed_version()
    assert store.record.refusal_of(NEWER) is not None
    with pytest.raises(UpdateFailed, match="none before it"):
        untested.rollback()
    untested.pin(installed_version())
    untested.check(nightly=False)
    assert store.version == installed_version()


def test_an_index_that_is_away(store: ReleaseStore, caplog: pytest.LogCaptureFixture) -> None:
    """The schedule logs it, writes it down, and asks again later."""
    away = Updater(store, Index("http://name:hush@127.0.0.1:9/simple"))
    with caplog.at_level(logging.WARNING):
        away.check(nightly=False)
    assert "The index cannot be reached. Check YTDLP_INDEX_URL" in store.record.problem
    assert "ytdlp update failed" in caplog.text
    assert "hush" not in caplog.text + store.record.problem


def test_one_update_at_a_time(untested: Updater, store: ReleaseStore) -> None:
    with store.updating(), pytest.raises(Busy, match="under way"):
        untested.update()


def test_what_a_killed_update_left_is_removed(store: ReleaseStore) -> None:
    (store.folder / ".new-killed" / "release").mkdir(parents=True)
    with store.updating() as folder:
        assert [path for path in store.folder.iterdir() if path.is_dir()] == [Path(folder)]
