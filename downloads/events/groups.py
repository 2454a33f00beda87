"""Channel groups: one for each user. Channels' names take no colon."""

from __future__ import annotations


def user_group(user_id: int) -> str:
    return f"user.{user_id}"
