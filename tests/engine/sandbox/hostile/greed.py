"""More than its share; and what was handed down by accident."""

# As near to the kernel as Python gets, so no pathlib where os has the very call.
# ruff: noqa: PTH103, PTH108, PTH123, PTH202

from __future__ import annotations

import mmap
import os
import signal
import threading
import time


def eat_memory(size: str) -> int:
    block = bytearray(int(size))
    block[:: mmap.PAGESIZE] = b"x" * len(range(0, len(block), mmap.PAGESIZE))
    time.sleep(5)
    return len(block)


def eat_memory_by_children(size: str) -> int:
    for _ in range(4):
        if os.fork() == 0:
            eat_memory(size)
            os._exit(0)
    time.sleep(10)
    return 4


def burn() -> None:
    while True:
        pass


def burn_against_signals() -> None:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    burn()


def big_file(size: str) -> int:
    with open("big", "wb") as file:
        file.truncate(int(size))
    return os.path.getsize("big")


def small_files(count: str) -> int:
    os.makedirs("folder", exist_ok=True)
    for number in range(int(count)):
        with open(f"folder/{number}", "wb") as file:
            file.write(b"x")
    return int(count)


def many_files(count: str, size: str) -> int:
    """Each within the limit of one, all of them together far beyond it."""
    for number in range(int(count)):
        with open(f"part-{number}", "wb") as file:
            file.write(b"x" * int(size))
        time.sleep(0.05)
    time.sleep(5)
    return int(count)


def many_files_without_a_name(count: str, size: str) -> int:
    kept = []
    for number in range(int(count)):
        kept.append(open(f"part-{number}", "wb"))  # noqa: SIM115
        os.unlink(f"part-{number}")
        kept[-1].write(b"x" * int(size))
        kept[-1].flush()
        time.sleep(0.05)
    time.sleep(5)
    return len(kept)


def many_threads(count: str) -> int:
    for _ in range(int(count)):
        threading.Thread(target=time.sleep, args=(10,), daemon=True).start()
    time.sleep(5)
    return int(count)


def dump_core() -> None:
    os.abort()


def fork_many() -> int:
    """One after the other, so that a test that fails does not end the machine."""
    count = 0
    while count < 3000:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        count += 1
    time.sleep(10)
    return count


def open_many() -> int:
    kept = []
    try:
        while len(kept) < 5000:
            kept.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass
    return len(kept)


def shout(size: str) -> None:
    left = int(size)
    while left > 0:
        left -= os.write(1, b"x" * min(left, 65536))
    os._exit(0)


def complain(size: str) -> None:
    left = int(size)
    while left > 0:
        left -= os.write(2, b"y" * min(left, 65536))


def environment() -> dict[str, str]:
    return dict(os.environ)


def descriptors() -> list[int]:
    found = []
    for number in range(200):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return found
