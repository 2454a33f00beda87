from __future__ import annotations


class BackupError(Exception):
    """A backup cannot be made or restored. The text tells an operator why, and the fix."""
