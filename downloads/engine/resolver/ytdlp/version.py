"""The version of yt-dlp that this host uses."""

from __future__ import annotations

from downloads.engine.resolver.ytdlp.config import configured
from downloads.engine.resolver.ytdlp.releases.store import ReleaseStore, installed_version

_store: ReleaseStore | None = None


def version_in_use() -> str:
    """Return the version. Cheap: the record is read again only if it was replaced."""
    global _store
    folder = configured().releases
    if folder is None:
        return installed_version()
    if _store is None or _store.folder != folder:
        _store = ReleaseStore(folder)
    return _store.version
