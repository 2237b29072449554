"""Credit notes to the customer and restored payments that follow an order's write-offs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lostpost.core.kept_query import KeptQuery
from lostpost.invoicing.models import CreditNote
from lostpost.orders.models import Order
from lostpost.restorations.models import Restoration

_OF_ORDER = {"seller_id": UUID, "order_id": UUID}
_CREDIT_NOTES = KeptQuery(lambda **order: CreditNote.objects.filter(**order).order_by("issued_at", "id"), **_OF_ORDER)
_RESTORATIONS = KeptQuery(lambda **order: Restoration.objects.filter(**order).order_by("agreed_at", "id"), **_OF_ORDER)


def credit_notes_and_restorations(order: Order) -> dict[str, Any]:
    """Return both, as `parts/papers.html` shows them."""
    own = {"seller_id": order.seller_id, "order_id": order.id}
    return {
        "credit_notes": _CREDIT_NOTES(**own),
        "restorations": _RESTORATIONS(**own),
    }
