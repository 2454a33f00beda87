"""Tags of languages as sources write them."""

from __future__ import annotations

import pytest

from downloads.engine.core.languages import canonical


@pytest.mark.parametrize(
    ("tag", "meant"),
    [
        ("en", "en"), ("EN-us", "en-us"), ("eng", "en"), ("en_US", "en-us"), ("ger", "de"),
        ("deu", "de"), ("fre-CA", "fr-ca"), ("fra", "fr"), ("heb", "he"), ("ind", "id"),
        ("yid", "yi"), ("fil", "fil"), ("", ""), ("und", "und"), ("zho-Hant", "zh-hant"),
    ],
)  # fmt: skip
def test_canonical(tag: str, meant: str) -> None:
    assert canonical(tag) == meant
