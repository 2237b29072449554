"""Who bears the VAT on a shop's commission: decided by who the shop is, in plain Python (decision record 0039).

Directive 2006/112/EC: a service to a business is taxed where that business is (art. 44), by the business itself where
it is in another country of the Union (art. 196), on an invoice with both VAT numbers (art. 226). Outside the Union it
is outside the scope of the tax.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from stdnum.eu import vat as european

from lostpost.accounts.identifiers import GREECE_FOR_VAT, NORTHERN_IRELAND, vat_number
from lostpost.accounts.models import Seller
from lostpost.accounts.vat_number_checks import rejected_numbers
from lostpost.core.vat import OUTSIDE, REVERSE_CHARGE, STANDARD, VatTreatment

_TAXED_AS = {"MC": "FR", GREECE_FOR_VAT: "GR"}  # Directive art. 7: dealings with Monaco are dealings with France.
_UNION = frozenset(code.upper() for code in european.MEMBER_STATES) - {NORTHERN_IRELAND}


@dataclass(frozen=True, slots=True)
class ShopForVat:
    """What decides on the VAT of a shop's commission, as it is known on the day on which that is booked."""

    country: str  # ISO 3166-1 alpha-2
    vat_number: str = ""  # As the shop gave it.
    rejected: Collection[str] = ()  # Numbers that VIES said are not valid, as invoices write them.

    @property
    def number_elsewhere(self) -> str:
        """The VAT number by which it is a business elsewhere in the Union, as invoices write it; empty: it has none."""
        number = self.number_to_check
        return "" if number in self.rejected else number

    @property
    def number_to_check(self) -> str:
        """The same with right check digits, whatever VIES says of it.

        A number of the marketplace's own country is one for trade there, and says nothing about where the shop is.
        """
        ours, theirs = _marketplace_country(), _country(self.country)
        number = vat_number(self.vat_number, self.country) if self.vat_number else None
        if number is None or theirs == ours or theirs not in _UNION or _country(number[:2]) not in _UNION - {ours}:
            return ""
        return GREECE_FOR_VAT + number[2:] if number.startswith("GR") else number


def commission_treatment(shop: ShopForVat, *, rate_bp: int) -> VatTreatment:
    """Return how VAT is charged on the commission of a shop. Args: `rate_bp`: the marketplace's own rate."""
    ours, theirs = _marketplace_country(), _country(shop.country)
    if theirs == ours:
        return VatTreatment(STANDARD, rate_bp)
    if not {ours, theirs} <= _UNION:
        return VatTreatment(OUTSIDE, 0)
    if shop.number_elsewhere:
        return VatTreatment(REVERSE_CHARGE, 0)
    return VatTreatment(STANDARD, rate_bp)


def lacks_number(shop: ShopForVat) -> bool:
    """Whether the shop is elsewhere in the Union and charged VAT only because it has no valid number."""
    ours, theirs = _marketplace_country(), _country(shop.country)
    return theirs != ours and {ours, theirs} <= _UNION and not shop.number_elsewhere


def is_taxed_in_the_union(country: str) -> bool:
    """Whether goods there are within the Union's VAT. Args: `country`: ISO 3166-1 alpha-2, or of a VAT number."""
    return _country(country) in _UNION


def shop_for_vat(seller: Seller) -> ShopForVat:
    """Read what decides on the VAT of a shop's commission now."""
    return ShopForVat(seller.country, seller.legal.get("vat_number", ""), rejected_numbers(seller.id))


def _marketplace_country() -> str:
    return _country(settings.LOSTPOST_MARKETPLACE["country"])


def _country(code: str) -> str:
    return _TAXED_AS.get(code.upper(), code.upper())
