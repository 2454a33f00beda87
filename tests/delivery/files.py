"""Completed downloads with real files, and a client that reads the answers whole."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import AsyncClient

from downloads.models import Download, Rendition
from tests.support.ledger import again, ask, claim_by, person, stored, worker

BYTES = bytes(range(256)) * 4  # 1024 of them, each place with its own value nearby


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def completed(content: bytes = BYTES, *, name: str = "A film.mp4", sha256: bool = True) -> Any:
    """Alice's completed download of a file with this content, under this name."""
    download = ask(person("alice"))
    rendition = stored(claim_by(worker()), size=len(content))
    storages["media"].delete(name)  # of an earlier test, where the bucket is shared
    storages["media"].save(name, ContentFile(content))
    Rendition.objects.filter(pk=rendition.pk).update(
        storage_name=name, sha256=hashlib.sha256(content).hexdigest() if sha256 else ""
    )
    return again(download)


def fetch(path: str, method: str = "GET", **headers: str) -> Answer:
    """Headers by their names, with underscores: ``If_Range="..."``."""

    async def run() -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = await AsyncClient().generic(method, path, headers=named)
        if response.streaming:
            body = b"".join([part async for part in response.streaming_content])
        else:
            body = response.content
        return Answer(response.status_code, response.headers, body)

    return async_to_sync(run)()


def fetch_file(download: Download, method: str = "GET", query: str = "", **headers: str) -> Answer:
    return fetch(f"/file/{download.pk}{query}", method, **headers)
