"""The commands of a guide: the bash blocks of each of its sections, in their order."""

from __future__ import annotations

import re

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def sections(text: str) -> dict[str, list[str]]:
    """Return the blocks by their section's title."""
    _, *parts = _HEADING.split(text)
    titles, bodies = parts[::2], parts[1::2]
    return {title: _BLOCK.findall(body) for title, body in zip(titles, bodies, strict=True)}
