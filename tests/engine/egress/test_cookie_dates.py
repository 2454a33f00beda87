"""Dates as cookies carry them (RFC 6265bis, section 5.1.1)."""

from __future__ import annotations

import pytest

from downloads.engine.egress.cookie_dates import parse_cookie_date

MOMENT = 1_445_412_480  # 2015-10-21 07:28:00 UTC


@pytest.mark.parametrize(
    "text",
    [
        "Wed, 21 Oct 2015 07:28:00 GMT",
        "Wednesday, 21-Oct-15 07:28:00 GMT",
        "Wed Oct 21 07:28:00 2015",
        "21 oct 2015 7:28:0",
        "2015 OCTOBER 21x 07:28:00.123 +0200",
        "Wed, 21-Oct-2015 07:28:00 PST",
        "07:28:00 21 Oct 15",
        '"Wed, 21 Oct 2015 07:28:00 GMT"',
        "Mit, 21\tOct\t2015\t07:28:00",
    ],
)
def test_one_moment(text: str) -> None:
    assert parse_cookie_date(text) == MOMENT


@pytest.mark.parametrize(("year", "full"), [("69", 2069), ("70", 1970), ("99", 1999), ("00", 2000)])
def test_years_of_two_digits(year: str, full: int) -> None:
    short = parse_cookie_date(f"1 Jan {year} 00:00:00")
    assert short is not None
    assert short == parse_cookie_date(f"1 Jan {full} 00:00:00")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "Wed, 21 Oct 2015",
        "21 Oct 07:28:00",
        "Oct 2015 07:28:00",
        "21 Okt 2015 07:28:00",
        "32 Oct 2015 07:28:00",
        "30 Feb 2015 07:28:00",
        "21 Oct 1600 07:28:00",
        "21 Oct 2015 24:28:00",
        "21 Oct 2015 07:60:00",
        "21 Oct 2015 07:28:60",
        "21 Oct 2015 07:28",
        "2015-10-21T07:28:00Z",
        "1445412480",
        "21 Oct ٢٠١٥ 07:28:00",
    ],
)
def test_no_date(text: str) -> None:
    assert parse_cookie_date(text) is None
