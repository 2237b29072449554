"""Check a shop's VAT number at VIES, and keep what it answered."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from lostpost.accounts.models import Seller, VatNumberCheck
from lostpost.accounts.record_vat_number_check import record_vat_number_check
from lostpost.connectors.vies.ask_vies import ViesUnreachable, ask_vies

Outcome = VatNumberCheck.Outcome


def check_vat_number(seller: Seller, number: str, *, now: datetime) -> VatNumberCheck:
    """Ask VIES about a shop's number and record the answer, or that there was none. No transaction may be open."""
    try:
        response = ask_vies(settings.LOSTPOST_VIES_URL, number, requester=settings.LOSTPOST_MARKETPLACE["vat_number"])
    except ViesUnreachable as error:
        return record_vat_number_check(
            seller_id=seller.id, vat_number=number, outcome=Outcome.UNREACHABLE, problem=str(error), now=now
        )
    return record_vat_number_check(
        seller_id=seller.id,
        vat_number=number,
        outcome=Outcome.VALID if response.valid else Outcome.INVALID,
        reference=response.reference,
        answer=response.answer,
        now=now,
    )
