"""Send one request to a platform, within a deadline for the whole exchange, and read an answer of bounded size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import h11

from lostpost.connectors.exchange import AnswerTooLong, HttpRequest, exchange
from lostpost.connectors.remote_apis.problems import AnswerUnusable, RemoteUnreachable
from lostpost.connectors.webhooks.address import AddressRefused, reachable

REQUEST_SECONDS = 30.0  # From the connection to the last byte of the answer.
PLATFORM_ANSWER_BYTES_MAX = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PlatformAnswer:
    """An answer as it came; names of headers in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def content(self) -> Any:
        """Read the body as JSON, amounts exactly as written. Raises: AnswerUnusable if it is none."""
        try:
            return json.loads(self.body or b"{}", parse_float=Decimal)
        except (ValueError, RecursionError) as wrong:
            raise AnswerUnusable(f"HTTP {self.status} without JSON") from wrong

    def seconds(self, name: str) -> float | None:
        """Return a header that is a number of seconds, none if it is absent or something else."""
        value = self.headers.get(name, "").strip()
        try:
            seconds = float(value)
        except ValueError:
            return None
        return seconds if 0 <= seconds < 10**6 else None


def send_request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    seconds: float = REQUEST_SECONDS,
    anywhere: bool,
) -> PlatformAnswer:
    """Send a request and return the answer once it is complete; no redirect is followed.

    Args: `anywhere`: the operator named the address, so that it may lead into a private network. What a shop named is
    checked as webhooks are, at each request.
    Raises: RemoteUnreachable, AnswerUnusable.
    """
    parts = urlsplit(url)
    names = {"User-Agent": "Lostpost", "Accept-Encoding": "identity"}
    request = HttpRequest(parts, method, {**names, **headers}, body)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address, port = (parts.hostname or "", port) if anywhere else reachable(parts)
        answer = exchange(request, address=address, port=port, seconds=seconds, bytes_max=PLATFORM_ANSWER_BYTES_MAX)
    except AddressRefused as refusal:
        raise RemoteUnreachable(str(refusal)) from refusal
    except AnswerTooLong as long:
        raise AnswerUnusable(f"an answer of more than {PLATFORM_ANSWER_BYTES_MAX // 2**20} MiB") from long
    except (OSError, UnicodeError, h11.ProtocolError) as error:
        raise RemoteUnreachable(f"{type(error).__name__}: {error}"[:200]) from error
    return PlatformAnswer(answer.status, answer.headers, answer.body)
