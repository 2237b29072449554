"""Lists and their pages fit a phone and a screen that is neither small nor wide, in the longer words of Dutch."""

from __future__ import annotations

import pytest
from django.utils import timezone

from lostpost.accounts.actor import Actor
from lostpost.refunds.models import Refund
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_query, all_of, silent_parcel
from tests.journeys.conftest import PHONE, OpenAs
from tests.journeys.walk import look_over
from tests.repo.money import a_found_parcel, invoices_until

SHOP = "/shops/lampenhuis/"


@pytest.mark.parametrize("size", [PHONE, (1000, 800)])
def test_lists_and_their_pages_stay_inside_their_boxes(
    open_as: OpenAs, anna: Actor, fien: Actor, size: tuple[int, int]
) -> None:
    # Given a shop that has one of everything, and that wrote last in a query
    now = timezone.now()
    restored = a_found_parcel(anna, now=now)
    lost = silent_parcel(anna, quiet_days=9, now=now)
    write_off(query=lost.number, selection=all_of(lost), by=anna, key="lost-and-narrow", now=now)
    silent = silent_parcel(anna, quiet_days=9, now=now)
    a_query(silent.order, anna, now=now)
    invoice = invoices_until(anna, now=now)[-1]
    refund = Refund.objects.get(order_id=lost.order_id)

    # Then every list of the shop and of finance can be read to its right edge
    page = open_as(anna, size=size, locale="nl-NL")
    parts = ("", "orders/", "customer-queries/", "finance/refunds/", "finance/invoices/", "finance/statement/")
    for part in (*parts, f"finance/invoices/{invoice.number}/", f"customer-queries/{silent.number}/write-off/"):
        page.goto(SHOP + part)
        look_over(page)
    if size == PHONE:  # Seven columns of money need more room than that, or become cards.
        page.goto(f"{SHOP}finance/self-check/")
        look_over(page)
    page = open_as(fien, size=size, locale="nl-NL")
    for part in ("refunds/", f"refunds/lampenhuis/{refund.number}/", "invoices/", "restorations/"):
        page.goto(f"/desk/{part}")
        look_over(page)
    for part in (f"invoices/lampenhuis/{invoice.number}/", f"restorations/lampenhuis/{restored.number}/"):
        page.goto(f"/desk/{part}")
        look_over(page)
