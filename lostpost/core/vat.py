"""Categories of VAT as invoices name them, and the rate that goes with one."""

from __future__ import annotations

from typing import NamedTuple

TRANSFERRED = "B"  # The customer's money, passed through without VAT.
STANDARD = "S"  # At the marketplace's rate.
REVERSE_CHARGE = "AE"  # The shop accounts for the VAT, in its own country of the European Union.
OUTSIDE = "O"  # Outside the scope of VAT: the shop is outside the European Union.
ZERO_RATED = "Z"
EXEMPT = "E"
INTRA_COMMUNITY = "K"  # Goods for a business in another country of the Union (Directive 2006/112/EC, art. 138).
EXPORT = "G"  # Goods that leave the Union (art. 146).
WITHOUT_VAT = (ZERO_RATED, EXEMPT, REVERSE_CHARGE, INTRA_COMMUNITY, EXPORT, OUTSIDE)  # Of goods at 0 %: why.
OF_COMMISSION = (STANDARD, REVERSE_CHARGE, OUTSIDE)
LONGEST = 2


class VatTreatment(NamedTuple):
    """How VAT is charged on commission; only `STANDARD` has a rate above zero."""

    category: str
    rate_bp: int  # In basis points: 2100 = 21 %.
