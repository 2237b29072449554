"""What is to be paid and by whom, in words: an amount with a sign would leave it to the reader."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from lostpost.texts.style import Style

# By who has to pay (the marketplace or the seller) and whether it is still to be done; as the seller reads it,
TO_SELLERS = {
    ("us", "issued"): _("We pay you %(amount)s"),
    ("us", "paid"): _("We paid you %(amount)s"),
    ("seller", "issued"): _("You owe us %(amount)s"),
    ("seller", "paid"): _("You paid us %(amount)s"),
    ("seller", "carried"): _("You owed us %(amount)s; the next invoice took it over"),
}
# and as finance does.
TO_FINANCE = {
    ("us", "issued"): _("We owe the seller %(amount)s"),
    ("us", "paid"): _("We paid the seller %(amount)s"),
    ("seller", "issued"): _("The seller owes us %(amount)s"),
    ("seller", "paid"): _("The seller paid us %(amount)s"),
    ("seller", "carried"): _("The seller owed us %(amount)s; the next invoice took it over"),
}
NOTHING = _("Nothing to pay")


def payable_text(payable_minor: int, amount: str, *, state: str, to_finance: bool, style: Style) -> Any:
    """Say what an invoice comes to. `payable_minor` is negative where the seller gets it; `amount` has no sign."""
    if not payable_minor:
        return str(NOTHING)
    sentences = TO_FINANCE if to_finance else TO_SELLERS
    party = "us" if payable_minor < 0 else "seller"
    return style.fill(str(sentences.get((party, state), sentences[party, "issued"])), {"amount": amount})
