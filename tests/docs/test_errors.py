"""The page of errors has each code, once, under what its errors are."""

from __future__ import annotations

import re

from downloads.engine.core.errors import ERRORS_BY_CODE
from tests.support.shell import ROOT


def test_each_code_stands_in_its_table() -> None:
    page = (ROOT / "docs" / "errors.md").read_text()
    permanent, transient = page.split("## Tried again by itself")
    for part, is_permanent in ((permanent, True), (transient, False)):
        told = re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)
        codes = [c for c, error in ERRORS_BY_CODE.items() if error.permanent is is_permanent]
        assert sorted(told) == sorted(codes)
