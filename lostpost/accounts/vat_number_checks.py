"""What VIES answered about VAT numbers of shops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from lostpost.accounts.models import VatNumberCheck

Outcome = VatNumberCheck.Outcome


@dataclass(frozen=True, slots=True)
class VatNumberState:
    """What is known of a number: VIES's newest answer, and a later question without one."""

    answered: VatNumberCheck | None
    unanswered: VatNumberCheck | None


def vat_number_state(seller_id: UUID, number: str) -> VatNumberState:
    """Return what VIES said of a number last, and whether it was asked in vain since."""
    checks = VatNumberCheck.objects.filter(seller_id=seller_id, vat_number=number).order_by("-checked_at", "-id")
    answered = checks.exclude(outcome=Outcome.UNREACHABLE).first()
    newest = checks.first()
    return VatNumberState(answered, newest if newest and newest.outcome == Outcome.UNREACHABLE else None)


def rejected_numbers(seller_id: UUID) -> frozenset[str]:
    """Return the shop's numbers that VIES's newest answer says are not valid."""
    checks = VatNumberCheck.objects.filter(seller_id=seller_id).exclude(outcome=Outcome.UNREACHABLE)
    newest: Mapping[str, str] = dict(checks.order_by("checked_at", "id").values_list("vat_number", "outcome"))
    return frozenset(number for number, outcome in newest.items() if outcome == Outcome.INVALID)
