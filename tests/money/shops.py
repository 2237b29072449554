"""A shop in one country or another, with a VAT number or without, and how VAT on its commission is to be charged."""

from __future__ import annotations

from datetime import datetime

from lostpost.accounts.models import Seller
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.orders.models import OrderItem

PLACES = {
    ("NL", "NL123456789B13"): "S",
    ("BE", "BE0123456749"): "AE",
    ("BE", ""): "S",
    ("CN", ""): "O",
}
HOME = ("NL", "NL123456789B13")


def shop_at(place: tuple[str, str], cadence: str, now: datetime) -> Seller:
    """Put the shop into a country, with its VAT number."""
    country, number = place
    values = SellerData("lampenhuis", "Lampenhuis", country, invoice_cadence=cadence, legal={"vat_number": number})
    return put_seller(seller=values, now=now)


def charged(place: tuple[str, str], rate_bp: int) -> tuple[str, int]:
    """Return category and rate of what is booked first for a shop there."""
    return PLACES[place], rate_bp if PLACES[place] == "S" else 0


def charged_items(seller: Seller) -> dict[tuple[str, str], tuple[str, int] | None]:
    """Return category and rate of each item of which something was booked, by order and item."""
    items = OrderItem.objects.filter(seller_id=seller.id, commission_vat_rate_bp__isnull=False)
    return {(it.order.number, it.item): it.commission_vat for it in items.select_related("order")}
