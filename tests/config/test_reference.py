"""The reference is what the table of variables says."""

from __future__ import annotations

import pytest

from config import reference
from config.variables import SECTIONS, Environment, VariableSection
from tests.support.shell import ROOT

COMMAND = "run `make docs`, and commit what it wrote"


def test_the_reference_is_what_the_table_says() -> None:
    written = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert written == reference.page(), COMMAND


def test_the_example_file_is_what_the_table_says() -> None:
    written = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert written == reference.example(), COMMAND


def test_every_section_of_the_environment_is_in_the_reference() -> None:
    bases = [base for base in Environment.__mro__ if issubclass(base, VariableSection)]
    assert set(SECTIONS) == set(bases) - {Environment, VariableSection}


@pytest.mark.parametrize("section", SECTIONS)
def test_no_name_is_written_twice_and_every_row_has_a_meaning(
    section: type[VariableSection],
) -> None:
    others = {row.name for other in SECTIONS if other is not section for row in other.variables()}
    for row in section.variables():
        assert row.name not in others
        assert row.meaning.endswith(".")
