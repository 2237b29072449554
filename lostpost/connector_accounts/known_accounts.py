"""Which accounts there are, kept in memory: most marketplaces have none, and must not ask the database each time."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from time import monotonic
from uuid import UUID

from lostpost.connector_accounts.models import ConnectorAccount

READ_EVERY_SECONDS = 60.0

_lock = Lock()
_known: tuple[float, tuple[ConnectorAccount, ...]] | None = None


def known_accounts() -> Sequence[ConnectorAccount]:
    """Return all accounts as they were a minute ago at most; their counters may be old. No transaction may be open."""
    global _known  # noqa: PLW0603 - of the process.
    with _lock:
        if _known is None or monotonic() - _known[0] > READ_EVERY_SECONDS:
            _known = monotonic(), tuple(ConnectorAccount.objects.order_by("connector", "shop_id"))
        return _known[1]


def forget_known_accounts() -> None:
    """Read them again next time: after a change, and in tests."""
    global _known  # noqa: PLW0603
    with _lock:
        _known = None


def account_for(connector: str, shop_id: UUID, accounts: Sequence[ConnectorAccount]) -> ConnectorAccount | None:
    """Return the account that speaks for a shop: its own, else the marketplace's."""
    of_connector = {each.shop_id: each for each in accounts if each.connector == connector}
    return of_connector.get(shop_id) or of_connector.get(None)
