"""An incoming request: refused as soon as its header exceeds a limit, and not read any further."""

from __future__ import annotations

import time
from typing import Any

from waitress.parser import HTTPRequestParser

from lostpost.web.body_limits import body_limit


class Request(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types.
    """waitress's parser, with times and a limit for the body. `refusal`: why the application does not get it."""

    refusal = ""
    unread = False  # Whether the rest may still be on its way, so that no other request can follow.
    header_at = 0.0  # When the header was complete; 0 before.

    def __init__(self, adjustments: Any) -> None:
        super().__init__(adjustments)
        self.begun_at = time.monotonic()

    def received(self, data: bytes) -> int:
        """Parse received data; return how much of it belongs to this request."""
        count: int = super().received(data)
        if self.headers_finished and not self.header_at:
            self.header_at = time.monotonic()
        if not self.headers_finished or self.empty:
            return count
        if not self.error and max(self.content_length, self.body_bytes_received) > body_limit(self.path):
            self.refuse_unread("body-too-large")
        if self.error or self.refusal:
            self.expect_continue = False  # The client should not send what is not read.
            self.unread = True
            return len(data)  # What follows is a body, not another request.
        return count

    def refuse(self, reason: str) -> None:
        """Let the program answer with a refusal, without the body."""
        self.refusal = reason

    def refuse_unread(self, reason: str) -> None:
        """Refuse while the request still comes."""
        self.refuse(reason)
        self.unread = self.completed = True
