"""The page's sums over a group read as what the server says."""

from __future__ import annotations

from downloads.engine.core import humanize
from tests.browser.live.conftest import Open
from tests.browser.live.dashboard import DashboardUser

SPEEDS = [0, 1, 600, 999, 1000, 1500, 999_400, 999_600, 48_000_000, 48_230_000, 999_999_999]
SPEEDS += [5_910_000_000, 2_000_000_000_000]
WAITS = [0.2, 1, 59, 59.6, 60, 90, 150, 352, 3599, 3600, 7500, 36_000, 86_400, 3 * 86_400]
AMOUNTS = [(0, 600), (1_550_000_000, 5_910_000_000), (0, 48_000_000)]

ASK = """async ([speeds, waits, amounts, units]) => {
    const words = await import("/static/js/words.js");
    return [
        speeds.map((speed) => words.speedInWords(speed, units)),
        waits.map(words.waitInWords),
        amounts.map(([done, total]) => words.amountInWords(done, total, false, units)),
        words.amountInWords(1000, 2000, true, units),
    ];
}"""


def test_the_words_are_the_servers(dashboard: Open, alice: DashboardUser) -> None:
    asked = [SPEEDS, WAITS, AMOUNTS, humanize.UNITS]
    speeds, waits, amounts, estimate = dashboard(alice).page.evaluate(ASK, asked)

    assert speeds == [humanize.speed_in_words(speed) for speed in SPEEDS]
    assert waits == [humanize.wait_in_words(wait) for wait in WAITS]
    assert amounts == [humanize.amount_in_words(*amount) for amount in AMOUNTS]
    assert estimate == "1 of about 2 kB"
