"""Whatever a title holds, the name is one that every file system takes."""

from __future__ import annotations

import unicodedata
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.engine.core.storage_names import (
    NAMELESS,
    PART_LIMIT,
    check_template,
    safe_ext,
    safe_part,
    storage_name,
)

DEFAULT = "{title} [{quality}] {id8}.{ext}"
ID = uuid.UUID("0123456789abcdef0123456789abcdef")
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from('./\\:*?"<>| \t\r\n\x00\x7f\u202e\u2066\u200f\ufeff\u0301\U0001f469\u200d'),
    ),
    max_size=300,
)
FORBIDDEN = set('/\\:*?"<>|\r\n\t\x00\x7f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069')


def name(title: str, template: str = DEFAULT, quality: str = "720p", ext: str = "mp4") -> str:
    return storage_name(template, title=title, quality=quality, id=ID, ext=ext)


def assert_safe(part: str) -> None:
    assert part
    assert len(part.encode()) <= PART_LIMIT
    assert not FORBIDDEN & set(part)
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in part)
    assert not part.startswith((".", " "))
    assert not part.endswith((".", " "))
    assert unicodedata.is_normalized("NFC", part)


@given(HOSTILE)
def test_any_text_becomes_a_safe_part(text: str) -> None:
    assert_safe(safe_part(text))


@given(HOSTILE)
def test_a_safe_part_stays_as_it_is(text: str) -> None:
    assert safe_part(safe_part(text)) == safe_part(text)


@given(HOSTILE, HOSTILE, st.text(max_size=20))
def test_any_title_fills_any_template(title: str, quality: str, ext: str) -> None:
    template = "{title}/by {title} {quality}/{title} [{quality}] {id8}.{ext}"
    parts = name(title, template, quality[:50], ext).split("/")
    assert len(parts) == 3
    for part in parts:
        assert_safe(part)
    assert parts[-1].endswith(f"01234567.{safe_ext(ext)}")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("A film", "A film [720p] 01234567.mp4"),
        ("", "download [720p] 01234567.mp4"),
        ("../../etc/passwd", "etc passwd [720p] 01234567.mp4"),
        ("AC/DC: Live?", "AC DC Live [720p] 01234567.mp4"),
        ("evil\u202e4pm.exe", "evil4pm.exe [720p] 01234567.mp4"),
        ("a\r\nSet-Cookie: b", "a Set-Cookie b [720p] 01234567.mp4"),
        ("e\u0301te\u0301", "\u00e9t\u00e9 [720p] 01234567.mp4"),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469 [720p] 01234567.mp4"),
        ("{title} {0} {id8.__class__}", "{title} {0} {id8.__class__} [720p] 01234567.mp4"),
    ],
)
def test_names_that_a_person_would_expect(title: str, expected: str) -> None:
    assert name(title) == expected


@pytest.mark.parametrize(
    "title", ["x" * 1000, "\u00e9" * 1000, "\U0001f600" * 1000, "a\u0323" * 999]
)
def test_a_long_title_is_cut_and_nothing_else(title: str) -> None:
    made = name(title)
    assert PART_LIMIT - 8 <= len(made.encode()) <= PART_LIMIT
    assert made.endswith(" [720p] 01234567.mp4")
    assert unicodedata.normalize("NFC", title).startswith(made.removesuffix(" [720p] 01234567.mp4"))


def test_a_cut_leaves_no_letter_without_its_marks() -> None:
    letter = "x\u0323\u0302"
    made = name(letter * 200).removesuffix(" [720p] 01234567.mp4")
    assert made == letter * (len(made) // 3)


@pytest.mark.parametrize("title", ["con", "NUL", "Com1", "lpt\u00b9", "aux.tar", "CONOUT$"])
def test_what_windows_reserves_is_marked(title: str) -> None:
    assert name(title, "{title}/{id8}.{ext}") == f"_{title}/01234567.mp4"


@pytest.mark.parametrize("title", ["console", "nully", "com10", "lpt"])
def test_what_windows_lets_pass_stays(title: str) -> None:
    assert name(title, "{title}/{id8}.{ext}") == f"{title}/01234567.mp4"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{title}.{ext}", "A film 01234567.mp4"),
        ("{title}", "A film 01234567"),
        ("{quality}/{title}.{ext}", "720p/A film 01234567.mp4"),
        ("{id8}.{ext}", "01234567.mp4"),
        (".hidden/{id8}.{ext}", "hidden/01234567.mp4"),
    ],
)
def test_the_id_is_in_every_name(template: str, expected: str) -> None:
    assert name("A film", template) == expected


@pytest.mark.parametrize(
    "template",
    [
        "",
        "fixed.mp4",
        "{titel}.{ext}",
        "{title.__class__}",
        "{title!r}",
        "{title:>1000000000}",
        "{}",
        "{0}",
        "{title",
        "/{title}",
        "../{title}",
        "a/../{title}",
        "a//{title}",
        "{title}/",
        "a/b/c/d/e/{title}",
    ],
)
def test_a_wrong_template_is_refused_with_a_sentence(template: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|has) .+"):
        check_template(template)


@pytest.mark.parametrize(
    ("ext", "expected"),
    [
        ("MP4", "mp4"),
        (".webm", "webm"),
        ("", "bin"),
        ("tar.gz", "tar.gz"),
        ("x.gz", "bin"),
        ("a/b", "bin"),
        ("\u00e9", "bin"),
    ],
)
def test_an_extension_is_plain_or_bin(ext: str, expected: str) -> None:
    assert safe_ext(ext) == expected


def test_nothing_left_is_a_download() -> None:
    assert safe_part(" ...\u202e/ ") == NAMELESS
