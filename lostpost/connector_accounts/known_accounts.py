"""Which accounts there are, kept in memory: most marketplaces have none, and must not ask the database each time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from threading import Lock, Thread
from time import monotonic
from uuid import UUID

from django.db import connection

from lostpost.connector_accounts.models import ConnectorAccount

logger = logging.getLogger("lostpost.connectors")

READ_EVERY_SECONDS = 60.0


class _Memory:
    """Of one process."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.accounts: tuple[ConnectorAccount, ...] | None = None
        self.read_at = 0.0
        self.reading = False


_memory = _Memory()


def known_accounts() -> Sequence[ConnectorAccount]:
    """Return all accounts as they were a minute or two ago; their counters may be old. No transaction may be open.

    The first call of a process reads them; later ones let a thread of its own read them again, and wait for nothing.
    """
    with _memory.lock:
        accounts, old = _memory.accounts, monotonic() - _memory.read_at > READ_EVERY_SECONDS
        begins = accounts is not None and old and not _memory.reading
        _memory.reading = _memory.reading or begins
    if accounts is None:
        return _read_accounts()
    if begins:
        Thread(target=_read_again, name="known accounts", daemon=True).start()
    return accounts


def remember_accounts(accounts: Sequence[ConnectorAccount] | None) -> None:
    """Take these for all there are; None: read them with the next call."""
    with _memory.lock:
        _memory.accounts = None if accounts is None else tuple(accounts)
        _memory.read_at = monotonic()


def account_for(connector: str, shop_id: UUID, accounts: Sequence[ConnectorAccount]) -> ConnectorAccount | None:
    """Return the account that speaks for a shop: its own, else the marketplace's."""
    of_connector = {each.shop_id: each for each in accounts if each.connector == connector}
    return of_connector.get(shop_id) or of_connector.get(None)


def _read_accounts() -> Sequence[ConnectorAccount]:
    accounts = list(ConnectorAccount.objects.order_by("connector", "shop_id"))
    remember_accounts(accounts)
    return accounts


def _read_again() -> None:
    try:
        _read_accounts()
    except Exception:  # The next minute is early enough; what was known stays.
        logger.warning("the accounts of connectors could not be read again", exc_info=True)
        remember_accounts(_memory.accounts)
    finally:
        with _memory.lock:
            _memory.reading = False
        connection.close()
