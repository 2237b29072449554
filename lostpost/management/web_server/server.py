"""One process of the web server: its own thread reads and sends, others answer."""

from __future__ import annotations

import faulthandler
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from lostpost.management.web_server.channel import Channel
from lostpost.management.web_server.lanes import Dispatcher

CONNECTIONS_MAX = 400  # Per process; beyond, the longest idle one is closed for a new one.
GRACE_SECONDS = 20.0  # For requests that are being answered when the server stops.
LINGER_SECONDS = 2.0  # For a request that was on its way then.
LOOK_SECONDS = 1.0
HANG_SECONDS = 60.0  # A process whose main thread hangs for so long is restarted.


class Server(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types.
    """waitress's server, for one socket that several processes share."""

    channel_class = Channel

    def __init__(
        self, application: Callable[..., Any], sock: socket.socket, *, threads: int, trust_proxy: bool
    ) -> None:
        self.next_look = 0.0
        self.stopping_since = 0.0
        adjustments = Adjustments(
            sockets=[sock],
            recv_bytes=65_536,
            max_request_header_size=32_768,
            max_request_body_size=2**60,  # Each path has its own limit, which the request knows.
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=not trust_proxy,
            ident=None,
            log_socket_errors=False,
        )
        # Header and body leave together: a third less processor time. As a setting of waitress it is deprecated.
        adjustments.send_bytes = 18_000
        super().__init__(
            application,
            map={},
            _sock=sock,
            dispatcher=Dispatcher(threads=threads, trust_proxy=trust_proxy),
            adj=adjustments,
            sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
            bind_socket=False,
        )

    def run(self) -> None:
        """Serve until SIGTERM, then finish what has begun."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the supervisor, which stops all in order.
        while not self.stopped():
            if self.look_at_clock():
                faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
            wasyncore.loop(timeout=1.0, use_poll=True, map=self._map, count=1)

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Take no more connections."""
        self.stopping_since = self.stopping_since or time.monotonic()
        self.accepting = False
        self.pull_trigger()

    def stopped(self) -> bool:
        """While stopping, close idle connections; return whether none is left, or the grace is over."""
        if not self.stopping_since:
            return False
        seconds = time.monotonic() - self.stopping_since
        for channel in list(self.active_channels.values()):
            if not channel.busy and (channel.request is None or seconds > LINGER_SECONDS):
                channel.will_close = True
        return not self.active_channels or seconds > GRACE_SECONDS

    def readable(self) -> bool:
        """Return true, to accept connections always; `handle_accept` makes room for them."""
        return bool(self.accepting)

    def handle_accept(self) -> None:
        """Take a connection; where there are too many, close the one of which least is to be expected."""
        if len(self.active_channels) >= CONNECTIONS_MAX:
            idle = [channel for channel in self.active_channels.values() if not channel.busy]
            if idle:
                min(idle, key=lambda channel: float(channel.waits_since)).close_now()
        super().handle_accept()

    def body_bytes(self) -> int:
        """Add up what is held of bodies that are not complete."""
        return sum(channel.body_bytes for channel in self.active_channels.values())

    def look_at_clock(self) -> bool:
        """Once a second, enforce the deadlines of all connections; return whether it was time for that."""
        now = time.monotonic()
        if now < self.next_look:
            return False
        self.next_look = now + LOOK_SECONDS
        for channel in list(self.active_channels.values()):
            channel.look_at_clock(now)
        return True
