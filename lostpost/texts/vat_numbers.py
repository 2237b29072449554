"""What is said of a shop's VAT number, for its pages, finance's and the operator."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller, VatNumberCheck
from lostpost.accounts.policy import current_policy
from lostpost.accounts.vat_number_checks import VatNumberState, vat_number_state
from lostpost.accounts.vat_treatment import lacks_number, shop_for_vat
from lostpost.texts.moments import long_day_text


def vat_number_sentences(seller: Seller) -> Iterator[str]:
    """Say how the shop's number decides on the VAT of its commission, and who confirmed it; at home it does not."""
    shop = shop_for_vat(seller)
    if shop.number_elsewhere:
        yield _("VAT on the commission is reversed to %(number)s.") % {"number": shop.number_elsewhere}
    elif lacks_number(shop):
        yield _("VAT is charged on the commission, as no valid VAT number of another country of the Union is known.")
    if shop.number_to_check:
        yield from _of_vies(shop.number_to_check, vat_number_state(seller.id, shop.number_to_check))


def _of_vies(number: str, state: VatNumberState) -> Iterator[str]:
    zone = current_policy().zone
    answered, unanswered = state.answered, state.unanswered
    words = {"number": number}
    if answered is None:
        yield _("VIES has not confirmed %(number)s yet; its check digits are right.") % words
    else:
        words |= {"date": long_day_text(answered.checked_at.astimezone(zone).date()), "reference": answered.reference}
        if answered.outcome == VatNumberCheck.Outcome.INVALID:
            yield _("VIES said on %(date)s that %(number)s is not valid.") % words
        elif answered.reference:
            yield _("VIES confirmed %(number)s on %(date)s (consultation %(reference)s).") % words
        else:
            yield _("VIES confirmed %(number)s on %(date)s.") % words
    if unanswered is not None:
        words |= {"date": long_day_text(unanswered.checked_at.astimezone(zone).date()), "problem": unanswered.problem}
        yield _("On %(date)s VIES gave no answer (%(problem)s).") % words
