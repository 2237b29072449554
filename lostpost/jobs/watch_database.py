"""See that a worker ends when it cannot reach its database: who started it starts another, which connects anew."""

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
    """Ask the database for nothing now and then; call `end` when it stays silent.

    What it answers does not matter: an error is an answer, and the worker itself learns of it. A path on which nothing
    comes back would hold the worker's own statements for ever.
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
