"""The glossary names what there is, and each word once."""

from __future__ import annotations

import pytest

from tests.docs.names import IN_FILE, is_in, section, table
from tests.support.shell import ROOT

TEXT = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
WORDS = ("What people see", "The queue", "Fetching", "Telling", "In logs")
ROWS = [row for name in WORDS for row in table(section(TEXT, name))]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_each_name_is_in_its_file(row: list[str]) -> None:
    _, _, where = row
    named = IN_FILE.findall(where)
    assert IN_FILE.sub("", where).strip(" ,") == "", "write: `name` in `file`"
    assert named
    assert [pair for pair in named if not is_in(*pair)] == []


def test_each_word_has_one_row() -> None:
    words = [word for row in ROWS for word in row[0].split(", ")]
    assert len(words) > 70
    assert sorted(words) == sorted(set(words))
