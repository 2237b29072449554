"""Record what VIES answered about a shop's VAT number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from lostpost.accounts.models import VatNumberCheck


@transaction.atomic(durable=True)
def record_vat_number_check(
    *,
    seller_id: UUID,
    vat_number: str,
    outcome: VatNumberCheck.Outcome,
    reference: str = "",
    problem: str = "",
    answer: Mapping[str, Any] | None = None,
    now: datetime,
) -> VatNumberCheck:
    """Keep an answer, or that there was none, beside those of before: commission booked from now on follows it."""
    return VatNumberCheck.objects.create(
        seller_id=seller_id,
        vat_number=vat_number,
        outcome=outcome,
        reference=reference,
        problem=problem,
        answer=dict(answer or {}),
        checked_at=now,
    )
