"""The packages of yt-dlp's extra "default", which pyproject.toml names one by one."""

from __future__ import annotations

from importlib import metadata

from packaging.requirements import Requirement


def test_all_of_them_are_installed_in_the_version_that_is_asked_for() -> None:
    asked = [Requirement(line) for line in metadata.requires("yt-dlp") or ()]
    of_default = [
        each for each in asked if each.marker and each.marker.evaluate({"extra": "default"})
    ]
    assert len(of_default) >= 6
    for requirement in of_default:
        if requirement.name != "certifi":  # any will do: the egress proxy checks certificates
            assert metadata.version(requirement.name) in requirement.specifier, requirement
