"""The documents on commands, the API, events, codes and the modules for pages."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from django.core.checks.registry import registry

from downloads.engine.core import errors
from downloads.schemas.messages import EventName
from downloads.schemas.webhooks import WEBHOOK_EVENTS
from downloads.webhooks.schedule import WAITS
from tests.docs.names import section, table
from tests.support.shell import ROOT

CODE = re.compile(r"`([^`\n]+)`")


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def scripts(pattern: str) -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "static" / "js").glob(pattern))
    )


@pytest.mark.parametrize("row", table(section(page("README.md"), "Commands")), ids=lambda r: r[0])
def test_each_option_of_a_command_is_taken(row: list[str]) -> None:
    command = row[0].replace("\\|", " ")
    flags = set(re.findall(r"(?<![\w-])-{1,2}[a-z][a-z-]*", command)) - {"-m", "--deploy"}
    files = [
        *(ROOT / "downloads" / "management" / "commands").glob("*.py"),
        *(ROOT / "downloads" / "cli").glob("*.py"),
        ROOT / "downloads" / "engine" / "__main__.py",
    ]
    taken = "".join(path.read_text(encoding="utf-8") for path in files)
    assert [flag for flag in flags if f'"{flag}"' not in taken] == []


def test_each_error_code_has_a_row() -> None:
    rows = table(section(page("docs/reporting.md"), "Codes"))
    told = [code for row in rows for code in CODE.findall(row[0])]
    assert sorted(told) == sorted(errors.ERRORS_BY_CODE)


def test_each_check_has_a_row() -> None:
    told = {
        CODE.findall(row[0])[0]
        for row in table(section(page("docs/operators.md"), "System checks"))
    }
    ours = [check for check in registry.get_checks(True) if check.__module__ == "downloads.checks"]
    known = {re.findall(r"ferry\.[EW]\d+", check.__doc__ or "")[0] for check in ours}
    assert told == known


def test_webhooks_are_as_the_page_says() -> None:
    text = section(page("docs/api.md"), "Webhooks")
    told = re.findall(r"`((?:download|content):[a-z]+)`", text)
    assert [name for name in told if name in WEBHOOK_EVENTS] == list(WEBHOOK_EVENTS)
    waits = re.search(r"sent again after (.*?), or later", page("docs/api.md"), re.DOTALL)
    assert waits
    unit = {"s": 1, "min": 60, "h": 3600}
    pairs = re.findall(r"(\d+) (s|min|h)\b", waits[1])
    assert [int(count) * unit[name] for count, name in pairs] == list(WAITS)


def test_each_event_of_the_client_is_sent() -> None:
    text = section(page("docs/client.md"), "Events")
    listed = re.findall(r"`(?:download)?(:[a-z]+)`", text)
    assert {f"download{name}" for name in listed} | {"content:resolved", "content:failed"} == set(
        get_args(EventName)
    )


def test_each_call_of_the_client_is_there() -> None:
    rows = table(section(page("docs/client.md"), "Calls"))
    named = [name for row in rows for name in re.findall(r"`([a-zA-Z]+)\(", row[0])]
    methods = re.findall(r"^  (?:async )?([a-zA-Z]+)\(", scripts("client.js"), re.MULTILINE)
    assert sorted(named) == sorted({*methods} - {"constructor", "if", "for"})


def test_the_element_is_as_its_page_says() -> None:
    text, script = page("docs/component.md"), scripts("**/*.js")
    attributes = [CODE.findall(row[0])[0] for row in table(section(text, "Attributes"))]
    (observed,) = re.findall(r"observedAttributes = \[(.*?)\]", script)
    assert attributes == re.findall(r'"([a-z-]+)"', observed)
    events = [CODE.findall(row[0])[0] for row in table(section(text, "Events"))]
    assert sorted(events) == sorted(set(re.findall(r'#tell\("(download-[a-z]+)"', script)))
    properties = set(re.findall(r"`(--ferry-[a-z-]+)`", section(text, "Looks")))
    assert properties == set(re.findall(r"--ferry-[a-z]+(?:-[a-z]+)*", script))
    (parts,) = re.findall(r"Parts for `::part\(\)`: (.*?), and `button-", text, re.DOTALL)
    named = set(CODE.findall(parts)) - {"button"}
    assert named == set(re.findall(r'part="([a-z-]+)"', script))
