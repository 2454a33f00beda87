from __future__ import annotations

import pytest

from config.server.supervisor import procfile
from config.start_error import StartError
from tests.support.shell import ROOT


def test_ours_names_what_the_contract_says() -> None:
    commands = procfile.parse((ROOT / "Procfile").read_text())
    assert list(commands) == ["release", "web", "worker", "scheduler"]
    assert commands["worker"] == "celery -A config worker"
    assert commands["scheduler"] == "python manage.py scheduler"


def test_comments_and_empty_lines_are_left_out() -> None:
    assert procfile.parse("# all\n\nweb: daphne -p 1 a:b\n") == {"web": "daphne -p 1 a:b"}


@pytest.mark.parametrize("text", ["web", "web:", ": x", "we b: x", "web: a\nweb: b"])
def test_a_wrong_line_is_named(text: str) -> None:
    with pytest.raises(StartError, match=r"Procfile, line \d: "):
        procfile.parse(text)
