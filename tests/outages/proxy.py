"""A path to the database that can fall silent or be cut: bytes go through a process's own port."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from tests.waiting import WAIT_SECONDS


class Proxy:
    """Passes bytes between its port and the tests' database. Runs in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.flows = threading.Event()
        self.flows.set()
        self.port = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self.writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Say how to reach the database by it."""
        database = connection.settings_dict
        user = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}"
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database['NAME']}?sslmode=disable"

    def fall_silent(self) -> None:
        """Pass nothing any more, on old and new connections; they all stay open."""
        self.flows.clear()

    def flow(self) -> None:
        """Pass bytes again."""
        self.flows.set()

    def cut(self) -> None:
        """Close every connection."""
        self.loop.call_soon_threadsafe(self._close_all)

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self.pass_on, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = connection.settings_dict["HOST"], connection.settings_dict["PORT"]
        if host.startswith("/"):
            there = await asyncio.open_unix_connection(str(Path(host) / f".s.PGSQL.{port}"))
        else:
            there = await asyncio.open_connection(host, port)
        self.writers |= {writer, there[1]}
        await asyncio.gather(self.copy(reader, there[1]), self.copy(there[0], writer))

    async def copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                while not self.flows.is_set():
                    await asyncio.sleep(0.02)
                writer.write(data)
                await writer.drain()
        writer.close()
        self.writers.discard(writer)

    def _close_all(self) -> None:
        for writer in self.writers:
            writer.close()
        self.writers.clear()


@contextmanager
def proxied() -> Iterator[Proxy]:
    """Run a proxy."""
    proxy = Proxy()
    thread = threading.Thread(target=proxy.loop.run_forever)
    thread.start()
    try:
        # In its thread: a browser may have a loop in this one.
        server = asyncio.run_coroutine_threadsafe(proxy.serve(), proxy.loop).result(WAIT_SECONDS)
        yield proxy
    finally:
        proxy.flow()
        proxy.cut()

        async def end() -> None:
            server.close()
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)
            proxy.loop.stop()

        asyncio.run_coroutine_threadsafe(end(), proxy.loop)
        thread.join(WAIT_SECONDS)
        proxy.loop.close()
