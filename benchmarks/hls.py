"""An HLS stream of 120 fragments into one mp4, against yt-dlp and ffmpeg, muxing included.

python -m benchmarks.hls [--rounds 5]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import imageio_ffmpeg

from benchmarks.compare import (
    Goal,
    Tool,
    both,
    compare,
    judge,
    print_both,
    print_verdicts,
    write_json,
)
from benchmarks.origin import origin
from benchmarks.single_file import MEMORY

WORK = "HLS 120 x 2 s, 1080p, 146 MiB, 50 ms a request"
GOALS = (Goal("ferry", "yt-dlp -N16", 0.35), Goal("ferry", "ffmpeg", 0.17))
FRAGMENTS, SECONDS, BITRATE = 120, 2, 4_900_000
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=Path("hls.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        served, made = Path(folder) / "served", Path(folder) / "made"
        served.mkdir()
        made.mkdir()
        make_stream(served)
        with origin(served, "--request-delay", "0.05") as port:
            url = f"http://127.0.0.1:{port}/stream.m3u8"
            times = compare(_tools(url, made), made, options.rounds, _verify)
    verdicts = judge(WORK, times, GOALS)
    print_both(WORK, times)
    print_verdicts(verdicts)
    write_json(options.json, both(times), verdicts)


def make_stream(folder: Path) -> None:
    """Encode 120 fragments of a test picture at a constant bit rate: the benchmark is about
    fetching."""
    source = ["-f", "lavfi", "-i", f"testsrc2=s=1920x1080:r=25:d={FRAGMENTS * SECONDS}"]
    video = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", str(BITRATE), "-minrate"]
    steady = [str(BITRATE), "-maxrate", str(BITRATE), "-bufsize", str(BITRATE), "-g", "50"]
    padded = ["-x264-params", "nal-hrd=cbr:force-cfr=1", "-sc_threshold", "0"]
    sound = ["-f", "lavfi", "-i", f"sine=d={FRAGMENTS * SECONDS}"]
    output = ["-c:a", "aac", "-hls_time", str(SECONDS), "-hls_playlist_type", "vod"]
    command = [FFMPEG, "-v", "error", *source, *sound, *video, *steady, *padded, *output]
    subprocess.run([*command, str(folder / "stream.m3u8")], check=True)


def _tools(url: str, made: Path) -> Sequence[Tool]:
    python = sys.executable
    ferry = [python, "manage.py", "fetch", url, "-o", "{out}.mp4"]
    environment = {
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
        "DATA_DIR": str(made / "data"),
        "SECRET_KEY": "of a benchmark, for nothing else",
        "FETCH_CONNECTIONS": "16",
    }
    peer = [python, "-m", "yt_dlp", "-q", "--ffmpeg-location", FFMPEG, "-N", "16"]
    return (
        Tool("ferry", [ferry], environment),
        Tool("yt-dlp -N16", [[*peer, "-o", "{out}.mp4", url]]),
        Tool("ffmpeg", [[FFMPEG, "-v", "error", "-i", url, "-c", "copy", "{out}.mp4"]]),
    )


def _verify(tool: Tool, out: Path) -> None:
    """Check that all frames of the picture are there."""
    made = out.with_name(f"{out.name}.mp4")
    command = [FFMPEG, "-v", "error", "-i", str(made), "-map", "0:v", "-c", "copy", "-f", "null"]
    counted = subprocess.run(
        [*command, "-progress", "pipe:1", "-"], check=True, capture_output=True, text=True
    )
    frames = [line for line in counted.stdout.splitlines() if line.startswith("frame=")]
    if not frames or int(frames[-1].partition("=")[2]) != FRAGMENTS * SECONDS * 25:
        raise SystemExit(f"{tool.name}: frames are missing: {frames[-1:]}")


if __name__ == "__main__":
    main()
