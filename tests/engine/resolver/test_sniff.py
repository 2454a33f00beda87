"""The type by the first bytes, found at once whatever they are."""

from __future__ import annotations

import subprocess
import sys

import pytest

from downloads.engine.resolver import sniff
from downloads.engine.resolver.sniff import Text

COMMENTS = (
    b"<!---->" * 290,
    b"<!-- -->" * 255,
    b"<!--" * 510,
    b"<!--" + b"a" * 900 + b"<!---->" * 150,
    b"<?xml ?>" * 250,
)


@pytest.mark.parametrize("lead", COMMENTS, ids=range(len(COMMENTS)))
def test_a_row_of_comments_holds_nothing_up(lead: bytes) -> None:
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
        b"<!-- > <MPD -- - -->\n", b"<!-- " + b"a" * 5000 + b"-->", b"<!DOCTYPE MPD SYSTEM 'a'>",
        b'<?xml-stylesheet type="text/xsl" href="m.xsl"?>\n',
    ],
)  # fmt: skip
def test_what_may_stand_before(lead: bytes) -> None:
    assert sniff.is_dash("", lead + b'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">')
    assert sniff.is_dash("", lead + b"<x:MPD ")
    assert sniff.is_list(lead + b"<smil>")
    assert sniff.is_page("", lead + b"<!DOCTYPE html>")
    assert sniff.is_page("", lead + b"<html>")
    assert not sniff.is_page("", lead + b"<svg>")


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-be", "utf-16-le", "utf-8-sig"])
def test_text_in_other_codings(coding: str) -> None:
    assert sniff.text_of("<!doctype html><html>".encode(coding)) is Text.PAGE
    assert sniff.is_dash("", '<MPD type="static">'.encode(coding))


@pytest.mark.parametrize(
    ("head", "undecided"),
    [
        (b" \n" * 1024, True),
        (b"<!--" + b"a" * 2000, True),
        (b"<?xml version='1.0'?><!-- a -->", True),
        (b"<!-- a --><html>", False),
        (b"a" * 2048, False),
        (bytes(2048), False),
    ],
)
def test_where_more_has_to_be_read(head: bytes, undecided: bool) -> None:
    assert sniff.is_undecided(head) is undecided


def test_a_long_prolog_takes_no_time() -> None:
    """64 KiB of it, in a process of its own."""
    program = (
        "import sys; from downloads.engine.resolver import sniff;"
        "sniff.text_of(b'<!---->' * 9000); sniff.is_undecided(b'<?' * 30000);"
        "sniff.text_of(b'{\"' + b'a' * 60000); sniff.text_of(b'<!--->' * 9000)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=30).returncode == 0


def test_what_is_in_a_comment_is_not_there() -> None:
    assert not sniff.is_list(b"<!-- <MPD > --><p>")
    assert not sniff.is_page("", b"<!-- <html> -->")
