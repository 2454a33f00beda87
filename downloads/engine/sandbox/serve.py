"""The child's end of the JSON lines, inside the jail."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any


def serve(handle: Callable[[Any], Any]) -> None:
    """Answer each request with what ``handle`` returns, until the owner closes the pipe.

    The pipes are moved away first: what libraries print goes to stderr, and what they read is
    empty. Errors that the owner must tell apart are part of the answer; an exception of ``handle``
    reaches it as text alone.
    """
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    for line in requests:
        message = json.loads(line)
        answer: dict[str, Any] = {"id": message["id"]}
        try:
            answer["answer"] = handle(message["request"])
            encoded = json.dumps(answer)
        except Exception as error:  # noqa: BLE001 - the owner raises it as its own
            encoded = json.dumps(
                {"id": message["id"], "raised": f"{type(error).__name__}: {error}"[:2000]}
            )
        sys.stdout.flush()
        _write_all(answers.fileno(), encoded.encode() + b"\n")


def _write_all(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]
