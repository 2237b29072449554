"""Losses that come back: a customer who loses in two shops, and a postcode where three have, as desks look for them."""

from __future__ import annotations

from lostpost.management.demo.everyday import plan_write_off
from lostpost.management.demo.people import Customer, customer
from lostpost.management.demo.plan import PlannedShop, dice, moment

_OFTEN = customer("Maud Ooms", host="post.example", postal_code="3032 XD")
_SAME_STAIRS = [customer(name, postal_code="1104 HK") for name in ("Ravi Sewnath", "Joyce Pinas", "Iris Blom")]


def repeated_losses(lamps: PlannedShop, pottery: PlannedShop, bikes: PlannedShop) -> None:
    """Plan them over the last ten weeks; everybody got a parcel or two as well."""
    for shop, number, placed, buyer, sku, carrier, lost in (
        (lamps, "2398-4601", 71, _OFTEN, "LH-BUREAU", "PostNL", True),
        (pottery, "3105-7801", 57, _OFTEN, "CK-VAAS", "DHL", True),
        (lamps, "2398-4602", 44, _OFTEN, "LH-HANG", "DPD", True),
        (lamps, "2398-4603", 30, _OFTEN, "LH-E27-3", "PostNL", False),
        (lamps, "2398-4604", 66, _SAME_STAIRS[0], "LH-KER-W", "DPD", True),
        (bikes, "4460-1301", 49, _SAME_STAIRS[1], "VC-TAS", "DPD", True),
        (lamps, "2398-4605", 37, _SAME_STAIRS[2], "LH-KAP-30", "DPD", True),
        (pottery, "3105-7802", 25, _SAME_STAIRS[0], "CK-KOM", "PostNL", False),
    ):
        _sold(shop, number, placed, buyer, sku, carrier, lost=lost)


def _sold(shop: PlannedShop, number: str, placed: int, buyer: Customer, sku: str, carrier: str, *, lost: bool) -> None:
    order = shop.order(number, moment(placed, "20:10"), buyer, {sku: 1})
    order.send(carrier, moment(placed - 1, "16:30")).travel("sorted" if lost else "delivered")
    if lost:
        plan_write_off(order, placed - 11, next(iter(shop.people)), dice(f"loss of {number}"))
