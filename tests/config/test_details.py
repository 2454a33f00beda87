"""The detail of an error for staff and logs: the reason, and no secret of a URL."""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import DownloadError, NetworkError


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("http://alice:s3cret@h.example/x", "http://h.example/x"),
        ("to https://alice:s3c@ret@h.example: refused", "to https://h.example: refused"),
        ("https://h.example/x?sig=SIGNED&e=1 gone", "https://h.example/x?... gone"),
        ("'https://h.example/x?sig=SIGNED'", "'https://h.example/x?...'"),
        ("https://h.example/x#token=SIGNED", "https://h.example/x?..."),
        ("with url: /x/y?sig=SIGNED (timed out)", "with url: /x/y?... (timed out)"),
        ("3/4 done, what now? me@example.com", "3/4 done, what now? me@example.com"),
    ],
)
def test_the_secrets_of_a_url_are_left_out(said: str, kept: str) -> None:
    error = NetworkError(said)
    assert error.detail == kept
    assert str(error) == kept


def test_it_is_bounded() -> None:
    assert len(DownloadError("http://" * 100_000).detail) == 4000
