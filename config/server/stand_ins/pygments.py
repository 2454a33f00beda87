"""A stand-in for Pygments, on the path of the processes that `up` starts.

The celery command and REST framework colour their output with it, on a terminal and in a page that
is not served: 2 MiB.
"""

# ruff: noqa: INP001 - a folder of the path, no package
from __future__ import annotations

raise ImportError("Pygments is left out here")
