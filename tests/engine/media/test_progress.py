"""One number over all runs, below 100 as long as there is work."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from downloads.engine.core.progress import Progress
from downloads.engine.media.inputs import Feed, MediaInput
from downloads.engine.media.progress import Course, Report, Reports, fraction, rewriting
from tests.engine.media.conftest import Make
from tests.engine.media.films import Films, blocks

REPORT = b"frame=10\nout_time_us=1500000\ntotal_size=2048\nspeed=2.0x\nprogress=continue\n"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_reports_come_in_whatever_pieces(size: int) -> None:
    reports = Reports()
    told = [reports.take(REPORT[at : at + size]) for at in range(0, len(REPORT), size)]
    assert told == [False] * (len(told) - 1) + [True]
    assert reports.latest == Report(1.5, 2048)


@pytest.mark.parametrize("value", [b"N/A", b"-100", b"", b"nan.0x"])
def test_what_ffmpeg_does_not_know_does_not_set_it_back(value: bytes) -> None:
    reports = Reports()
    reports.take(REPORT)
    reports.take(b"out_time_us=%b\ntotal_size=%b\nprogress=end\n" % (value, value))
    assert reports.latest == Report(1.5, 2048)


def test_the_whole_is_its_runs_one_after_another() -> None:
    told: list[Progress] = []
    ticks = iter(range(100))
    course = Course(told.append, clock=lambda: next(ticks))
    course.begin(0.6)
    course.at(0.5, 100)
    course.at(1.0, 200)
    course.begin(0.4, 200)
    course.at(0.0, 0)
    course.at(0.5, 100)
    course.at(2.0, 200)
    assert [done.percent for done in told] == pytest.approx([30, 60, 60, 80, 99])
    assert [done.speed for done in told][:2] == [100.0, 100.0]


def test_rewriting_gets_nearer_to_the_end_and_never_there() -> None:
    course = [rewriting(seconds, 10**9) for seconds in (0.0, 1.0, 5.0, 60.0)]
    assert course == sorted(course)
    assert course[0] == fraction(10, 10, ends_with_rewrite=True) == pytest.approx(0.9)
    assert course[-1] <= 1
    assert fraction(1.0, None, ends_with_rewrite=False) is None


def test_of_a_real_run(films: Films, make: Make) -> None:
    told: list[Progress] = []

    def slowly() -> Iterator[bytes]:
        size = films.long().stat().st_size
        for block in blocks(films.long(), size // 100):
            time.sleep(0.01)
            yield block

    make([MediaInput(Feed([slowly()]), container="ts")], duration=60.0, on_progress=told.append)
    percents = [done.percent for done in told]
    assert len(percents) > 2
    assert percents == sorted(percents)  # type: ignore[type-var]
    assert percents[-1] is not None
    assert 85 < percents[-1] < 100
    assert told[-1].bytes_done > 10_000
    assert told[-1].speed > 0


def test_without_a_length_it_is_unknown(films: Films, make: Make) -> None:
    told: list[Progress] = []
    make([MediaInput(Feed([blocks(films.ts())]), container="ts")], on_progress=told.append)
    assert told
    assert {done.percent for done in told} == {None}
