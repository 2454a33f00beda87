"""The time that /healthz takes while strangers ask for what costs most.

    python -m benchmarks.abuse [--seconds 20]

Starts ``manage.py up`` in a folder of its own. A process of its own abuses the one web process:
paths of sixteen kilobytes, bodies of 100,000 keys, 600 requests that drip, 100 wrong passwords for
100 names. Meanwhile a client asks /healthz ten times a second, on a new connection each time, as
load balancers do; it asks once before, too, without any abuse. Prints p50, p99 and max in
milliseconds, and writes JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import multiprocessing
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.compare import Verdict, as_data, print_verdicts
from benchmarks.post_to_first_byte import summary
from tests.support.stack import Stack

GOAL = 200.0  # ms, p99
EVERY = 0.1  # seconds
DRIPPING, NAMES, KEYS = 600, 100, 100_000
PATHS = ("a" * 16_000, "/." * 8_000, "%2f" * 5_300, "a%" * 8_000, "/" * 16_000)
API = "/api/v1/"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", type=Path, default=Path("abuse.json"))
    options = parser.parse_args()
    rows = {}
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder)) as stack:
        _ask(stack.port, "GET", "/healthz")  # the first one pays for imports
        for name, abuse in ABUSES.items():
            rows[name] = summary(_measured(stack.port, abuse, options.seconds))
            time.sleep(1)  # what it left under way
    print(f"{'/healthz, milliseconds':<36}{'p50':>10}{'p99':>10}{'max':>10}")
    for name, row in rows.items():
        print(f"{name:<36}" + "".join(f"{row[key]:>10.1f}" for key in ("p50", "p99", "max")))
    verdicts = [
        Verdict(f"/healthz beside {name}, p99", "-", GOAL, row["p99"], "ms")
        for name, row in rows.items()
    ]
    print_verdicts(verdicts)
    data = {"milliseconds": rows, "verdicts": as_data(verdicts)}
    options.json.write_text(json.dumps(data, indent=2) + "\n")


def _measured(port: int, abuse: Callable[[int, float], None], seconds: float) -> list[float]:
    """Return the milliseconds of each request, as long as the abuse lasts."""
    stranger = multiprocessing.get_context("spawn").Process(target=abuse, args=(port, seconds))
    stranger.start()
    time.sleep(2)  # its start takes a core for itself
    times, due = [], time.monotonic()
    while stranger.is_alive():
        began = time.monotonic()
        status, _ = _ask(port, "GET", "/healthz")
        assert status == 200, status
        times.append((time.monotonic() - began) * 1000)
        due += EVERY
        time.sleep(max(due - time.monotonic(), 0))
    assert stranger.exitcode == 0, stranger.exitcode
    return times


def _ask(port: int, method: str, path: str, body: str = "", kind: str = "") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body or None, {"Content-Type": kind} if kind else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _again_and_again(seconds: float, sides: int, once: Callable[[int], object]) -> None:
    """Have so many threads do it until the time is up; ``once`` gets 0, 1, 2 ..."""
    end = time.monotonic() + seconds + 2

    def go_on(number: int) -> None:
        while time.monotonic() < end:
            with contextlib.suppress(OSError, http.client.HTTPException):
                once(number)
            number += sides

    with ThreadPoolExecutor(sides) as pool:
        list(pool.map(go_on, range(sides)))


def nothing(port: int, seconds: float) -> None:
    time.sleep(seconds + 2)


def long_paths(port: int, seconds: float) -> None:
    _again_and_again(seconds, 8, lambda n: _ask(port, "GET", "/" + PATHS[n % len(PATHS)]))


def many_keys(port: int, seconds: float) -> None:
    # As short as they can be: all of a body is within the limit of bytes, and has to be read.
    text = json.dumps({f"{n:x}": 0 for n in range(KEYS)}, separators=(",", ":"))
    form = "&".join(f"{n:x}=" for n in range(KEYS))
    bodies = (
        ("application/json", text, f"{API}downloads/"),
        ("application/json", text, f"{API}auth/login/"),
        ("application/x-www-form-urlencoded", form, "/accounts/login/"),
    )

    def once(number: int) -> None:
        kind, body, path = bodies[number % len(bodies)]
        _ask(port, "POST", path, body, kind)

    _again_and_again(seconds, 6, once)


def drips(port: int, seconds: float) -> None:
    """Keep 600 requests unfinished, a byte each every half second; who is thrown out comes back."""
    end = time.monotonic() + seconds + 2

    def drip(number: int) -> None:
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as one:
                one.sendall(b"POST /api/v1/auth/login/ HTTP/1.1\r\nHost: localhost\r\n")
                while time.monotonic() < end:
                    one.sendall(b"X")
                    time.sleep(0.5)
            time.sleep(0.5)

    threads = [threading.Thread(target=drip, args=(number,)) for number in range(DRIPPING)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def wrong_logins(port: int, seconds: float) -> None:
    """Try a password for each name, ten at a time; to the end of the time with others."""
    end = time.monotonic() + seconds

    def once(number: int) -> None:
        body = json.dumps({"username": f"name{number}", "password": "a wrong one"})
        _ask(port, "POST", f"{API}auth/login/", body, "application/json")

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(once, range(NAMES)))
    time.sleep(max(end - time.monotonic(), 0))


ABUSES: dict[str, Callable[[int, float], None]] = {
    "nothing": nothing,
    "paths of 16 kB": long_paths,
    "bodies of 100,000 keys": many_keys,
    "600 dripping requests": drips,
    "100 wrong logins": wrong_logins,
}

if __name__ == "__main__":
    main()
