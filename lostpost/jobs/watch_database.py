"""End a worker that cannot reach its database: its supervisor starts another, which connects again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from procrastinate import App
from procrastinate.exceptions import ConnectorException

LOOK_SECONDS = 5.0
ANSWER_SECONDS = 20.0  # For a statement that does nothing.

logger = logging.getLogger("lostpost.worker")


async def end_without_database(app: App, end: Callable[[], None]) -> None:
    """Query the database now and then; call `end` when it does not respond.

    Any answer will do, even an error: the worker itself sees that too. Without any answer the worker's own statements
    would block for ever.
    """
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await app.connector.execute_query_one_async("SELECT 1 AS one")
        except TimeoutError:
            logger.critical("the database has not answered for %.0f s; the worker ends", ANSWER_SECONDS)
            end()
        except ConnectorException as error:
            logger.warning("the database does not answer: %s", str(error).strip())
