"""Tags as browsers read them, whatever is between. Read inside the jail."""

from __future__ import annotations

from html.parser import HTMLParser


class TagReader(HTMLParser):
    """An html.parser without its assertions: in older Pythons an unknown section (``<![x[``) ends
    the program. Browsers take it for a comment (HTML, 13.2.5.42)."""

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:
            return self.parse_bogus_comment(i, report=False)
