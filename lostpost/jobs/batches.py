"""Do a batch item by item: what goes wrong with one stops none of the others."""

from __future__ import annotations

import logging
from types import TracebackType

from django.db import InterfaceError, OperationalError

logger = logging.getLogger("lostpost.jobs")


class BatchIncomplete(Exception):
    """Some items of a batch were not done; each has its error in the log."""


class ItemByItem:
    """A batch whose items are done each by itself: the first `with` is around all, a second one around each item.

    An error of an item is logged with its traceback, and fails the job once the others are done. Where the database is
    away there are no others: that ends the batch.
    """

    def __init__(self) -> None:
        self.failed = 0

    def item(self, name: object) -> _Item:
        """Return what is to be around one item. `name`: by which it is known in the log."""
        return _Item(self, str(name))

    def __enter__(self) -> ItemByItem:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None and self.failed:
            raise BatchIncomplete(f"{self.failed} items were not done")


class _Item:
    def __init__(self, batch: ItemByItem, name: str) -> None:
        self.batch, self.name = batch, name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        if not isinstance(error, Exception) or _database_is_away(error):
            return False
        logger.error("%s was not done", self.name, exc_info=error)
        self.batch.failed += 1
        return True


def _database_is_away(error: Exception) -> bool:
    """Whether the database did not answer at all; a deadlock or a timeout has a code of its own."""
    return isinstance(error, OperationalError | InterfaceError) and getattr(error.__cause__, "sqlstate", None) is None
