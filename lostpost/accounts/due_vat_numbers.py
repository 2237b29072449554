"""Which shops' VAT numbers are to be checked at VIES."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from lostpost.accounts.models import Seller, VatNumberCheck
from lostpost.accounts.vat_treatment import ShopForVat
from lostpost.core.ownership import cross_seller

CHECK_AGAIN_DAYS = 30  # An answer is of its day: numbers are given back.
TRY_AGAIN_HOURS = 12  # After no answer: a country's register may be away for hours.


def due_vat_numbers(*, now: datetime, most: int) -> Sequence[tuple[Seller, str]]:
    """Return shops elsewhere in the Union with the number to ask about, those without any answer first."""
    answered: dict[tuple[UUID, str], datetime] = {}
    silent: dict[tuple[UUID, str], datetime] = {}
    with cross_seller("which VAT numbers are to be checked"):
        checks = VatNumberCheck.objects.filter(checked_at__gt=now - timedelta(days=CHECK_AGAIN_DAYS))
        for seller_id, number, outcome, checked_at in checks.order_by("checked_at").values_list(
            "seller_id", "vat_number", "outcome", "checked_at"
        ):
            of_outcome = silent if outcome == VatNumberCheck.Outcome.UNREACHABLE else answered
            of_outcome[seller_id, number] = checked_at
        shops = list(Seller.objects.filter(legal__has_key="vat_number").order_by("code"))
    numbers = [(shop, ShopForVat(shop.country, shop.legal["vat_number"]).number_to_check) for shop in shops]
    try_again_from = now - timedelta(hours=TRY_AGAIN_HOURS)
    return [
        (shop, number)
        for shop, number in numbers
        if number
        and (shop.id, number) not in answered
        and silent.get((shop.id, number), try_again_from) <= try_again_from
    ][:most]
