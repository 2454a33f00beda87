"""What the first bytes are, told in no time whatever they are."""

from __future__ import annotations

import subprocess
import sys

import pytest

from downloads.engine.resolver import sniff

COMMENTS = (
    b"<!---->" * 290,
    b"<!-- -->" * 255,
    b"<!--" * 510,
    b"<!--" + b"a" * 900 + b"<!---->" * 150,
    b"<?xml ?>" * 250,
)


@pytest.mark.parametrize("lead", COMMENTS, ids=range(len(COMMENTS)))
def test_a_row_of_comments_keeps_nobody(lead: bytes) -> None:
    """In a process of its own: a pattern that goes on for ever holds everything in this one."""
    program = (
        "import sys; from downloads.engine.resolver import sniff;"
        "head = sys.stdin.buffer.read(2048);"
        "sys.exit(sniff.is_list(head) or sniff.is_page('', head))"
    )
    done = subprocess.run([sys.executable, "-c", program], input=lead + b"x", timeout=30)
    assert done.returncode == 0


@pytest.mark.parametrize(
    "lead",
    [
        b"", b"\xef\xbb\xbf", b" \r\n\t", b'<?xml version="1.0" encoding="UTF-8"?>\n',
        b"<!-- a -->", b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a -->\n<!--b--><!----> ',
        b"<!-- > <MPD -- - -->\n",
    ],
)  # fmt: skip
def test_what_may_stand_before(lead: bytes) -> None:
    assert sniff.is_dash("", lead + b'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">')
    assert sniff.is_dash("", lead + b"<x:MPD ")
    assert sniff.is_list(lead + b"<smil>")
    assert sniff.is_page("", lead + b"<!DOCTYPE html>")
    assert sniff.is_page("", lead + b"<html>")
    assert not sniff.is_page("", lead + b"<svg>")


def test_what_is_in_a_comment_is_not_there() -> None:
    assert not sniff.is_list(b"<!-- <MPD > --><p>")
    assert not sniff.is_page("", b"<!-- <html> -->")
