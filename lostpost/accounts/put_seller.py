"""Take a shop in, or take in what changed of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lostpost.accounts.invoice_cadence import store_cadence
from lostpost.accounts.legal import cleaned_legal, legal_problems
from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.core.countries import is_country
from lostpost.core.errors import Rejected
from lostpost.core.jobs import Job, defer
from lostpost.core.money import is_currency_in_use
from lostpost.core.queues import DOCUMENTS
from lostpost.core.sql import fetch, insertion
from lostpost.core.text import is_blank, is_one_line, quoted

CREDIT_SHOP = "credit-note.of-shop"  # The job's name: of what waited for the shop's VAT number.
# By itself: on a cluster, sellers are everywhere, and Citus takes no subquery in an INSERT of such a table.
_NUMBER_BEFORE = "SELECT coalesce(legal->>'vat_number', '') FROM lostpost_seller WHERE code = %s"
_OR_UPDATE = """
    ON CONFLICT ON CONSTRAINT seller_code_unique DO UPDATE
       SET name = EXCLUDED.name, country = EXCLUDED.country, language = EXCLUDED.language,
           currency = EXCLUDED.currency, invoice_cadence = EXCLUDED.invoice_cadence,
           legal = coalesce(%(legal)s::jsonb, existing.legal)
    RETURNING id, legal::text
"""


@dataclass(frozen=True, slots=True)
class SellerData:
    """A shop as the marketplace knows it."""

    code: str
    name: str
    country: str = "NL"
    language: str = "en"
    currency: str = "EUR"
    invoice_cadence: str = Seller.Cadence.MONTHLY.value
    legal: Mapping[str, str] | None = None  # `legal.LONGEST` has its fields; None: nothing new about them.


@transaction.atomic(durable=True)
def put_seller(*, seller: SellerData, now: datetime) -> Seller:
    """Create or update one shop; repeating the same content changes nothing.

    A changed invoice cadence applies from the first day of the next quarter, in the marketplace's time zone.

    Raises: Rejected if a value is wrong.
    """
    if problems := _new_problems(seller):
        raise Rejected("; ".join(problems))
    legal = None if seller.legal is None else json.dumps(cleaned_legal(seller.legal))
    values = {**asdict(seller), "legal": legal}
    row = Seller(**{**values, "legal": {}})
    columns = tuple(name for name in values if name != "legal")
    sql = insertion(Seller, same=("id", *columns), legal="coalesce(%(legal)s::jsonb, '{}')")
    before = fetch(_NUMBER_BEFORE, (seller.code,))
    ((row.id, legal),) = fetch(sql + _OR_UPDATE, {"id": row.id, **values})
    row.legal = json.loads(legal)
    if row.legal.get("vat_number") and before == [("",)]:  # A shop that is new has nothing that waits.
        defer(Job(CREDIT_SHOP, DOCUMENTS, {"seller": str(row.id)}))
    today = now.astimezone(current_policy().zone).date()
    store_cadence(row.id, cadence=seller.invoice_cadence, today=today)
    return row


def seller_problems(seller: SellerData) -> list[str]:
    """Return sentences about each invalid value of a shop."""
    return [problem for _field, problem in _problems_by_field(seller)]


def _new_problems(seller: SellerData) -> list[str]:
    """Ignore problems of values that the shop has already: the rules change, as currencies do."""
    problems = list(_problems_by_field(seller))
    existing = Seller.objects.filter(code=seller.code).first() if problems else None
    if existing is None:
        return [problem for _field, problem in problems]
    sent, stored = asdict(seller), {field: getattr(existing, field) for field in asdict(seller)}
    for values, legal in ((sent, cleaned_legal(seller.legal or {})), (stored, existing.legal)):
        values.update((f"legal.{field}", value) for field, value in legal.items())
    return [problem for field, problem in problems if field not in sent or sent[field] != stored.get(field)]


def _problems_by_field(seller: SellerData) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", seller.code):
        yield (
            "code",
            _("the seller “%(it)s” must be 1 to 64 letters, digits or _ . - and start with a letter or digit")
            % {"it": quoted(seller.code)},
        )
    if is_blank(seller.name) or len(seller.name) > 200:
        yield "name", _("the seller's name must have 1 to 200 characters")
    if not is_one_line(seller.name):
        yield "name", _("the seller's name has a line break or another control character in it; take it out")
    if not is_country(seller.country):
        yield (
            "country",
            _("the country “%(it)s” is not a code of ISO 3166; write two capitals such as NL or GB")
            % {"it": quoted(seller.country)},
        )
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", seller.language) or len(seller.language) > 10:
        yield (
            "language",
            _("the language “%(it)s” is no code such as nl or fr-BE") % {"it": quoted(seller.language)},
        )
    if not is_currency_in_use(seller.currency):
        yield (
            "currency",
            _("the currency “%(it)s” is not one that ISO 4217 has in use; write a code such as EUR")
            % {"it": quoted(seller.currency)},
        )
    if seller.invoice_cadence not in Seller.Cadence.values:
        yield (
            "invoice_cadence",
            _("the invoice cadence “%(it)s” is none of %(all)s")
            % {"it": quoted(seller.invoice_cadence), "all": ", ".join(Seller.Cadence.values)},
        )
    for field, problem in legal_problems(seller.legal or {}, country=seller.country):
        yield f"legal.{field}", problem
