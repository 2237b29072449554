"""Order of requests: health and refusals at once, others in turn, and no caller on all threads at a time."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

WAIT_SECONDS_MAX = 3.0  # A request that has waited so long for a thread is refused: its sender has tired, too.
EARLY_SECONDS = 1.0  # While requests wait for so long, further ones are refused as they come.
WAITING_FOR_EACH_THREAD = 16  # Requests at most.
QUICK_WAITING = 1000  # Refusals and health checks at most; beyond, connections are closed.


class Lane:
    """Threads that take channels in turn, each with a complete request."""

    def __init__(self, name: str, *, threads: int, most: int) -> None:
        self.name = name
        self.most = most
        self.waiting: deque[Any] = deque()
        self.changed = threading.Condition()
        for _number in range(threads):
            self.start_thread()

    def start_thread(self) -> None:
        """Start one thread; it ends with the process."""
        threading.Thread(target=self.work, name=self.name, daemon=True).start()

    def put(self, channel: Any) -> bool:
        """Let the channel wait for its turn; False where too many do."""
        with self.changed:
            if len(self.waiting) >= self.most:
                return False
            self.waiting.append(channel)
            self.changed.notify()
        return True

    def work(self) -> None:
        """Answer one after the other; a thread that something ended is replaced."""
        try:
            while True:
                self.answer_next()
        finally:
            self.start_thread()

    def answer_next(self) -> None:
        """Wait for a channel, and answer its request."""
        with self.changed:
            while not self.waiting:
                self.changed.wait()
            channel = self.waiting.popleft()
        channel.service()


@dataclass(frozen=True, slots=True)
class QueuedTask:
    """A channel with a request that waits for a thread."""

    channel: Any
    caller: str
    since: float


class FairLane(Lane):
    """The lane of ordinary requests: a caller has at most all threads but one, and none waits for long."""

    def __init__(self, *, threads: int, caller_of: Callable[[Any], str], refuse: Callable[[Any], None]) -> None:
        self.caller_of = caller_of
        self.refuse = refuse
        self.share = max(1, threads - 1)
        self.running: Counter[str] = Counter()
        super().__init__("request", threads=threads, most=WAITING_FOR_EACH_THREAD * threads)

    def put(self, channel: Any) -> bool:
        """Let the channel wait, unless too many do already, or others have for too long."""
        caller, now = self.caller_of(channel), time.monotonic()
        with self.changed:
            late = any(now > each.since + EARLY_SECONDS for each in self.waiting if self.is_before(each, caller))
            own = sum(each.caller == caller for each in self.waiting)
            if late or own >= self.most // 2 or len(self.waiting) >= self.most:
                return False
            self.waiting.append(QueuedTask(channel, caller, now))
            self.changed.notify()
        return True

    def is_before(self, waiting: QueuedTask, caller: str) -> bool:
        """Whether a new request would come after this one."""
        return waiting.caller == caller or self.running[waiting.caller] < self.share

    def answer_next(self) -> None:
        """Wait for a channel whose caller may use one more thread, and answer; refuse those that waited too long."""
        with self.changed:
            while (chosen := self.choose()) is None:
                self.changed.wait()
            late = time.monotonic() > chosen.since + WAIT_SECONDS_MAX
            if not late:
                self.running[chosen.caller] += 1
        if late:
            self.refuse(chosen.channel)
            return
        try:
            chosen.channel.service()
        finally:
            with self.changed:
                self.running[chosen.caller] -= 1
                if not self.running[chosen.caller]:
                    del self.running[chosen.caller]
                self.changed.notify()

    def choose(self) -> QueuedTask | None:
        """Take the first whose caller uses less than its share of the threads."""
        chosen: QueuedTask | None = next((it for it in self.waiting if self.running[it.caller] < self.share), None)
        if chosen:
            self.waiting.remove(chosen)
        return chosen


class Dispatcher:
    """Sends each request to its lane."""

    def __init__(self, *, threads: int, trust_proxy: bool) -> None:
        self.trust_proxy = trust_proxy
        self.quick = Lane("health", threads=1, most=QUICK_WAITING)
        self.readiness = Lane("readiness", threads=1, most=QUICK_WAITING)
        self.requests = FairLane(threads=threads, caller_of=self.caller_of, refuse=self.refuse)

    def add_task(self, channel: Any) -> None:
        """Take a channel whose first request is complete."""
        request = channel.requests[0]
        if request.error or request.refusal or request.path == "/healthz":
            self.put_quick(channel)
        elif request.path == "/readyz":
            if not self.readiness.put(channel):
                self.refuse(channel)
        elif not self.requests.put(channel):
            self.refuse(channel)

    def refuse(self, channel: Any) -> None:
        """Refuse a request because of overload; its body is read, so the connection stays open."""
        channel.requests[0].refuse("busy")
        self.put_quick(channel)

    def put_quick(self, channel: Any) -> None:
        """Answer before all others; where even that has a queue, close."""
        if not self.quick.put(channel):
            channel.cancel()
            channel.server.pull_trigger()

    def caller_of(self, channel: Any) -> str:
        """Name who asks, unproven: by what would prove it, or else by the address."""
        headers = channel.requests[0].headers
        proof = headers.get("AUTHORIZATION") or headers.get("COOKIE")
        if proof:
            return str(proof)
        forwarded = str(headers.get("X_FORWARDED_FOR", "")) if self.trust_proxy else ""
        return forwarded.rpartition(",")[2].strip() or str(channel.addr[0])
