"""What the marketplace and a shop owe each other, entry by entry; and the self-check that anyone may read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router

from lostpost.accounts.policy import current_policy
from lostpost.api.http.auth import ApiRequest, acting_seller, scope
from lostpost.api.http.fields import Day
from lostpost.api.http.pagination import After, Shop, Size, after_key
from lostpost.api.invoices.schemas import BalancesOut, SelfCheckOut, StatementOut
from lostpost.audit.self_check import CheckedInvoice, CheckedMonth, checked_invoices, checked_months
from lostpost.core.clock import EARLIEST, day_begins_at, days_after, month_named, months_after
from lostpost.core.keyset import key_as_text
from lostpost.invoicing.models import SalesInvoice
from lostpost.reporting.statement import Entry, Standing, balances, statement
from lostpost.web.problems import Problem

router = Router(tags=["statement"])
reads = scope("seller:read", "seller:write")
FromDay = Annotated[Day | None, Query(alias="from", description="First day, in the marketplace's time zone")]
ToDay = Annotated[Day | None, Query(alias="to", description="Last day; left out: until now")]
_MONTH = "^[0-9]{4}-(0[1-9]|1[0-2])$"
FromMonth = Annotated[
    str | None, Query(alias="from", pattern=_MONTH, description="First month; left out: a year of them")
]
ToMonth = Annotated[str | None, Query(alias="to", pattern=_MONTH, description="Last month; left out: this one")]
OfCurrency = Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="Left out: the shop's own")]
_MONTHS_SHOWN = 12


@router.get("/statement", response=StatementOut, auth=reads, operation_id="get_statement")
def get_statement(
    request: ApiRequest,
    seller: Shop = None,
    from_on: FromDay = None,
    to_on: ToDay = None,
    currency: OfCurrency = None,
    after: After = None,
    size: Size = 50,
) -> dict[str, Any]:
    """Get what was booked between the marketplace and the shop, in that order, with the balances around it."""
    shop = acting_seller(request, seller)
    if from_on and to_on and from_on > to_on:
        raise _reversed()
    zone = current_policy().zone
    page = statement(
        seller_id=shop.id,
        currency=currency or shop.currency,
        from_at=day_begins_at(from_on, zone) if from_on else EARLIEST,
        until_at=day_begins_at(days_after(to_on, 1), zone) if to_on else None,
        after=after_key(after),
        size=size,
    )
    on = {entry.invoice_id for entry in page.entries if entry.invoice_id}
    rows = SalesInvoice.objects.filter(seller_id=shop.id, id__in=on) if on else SalesInvoice.objects.none()
    numbers = dict(rows.values_list("id", "number"))
    return {
        "currency": page.currency,
        "opening": _standing(page.opening),
        "items": [_entry(entry, numbers) for entry in page.entries],
        "closing": _standing(page.closing),
        "next": key_as_text(page.next) if page.next else None,
    }


@router.get("/balances", response=BalancesOut, auth=reads, operation_id="list_balances")
def get_balances(request: ApiRequest, seller: Shop = None) -> dict[str, Any]:
    """Get what stands on each of the shop's accounts, and the kinds of transfers that explain it."""
    shop = acting_seller(request, seller)
    return {
        "items": [
            {
                "account": balance.account,
                "currency": balance.currency,
                "balance_minor": balance.balance_minor,
                "kinds": [kind._asdict() for kind in balance.kinds],
            }
            for balance in balances(shop.id)
        ]
    }


@router.get("/self-check", response=SelfCheckOut, auth=reads, operation_id="get_self_check")
def get_self_check(
    request: ApiRequest, seller: Shop = None, from_month: FromMonth = None, to_month: ToMonth = None
) -> dict[str, Any]:
    """Compare write-offs, refunds, ledger and sales invoices, month by month: each told from rows of its own."""
    shop, policy = acting_seller(request, seller), current_policy()
    last = month_named(to_month or "") or timezone.now().astimezone(policy.zone).date().replace(day=1)
    first = month_named(from_month or "") or months_after(last, 1 - _MONTHS_SHOWN)
    if first > last:
        raise _reversed()
    begin, end = day_begins_at(first, policy.zone), day_begins_at(months_after(last, 1), policy.zone)
    months = checked_months(seller_id=shop.id, begin=begin, end=end, zone=policy.time_zone)
    invoices = checked_invoices(seller_id=shop.id, begin=begin, end=end)
    return {
        "agrees": all(month.agrees for month in months) and all(invoice.agrees for invoice in invoices),
        "months": [_month(month) for month in months],
        "invoices": [_invoice(invoice) for invoice in invoices],
    }


def _reversed() -> Problem:
    return Problem(422, "rejected", "`from` is later than `to`; turn them round.")


def _standing(standing: Standing) -> dict[str, int]:
    return {**standing._asdict(), "total_minor": standing.total_minor}


def _entry(entry: Entry, numbers: dict[UUID, str]) -> dict[str, Any]:
    own = ("id", "kind", "booked_at", "effective_at", "current_minor", "payable_minor")
    return {
        **{name: getattr(entry, name) for name in own},
        **{name: getattr(entry.source, name) for name in ("order_number", "item", "title", "document")},
        "after": _standing(entry.after),
        "invoice_number": numbers.get(entry.invoice_id) if entry.invoice_id else None,
    }


def _month(checked: CheckedMonth) -> dict[str, Any]:
    return {
        **asdict(checked),
        "month": f"{checked.month:%Y-%m}",
        "to_be_invoiced_minor": checked.to_be_invoiced_minor,
        "agrees": checked.agrees,
    }


def _invoice(checked: CheckedInvoice) -> dict[str, Any]:
    return {**asdict(checked), "total_minor": checked.total_minor, "agrees": checked.agrees}
