"""The environment, read once for all settings modules."""

from __future__ import annotations

from config import env

ENVIRONMENT = env.load()
