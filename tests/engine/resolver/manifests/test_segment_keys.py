"""Keys and vectors from the tags of a media playlist (RFC 8216, 4.3.2.4)."""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import Protected
from tests.engine.resolver.manifests.served import Loader
from tests.support.streaming.origin import StreamingOrigin

A, B, C = "#EXTINF:2,\na.ts", "#EXTINF:2,\nb.ts", "#EXTINF:2,\nc.ts"
MAP = '#EXT-X-MAP:URI="init.mp4"'


def test_one_key_in_several_formats(fragments: Loader) -> None:
    """A line replaces the one of its own KEYFORMAT; the identity one can be had."""
    fairplay = (
        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"'
    )
    own = '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x1'
    for lines in ((fairplay, own), (own, fairplay)):
        (found,) = fragments(*lines, A)
        assert found.encryption is not None
        assert found.encryption.key_url.endswith("/d/k")
    found, last = fragments(fairplay, own, A, "#EXT-X-KEY:METHOD=NONE", B)
    assert last.encryption is None
    with pytest.raises(Protected):
        fragments(own, A, "#EXT-X-KEY:METHOD=NONE", fairplay, B)


def test_a_key_for_nothing_protects_nothing(fragments: Loader) -> None:
    fairplay = (
        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"'
    )
    assert fragments(fairplay, "#EXT-X-KEY:METHOD=NONE", A, fairplay)[0].encryption is None


@pytest.mark.parametrize(
    ("iv", "right"),
    [
        ("0x1", 1), ("0X0A", 10), ('"0x1"', 1), ("0x" + "0" * 40 + "7", 7), ("0" * 31 + "9", 9),
        ("0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 2**128 - 1),
    ],
)  # fmt: skip
def test_forms_of_a_vector(iv: str, right: int, fragments: Loader) -> None:
    (found,) = fragments(f'#EXT-X-KEY:METHOD=AES-128,URI="k",IV={iv}', A)
    assert found.encryption is not None
    assert int(found.encryption.iv, 16) == right


def test_longer_keys(fragments: Loader) -> None:
    found = fragments(
        '#EXT-X-KEY:METHOD=AES-256,URI="k"', A, '#EXT-X-KEY:METHOD=aes-256-ctr,URI="k"', B
    )
    methods = [each.encryption.method for each in found if each.encryption]
    assert methods == ["AES-256", "AES-256-CTR"]


def test_keys_change_and_end(fragments: Loader, streaming: StreamingOrigin) -> None:
    found = fragments(
        A, '#EXT-X-KEY:METHOD=AES-128,URI="../k1",IV=0XAB', B, "#EXT-X-KEY:METHOD=NONE", C,
        '#EXT-X-KEY:METHOD=AES-128,URI="k2",KEYFORMAT="identity"', A,
    )  # fmt: skip
    assert found[0].encryption is found[2].encryption is None
    assert found[1].encryption is not None
    assert found[1].encryption.key_url == streaming.url("/k1")
    assert found[1].encryption.iv == f"{0xAB:032x}"
    assert found[3].encryption is not None
    assert found[3].encryption.iv == f"{3:032x}"


def test_a_map_has_the_key_that_it_stood_under(fragments: Loader) -> None:
    key = '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x1'
    before = fragments(MAP, key, A)
    assert [each.encryption is None for each in before] == [True, False]
    after = fragments(key, MAP, A)
    assert [each.encryption is None for each in after] == [False, False]
