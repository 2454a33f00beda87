"""A stand-in for pyOpenSSL, on the path of the processes that `up` starts.

Twisted and botocore load it where it is installed. The web process listens without TLS, and what
connects uses Python's own: 4 MiB.
"""

# ruff: noqa: INP001 - a folder of the path, no package; the name is the package's
from __future__ import annotations

raise ImportError("pyOpenSSL is left out here")
