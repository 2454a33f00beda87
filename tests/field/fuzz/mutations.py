"""Mutations of a text or of bytes, by a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

LONGEST = 200_000  # bytes of a mutated input
_NUMBER = re.compile(rb"\d+")
_QUOTED = re.compile(rb'"([^"<>]*)"')
_ELEMENT = re.compile(rb"<\w[^<>]*/>")
_ATTRIBUTE = re.compile(rb'[ ,][\w:-]+="[^"<>]*"')
_VALUES = (
    b"PT0S", b"-PT1S", b"P1Y", b"PT1e5S", b"0-", b"5-2", b"a b", b"$Number$", b"$RepresentationID$",
    b"../x", b"//x.example/", b"data:,x", b"ftp://x/", b"audio/mp4", b"text/vtt", b"0/0",
)  # fmt: skip
_NUMBERS = (
    b"0", b"-1", b"1", b"4294967296", b"9223372036854775808", b"1e309", b"NaN", b"0.0000001",
    b"99999999999999999999999999", b"", b"1.5", b" 7 ", b"0x10", b"\xd9\xa3",
)  # fmt: skip
_BYTES = (
    b"\0", b"\r", b"\n", b"\r\n", b"\n\n", b" ", b"\t", b'"', b"'", b"<", b">", b"&", b"=", b":",
    b",", b"/", b"..", b"%", b"$", b"{", b"}", b"#", b"-->", b"]]>", b"<!--", b"&#0;", b"&lt;",
    b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", "\u202e".encode(), b"A" * 5000, b"\n" * 3000,
)  # fmt: skip

Mutation = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


def mutate(rng: random.Random, data: bytes, words: Sequence[bytes]) -> bytes:
    """One to six mutations of ``data``; ``words`` are of its format."""
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        data = rng.choice(_MUTATIONS)(rng, data, words)[:LONGEST]
    return data


def _span(rng: random.Random, data: bytes) -> tuple[int, int]:
    first = rng.randint(0, len(data))
    return first, min(len(data), first + rng.choice((1, 4, 20, 200)))


def _flip(rng: random.Random, data: bytes, words: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def _drop(rng: random.Random, data: bytes, words: Sequence[bytes]) -> bytes:
    first, last = _span(rng, data)
    return data[:first] + data[last:]


def _double(rng: random.Random, data: bytes, words: Sequence[bytes]) -> bytes:
    first, last = _span(rng, data)
    return data[:first] + data[first:last] * rng.choice((2, 3, 50)) + data[last:]


def _insert(rng: random.Random, data: bytes, words: Sequence[bytes]) -> bytes:
    at = rng.randint(0, len(data))
    return data[:at] + rng.choice((*_BYTES, *words, *words)) + data[at:]


def _number(rng: random.Random, data: bytes, words: Sequence[bytes]) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    chosen = rng.choice(found)
    return data[: chosen.start()] + rng.choice(_NUMBERS) + data[chosen.end() :]


def _value(rng: random.Random, data: bytes, words: Sequence[bytes]) -> bytes:
    """Put another quoted value, or an odd one, in the place of one: the text stays well-formed."""
    found = list(_QUOTED.finditer(data))
    if not found:
        return data
    chosen = rng.choice(found)
    other = rng.choice((rng.choice(found)[1], rng.choice(_NUMBERS), rng.choice(_VALUES)))
    return data[: chosen.start(1)] + other + data[chosen.end(1) :]


def _tag(rng: random.Random, data: bytes, words: Sequence[bytes]) -> bytes:
    """Double, drop or move an element without content."""
    found = list(_ELEMENT.finditer(data))
    if not found:
        return data
    chosen, before = rng.choice(found), rng.choice(found).start()
    copies = chosen[0] * rng.choice((0, 1, 2, 40))
    return data[:before] + copies + data[before:]


def _attribute(rng: random.Random, data: bytes, words: Sequence[bytes]) -> bytes:
    """Drop one."""
    found = list(_ATTRIBUTE.finditer(data))
    if not found:
        return data
    chosen = rng.choice(found)
    return data[: chosen.start()] + data[chosen.end() :]


def _cut(rng: random.Random, data: bytes, words: Sequence[bytes]) -> bytes:
    return data[: rng.randint(0, len(data))]


def _line(rng: random.Random, data: bytes, words: Sequence[bytes]) -> bytes:
    """Drop, double or move a line."""
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    line = lines.pop(at)
    for _ in range(rng.choice((0, 1, 2, 100))):
        lines.insert(rng.randint(0, len(lines)), line)
    return b"\n".join(lines)


def _swap(rng: random.Random, data: bytes, words: Sequence[bytes]) -> bytes:
    first, middle = sorted((_span(rng, data), _span(rng, data)))
    if first[1] > middle[0]:
        return data
    return (
        data[: first[0]] + data[middle[0] : middle[1]] + data[first[1] : middle[0]]
        + data[first[0] : first[1]] + data[middle[1] :]
    )  # fmt: skip


_MUTATIONS: tuple[Mutation, ...] = (
    _flip, _drop, _double, _insert, _cut, _line, _swap,
    _number, _number, _number, _value, _value, _value, _tag, _attribute, _attribute,
)  # fmt: skip
