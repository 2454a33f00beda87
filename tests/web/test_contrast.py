"""Every text colour is readable on every surface that it may stand on (WCAG 2.2, 1.4.3 AA)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

PAIRS = [
    *((text, surface) for text in ("text", "text-soft") for surface in ("ground", "surface")),
    ("text-soft", "raised"),
    *((text, "surface") for text in ("accent", "accent-strong", "good", "bad", "warn")),
    *((text, "ground") for text in ("accent", "accent-strong")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("accent", "accent-wash"),
    ("accent", "good-wash"),
    *(("text", f"{tone}-wash") for tone in ("accent", "good", "bad", "warn")),
    ("bad", "bad-wash"),
    *((text, toast) for text in ("on-toast", "toast-link") for toast in ("toast", "toast-bad")),
]


def tokens(scheme: str) -> dict[str, str]:
    css = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([\w-]+): (#\w{6});", light))
    return found | dict(re.findall(r"--([\w-]+): (#\w{6});", dark)) if scheme == "dark" else found


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "surface"), PAIRS)
def test_contrast(scheme: str, text: str, surface: str) -> None:
    colours = tokens(scheme)
    lower, upper = sorted(luminance(colours[name]) for name in (text, surface))

    assert (upper + 0.05) / (lower + 0.05) >= 4.5
