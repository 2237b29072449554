"""The words for what is stored as a code: statuses of Track & Trace, shipping methods."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SCAN_STATUSES = {
    "announced": _("Announced to the carrier"),
    "with_carrier": _("With the carrier"),
    "in_transit": _("On its way"),
    "exception": _("Something went wrong"),
    "at_pickup_point": _("At a pick-up point"),
    "picked_up": _("Picked up by the customer"),
    "delivered_at_neighbours": _("Delivered at the neighbours"),
    "delivered": _("Delivered"),
    "returning": _("On its way back to you"),
    "returned": _("Back with you"),
}
SHIPPING_METHODS = {
    "own": _("your own shipping method"),
    "logistics_via_platform": _("Logistics via the platform"),
    "shipping_via_platform": _("Shipping via the platform"),
    "label_via_platform": _("shipping label via the platform"),
    "unknown": _("shipping method not known"),
}


def scan_status_text(code: str) -> str:
    """Say a status of Track & Trace in our words; the code itself where we have none."""
    return str(SCAN_STATUSES.get(code, code))


def shipping_method_text(code: str) -> str:
    """Say under whose contract a parcel went."""
    return str(SHIPPING_METHODS.get(code, code))
