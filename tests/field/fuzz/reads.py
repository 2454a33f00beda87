"""A batch of mutated reads, in a process of its own: ``python -m tests.field.fuzz.reads``.

Its memory is bounded as the jail's is, and each read has two seconds of processor time. Prints
one line of JSON: ``{"reads": n}``, or the first failure with its input.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import signal
import traceback
from pathlib import Path

from tests.field.fuzz.mutations import mutate
from tests.field.fuzz.readers import TARGETS, Target

MEMORY = 768 * 1024 * 1024  # bytes of address space, the interpreter's own among them
EACH = 2.0  # seconds of processor time


class Hang(BaseException):
    """A read that took too long; no reader may catch it."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("seed", type=int, help="of the first read; each next one is one more")
    parser.add_argument("count", type=int)
    given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for seed in range(given.seed, given.seed + given.count):
        data = mutated(TARGETS[given.target], seed)
        if error := read(TARGETS[given.target], data, seed):
            kept = Path(f"field-{given.target}-{seed}.input")
            print(json.dumps({"seed": seed, "error": error, "input": repr(data[:4000])}))
            kept.write_bytes(data)
            return
    print(json.dumps({"reads": given.count}))


def mutated(target: Target, seed: int) -> bytes:
    rng = random.Random(seed)
    return mutate(rng, rng.choice(target.inputs), target.words)


def read(target: Target, data: bytes, seed: int) -> str:
    """The reason of the failure; empty without one."""
    signal.signal(signal.SIGVTALRM, _hang)
    signal.setitimer(signal.ITIMER_VIRTUAL, EACH)
    try:
        target.read(data, random.Random(seed))
    except Hang:
        return f"more than {EACH} s of processor time\n{traceback.format_exc(limit=-4)}"
    except (MemoryError, RecursionError):
        return traceback.format_exc(limit=-4)
    except Exception as error:  # noqa: BLE001
        expected = isinstance(error, target.errors) and getattr(error, "code", "") != "internal"
        return "" if expected else traceback.format_exc(limit=-4)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return ""


def _hang(*_: object) -> None:
    raise Hang


if __name__ == "__main__":
    main()
