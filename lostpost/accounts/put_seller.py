"""Take a shop in, or take in what changed of it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from babel.numbers import is_currency
from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.models import Seller
from lostpost.core.errors import Rejected


@dataclass(frozen=True, slots=True)
class SellerData:
    """A shop as the marketplace knows it."""

    code: str
    name: str
    country: str = "NL"
    language: str = "en"
    currency: str = "EUR"
    invoice_cadence: str = Seller.Cadence.MONTHLY.value


@transaction.atomic(durable=True)
def put_seller(*, seller: SellerData) -> Seller:
    """Take in one shop; repeating the same content changes nothing. Raises Rejected if a value is wrong."""
    if problems := seller_problems(seller):
        raise Rejected("; ".join(problems))
    values = asdict(seller)
    made, _created = Seller.objects.update_or_create(code=values.pop("code"), defaults=values)
    return made


def seller_problems(seller: SellerData) -> list[str]:
    """Say in sentences what is wrong with a shop by itself."""
    problems = []
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", seller.code):
        problems.append(
            _("the seller “%(it)s” must be 1 to 64 letters, digits or _ . - and start with a letter or digit")
            % {"it": seller.code[:80]}
        )
    if not seller.name.strip() or len(seller.name) > 200:
        problems.append(_("the seller's name must have 1 to 200 characters"))
    if not re.fullmatch("[A-Z]{2}", seller.country):
        problems.append(_("the country “%(it)s” is no code of two capitals such as NL") % {"it": seller.country})
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", seller.language) or len(seller.language) > 10:
        problems.append(_("the language “%(it)s” is no code such as nl or fr-BE") % {"it": seller.language})
    if not is_currency(seller.currency):
        problems.append(
            _("the currency “%(it)s” is none of ISO 4217; write a code such as EUR") % {"it": seller.currency}
        )
    if seller.invoice_cadence not in Seller.Cadence.values:
        problems.append(
            _("the invoice cadence “%(it)s” is none of %(all)s")
            % {"it": seller.invoice_cadence, "all": ", ".join(Seller.Cadence.values)}
        )
    return problems
