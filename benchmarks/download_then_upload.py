"""The naive way without Ferry: requests into a file, then boto3's ``upload_file``.

python -m benchmarks.download_then_upload URL BUCKET KEY FILE
"""

from __future__ import annotations

import sys
from pathlib import Path

import boto3
import requests


def main() -> None:
    url, bucket, key, path = sys.argv[1:]
    with requests.get(url, stream=True, timeout=60) as response, Path(path).open("wb") as file:
        response.raise_for_status()
        file.writelines(response.iter_content(1024 * 1024))
    boto3.client("s3").upload_file(path, bucket, key)
    Path(path).unlink()


if __name__ == "__main__":
    main()
