from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from config import parsing


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1073741824", 2**30),
        ("1GiB", 2**30),
        ("100 GiB", 100 * 2**30),
        ("500MB", 500_000_000),
        ("1.5 kib", 1536),
        ("1 KiB/s", 1024),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parsing.byte_size()(text) == size


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("2m", 120), ("12h", 43200)]
)
def test_durations(text: str, seconds: float) -> None:
    assert parsing.duration(text) == seconds


def test_a_word_can_mean_no_limit() -> None:
    parse = parsing.optional(parsing.byte_size(), "unlimited")
    assert parse("Unlimited") is None
    assert parse("1 MiB") == 2**20


def test_origins_lose_their_slash() -> None:
    wanted = ("https://a.example", "http://b.example:8080")
    assert parsing.origins("https://a.example/, http://b.example:8080") == wanted
    assert parsing.origins_or_any("*") == ("*",)


@pytest.mark.parametrize(
    "text", ["Europe/Berlin", ":Europe/Berlin", "/usr/share/zoneinfo/Europe/Berlin"]
)
def test_time_zones(text: str) -> None:
    assert parsing.time_zone(text) == "Europe/Berlin"


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parsing.boolean, "maybe"),
        (parsing.whole_number(1, 65535), "abc"),
        (parsing.whole_number(1, 65535), "0"),
        (parsing.whole_number(1, 65535), "65536"),
        (parsing.whole_number(1), "1" * 5000),
        (parsing.byte_size(), "1 parsec"),
        (parsing.byte_size(), "-1"),
        (parsing.byte_size(), "1.5"),
        (parsing.byte_size(1024), "1"),
        (parsing.duration, "0"),
        (parsing.time_zone, "Middle/Earth"),
        (parsing.time_zone, "../etc/passwd"),
        (parsing.time_zone, "/etc/passwd"),
        (parsing.time_zone, "CET-1CEST"),
        (parsing.duration, "soon"),
        (parsing.choice("redirect", "proxy"), "mail"),
        (parsing.origins, "ferry.example.org"),
        (parsing.origins, "https://ferry.example.org/page"),
        (parsing.origins, "*"),
        (parsing.host_names, "https://ferry.example.org"),
        (parsing.listen_host, "0.0.0.0; rm -rf /"),
        (parsing.address("redis"), "http://localhost"),
        (parsing.address("redis"), "redis://host:port"),
        (parsing.choice_of_scheme("postgres"), "mysql://a/b"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_is_wanted(
    parse: Callable[[str], Any], text: str
) -> None:
    with pytest.raises(ValueError, match=r"^must be "):
        parse(text)
