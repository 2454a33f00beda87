"""A jailed child that answers JSON lines, and misbehaves on demand.

python -I answering.py PATH_OF_SERVE MARKER
"""

from __future__ import annotations

import os
import runpy
import sys
import time
from typing import Any


def _misbehave(how: str) -> Any:
    line = os.fdopen(_answers, "wb", buffering=0, closefd=False)
    if how == "die":
        os._exit(3)
    if how == "hang":
        time.sleep(300)
    if how == "spin":
        while True:
            pass
    if how == "close":
        os.close(_answers)
        time.sleep(300)
    if how == "flood":
        while True:
            line.write(b"x" * 65536)
    line.write(
        {
            "not JSON": b"certainly not\n",
            "another id": b'{"id": 12345, "answer": 1}\n',
            "no object": b"[1]\n",
            "no answer": b'{"id": 1}\n',
            "two lines": b'{"id": 1, "answer": 1}\n{"id": 2, "answer": 1}\n',
            "deep": b"[" * 100_000 + b"\n",
            "many": b"[" + b"[]," * 1_000_000 + b"[]]\n",
        }[how]
    )
    time.sleep(300)


def handle(request: dict[str, Any]) -> Any:
    if "misbehave" in request:
        return _misbehave(request["misbehave"])
    if "raise" in request:
        raise ValueError(request["raise"])
    if "print" in request:
        print(request["print"], flush=True)
        return sys.stdin.read()
    if "repeat" in request:
        return "x" * request["repeat"]
    if "complain" in request:
        sys.stderr.write("y" * request["complain"])
        return len(request["complain"] * "y")
    if "remember" in request:
        _remembered.append(request["remember"])
    return {"pid": os.getpid(), "remembered": _remembered}


_remembered: list[str] = []
serve = runpy.run_path(sys.argv[1])["serve"]
_answers = os.dup(1)  # before serve() takes it away
serve(handle)
