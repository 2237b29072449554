"""Credit notes to the customer and restored payments that follow an order's write-offs."""

from __future__ import annotations

from typing import Any

from lostpost.invoicing.models import CreditNote
from lostpost.orders.models import Order
from lostpost.restorations.models import Restoration


def credit_notes_and_restorations(order: Order) -> dict[str, Any]:
    """Return both, as `parts/papers.html` shows them."""
    own = {"seller_id": order.seller_id, "order_id": order.id}
    return {
        "credit_notes": CreditNote.objects.filter(**own).order_by("issued_at", "id"),
        "restorations": Restoration.objects.filter(**own).order_by("agreed_at", "id"),
    }
