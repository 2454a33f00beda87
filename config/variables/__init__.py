"""The table of the environment's variables, each written once.

variable    one row: type, default, meaning
web, stores, s3, fetching    the rows by theme
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.variables.fetching import ExtractorVariables, FetchVariables, LimitVariables
from config.variables.s3 import S3Variables
from config.variables.stores import StorageVariables, StoreVariables
from config.variables.variable import Variable, VariableSection
from config.variables.web import FirstAdminVariables, WebVariables

__all__ = ["SECTIONS", "Environment", "Variable", "VariableSection"]

SECTIONS: tuple[type[VariableSection], ...] = (
    WebVariables,
    StoreVariables,
    StorageVariables,
    S3Variables,
    FetchVariables,
    ExtractorVariables,
    LimitVariables,
    FirstAdminVariables,
)


class Environment(
    WebVariables,
    StoreVariables,
    StorageVariables,
    S3Variables,
    FetchVariables,
    ExtractorVariables,
    LimitVariables,
    FirstAdminVariables,
):
    """The values of all variables.

    Sizes are in bytes, rates in bytes per second, times in seconds; None: no limit.
    """

    def __init__(self, values: Mapping[str, Any], *, redis_embedded: bool) -> None:
        """``redis_embedded``: REDIS_URL is not set, so that `up` runs a Redis of its own."""
        self.values = values
        self.redis_embedded = redis_embedded
