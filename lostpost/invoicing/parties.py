"""The parties of a document, stored as they are when it is issued, so that it never changes."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from lostpost.accounts.models import Seller
from lostpost.orders.models import Order

_OF_CUSTOMER_INVOICE = (
    *("name", "street", "postal_code", "city", "country"),
    *("vat_number", "registration_number", "electronic_address"),
)
Party = dict[str, Any]  # name, country, and what is known of: street, postal_code, city, vat_number, …


def marketplace_party() -> Party:
    """Return the marketplace itself, as the environment describes it."""
    return _known(settings.LOSTPOST_MARKETPLACE)


def seller_party(seller: Seller) -> Party:
    """Return a shop by its legal name, where we have it."""
    return _known({"name": seller.name, "country": seller.country, "language": seller.language, **_known(seller.legal)})


def customer_party(order: Order) -> Party:
    """Return the customer as the seller's invoice calls it, or else as the order does."""
    invoice = order.customer_invoice or {}
    invoiced = {name: invoice.get(name) for name in _OF_CUSTOMER_INVOICE}
    return {
        "name": order.customer_name,
        "country": order.customer_country,
        "language": order.customer_language,
        **_known(invoiced),
    }


def _known(values: Party) -> Party:
    return {name: value for name, value in values.items() if value}
