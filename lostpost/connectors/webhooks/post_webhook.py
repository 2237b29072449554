"""Send one POST to a checked address, with a deadline for the whole exchange, and read its answer to the end."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult

from lostpost.connectors.exchange import HttpRequest, exchange
from lostpost.connectors.webhooks.address import reachable

DEADLINE_SECONDS = 15.0  # Up to the last byte of the answer.
ANSWER_BYTES_MAX = 64 * 1024  # It is not used; more is a page for people, or an attack.


def post_webhook(parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a body; return the status of the answer once it is complete. No redirect is followed.

    Raises: AddressRefused if the name resolves to a private address by now; OSError, TimeoutError among them;
    h11.ProtocolError if the answer is not HTTP or is cut off; AnswerTooLong.
    """
    address, port = reachable(parts)  # Which is not looked up again.
    request = HttpRequest(parts, "POST", headers, body)
    answer = exchange(request, address=address, port=port, seconds=DEADLINE_SECONDS, bytes_max=ANSWER_BYTES_MAX)
    return answer.status
