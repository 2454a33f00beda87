"""The errors of sockets and TLS, mapped to this project's own."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from downloads.engine.core.errors import NetworkError


class HungUp(NetworkError):
    """The source closed the connection instead of answering."""


class InsecureConnection(NetworkError):
    """The source answered, but TLS with it failed."""


@contextmanager
def source_faults() -> Iterator[None]:
    """Turn errors of sockets and TLS into NetworkError."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise InsecureConnection(
            f"certificate: {error.verify_message}",
            message="The site's security certificate is not valid, so Ferry does not trust it. "
            "Check the link, or tell the site's owner.",
        ) from None
    except ssl.SSLError as error:
        raise InsecureConnection(
            f"TLS: {getattr(error, 'reason', None) or error}",
            message="No secure connection to the site could be made. "
            "Check the link, or retry later.",
        ) from None
    except TimeoutError:
        raise NetworkError(
            "timed out", message="The site took too long to answer. Retry later."
        ) from None
    except ConnectionResetError as error:
        raise HungUp(f"{type(error).__name__}: {error.strerror or ''}") from None
    except OSError as error:
        raise NetworkError(f"{type(error).__name__}: {error.strerror or ''}") from None
