"""How VAT stands on a seller's invoice to a customer, and so on what amends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lostpost.accounts.identifiers import vat_number
from lostpost.accounts.vat_treatment import is_taxed_in_the_union
from lostpost.core.vat import EXEMPT, EXPORT, INTRA_COMMUNITY, OUTSIDE, STANDARD, ZERO_RATED
from lostpost.invoicing.parties import Party


@dataclass(frozen=True, slots=True)
class GoodsForVat:
    """What decides on the category of goods at 0 %, where the seller's invoice does not say it."""

    supplier: Party
    customer: Party
    delivered_to: str  # ISO 3166-1 alpha-2
    stated: str = ""  # The category that the seller's invoice has, one of `core.vat.WITHOUT_VAT`.

    def category(self, rate_bp: int) -> str:
        """Return the category of goods at a rate, as EN 16931 names it.

        Without a VAT number nothing is zero-rated, exempt, supplied within the Union or exported: it is outside the
        scope of VAT. Goods that go to a business in another country of the Union are K where both have a number
        (Directive 2006/112/EC, art. 138), goods that leave it are G (art. 146).
        """
        if rate_bp:
            return STANDARD
        if self.stated not in ("", ZERO_RATED, EXEMPT):
            return self.stated
        ours = self._number_country(self.supplier)
        if not self.supplier.get("vat_number"):
            return OUTSIDE
        if self.stated or not is_taxed_in_the_union(ours):
            return self.stated or ZERO_RATED
        if not is_taxed_in_the_union(self.delivered_to):
            return EXPORT
        theirs = self._number_country(self.customer)
        abroad = ours not in (theirs, self.delivered_to)
        return INTRA_COMMUNITY if abroad and is_taxed_in_the_union(theirs) else ZERO_RATED

    def needs_number(self, rates_bp: Iterable[int]) -> bool:
        """Whether goods at these rates stand on no document of a seller without a VAT number."""
        return any(self.category(rate_bp) not in (ZERO_RATED, OUTSIDE) for rate_bp in rates_bp)

    @staticmethod
    def _number_country(party: Mapping[str, str]) -> str:
        """Return the country of the party's VAT number; empty: it has no valid one. Greece's is EL there."""
        number = vat_number(party.get("vat_number", ""), party.get("country", "")) or ""
        return {"EL": "GR"}.get(number[:2], number[:2])
