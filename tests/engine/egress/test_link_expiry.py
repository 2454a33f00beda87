"""The end of a signed link is read from its signature."""

from __future__ import annotations

import base64

import pytest

from downloads.engine.egress.link_expiry import expiry, has_expired

MOMENT = 1_700_000_000
POLICY = b'{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":1700000000}}}]}'
CLOUDFRONT = base64.b64encode(POLICY).decode().translate(str.maketrans("+=/", "-_~"))
JWT = base64.urlsafe_b64encode(b'{"exp":1700000000,"x":"?>"}').decode().rstrip("=")


@pytest.mark.parametrize(
    "url",
    [
        "https://b.s3.amazonaws.com/k?X-Amz-Date=20231114T221320Z&X-Amz-Expires=0&X-Amz-Signature=a",
        "https://b.s3.amazonaws.com/k?X-Amz-Signature=a&X-Amz-Expires=3600&X-Amz-Date=20231114T211320Z",
        "https://storage.googleapis.com/b/o?X-Goog-Date=20231114T221310Z&X-Goog-Expires=10",
        "https://b.s3.amazonaws.com/k?AWSAccessKeyId=A&Expires=1700000000&Signature=b",
        "https://d.cloudfront.net/f?Policy=" + CLOUDFRONT + "&Signature=x&Key-Pair-Id=K",
        "https://a.example/f?hdnts=st=1699990000~exp=1700000000~acl=/*~hmac=ab",
        "https://a.example/f?hdnea=exp=1700000000~acl=%2f*~hmac=ab",
        "https://a.example/exp=1700000000~acl=%2F*~hmac=ab/f.m3u8",
        "https://a.example/expire/1700000000/sig/x/f",
        "https://a.blob.core.windows.net/c/f?sv=2020&se=2023-11-14T22%3A13%3A20Z&sig=x",
        "https://a.example/f?token=eyJhbGciOiJIUzI1NiJ9." + JWT + ".x-_y",
        "https://a.example/f?verify=1700000000-abcDEF%2B",
        "https://a.example/f?auth_key=1700000000-0-0-abcdef",
        "https://a.example/f?expires=1700000000000&md5=x",
    ],
)
def test_a_signature_tells_its_end(url: str) -> None:
    assert expiry(url) == MOMENT
    assert has_expired(url, now=MOMENT + 1)
    assert not has_expired(url, now=MOMENT - 1)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/f",
        "https://a.example/f?expires=never&e=7",
        "https://a.example/f?Expires=12",
        "https://a.example/f?token=eyJ.eyJ.x&Policy=eyJ",
        "https://a.example/f?X-Amz-Date=now&X-Amz-Expires=60",
        "https://a.example/1700000000/f",
    ],
)
def test_others_tell_none(url: str) -> None:
    assert expiry(url) is None
