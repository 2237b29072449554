"""The orders of a shop, and one of them with all that happened to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.sections import Section
from lostpost.core.keyset import key_from_text, pager
from lostpost.customer_queries.models import CustomerQuery
from lostpost.insight.order_parcels import ShownParcel, UnitState, parcels_of, shown_parcels
from lostpost.orders.models import Order, Return, ReturnUnit
from lostpost.orders.order_search import matching_orders, newest_orders
from lostpost.orders.reads import ItemRow
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.credit_notes_and_restorations import credit_notes_and_restorations
from lostpost.texts.states import state_text
from lostpost.writeoffs.assess_order import OrderAssessment, assess_order, assess_orders
from lostpost.writeoffs.models import WriteOff

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class ListedParcel:
    """A parcel in the list: what may be done about it, and where nothing may, why."""

    carrier: str
    state: UnitState
    eligible_from: datetime | None
    reason: str  # The code of the refusal that time does not take away.


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """One line of the list."""

    number: str
    placed_at: datetime
    customer_name: str
    currency: str
    paid_minor: int  # Delivery included.
    parcels: Sequence[ListedParcel]


@of_shop(Section.QUERIES)
@require_safe
def orders_page(request: PortalRequest) -> HttpResponse:
    """List the orders, newest first, or those that match what is searched for."""
    search = " ".join(request.GET.get("q", "").split())
    after = key_from_text(request.GET.get("after", ""))
    seller_id = request.seller.id
    if search:
        page = matching_orders(seller_id, search, after=after, size=PAGE_SIZE)
    else:
        page = newest_orders(seller_id, after=after, size=PAGE_SIZE)
    assessed = assess_orders(page.rows, request.policy, now=timezone.now())
    context = {"q": search, "orders": [_listed(assessed[order.id]) for order in page.rows], **pager(page, request.GET)}
    return render(request, "portal/orders.html", context)


@of_shop(Section.QUERIES)
@require_safe
def order(request: PortalRequest, order_number: str) -> HttpResponse:
    """Show an order: items, parcels with their scans, what may be done about each unit, and what was done."""
    order = Order.objects.filter(seller_id=request.seller.id, number=order_number).first()
    if order is None:
        raise Http404
    assessment = assess_order(order, now=timezone.now(), policy=request.policy)
    context = {
        "order": order,
        "items": _items(assessment),
        "paid_minor": _paid_minor(assessment),
        "parcels": shown_parcels(assessment),
        "returns": _returns(order),
        "queries": _of_order(CustomerQuery.objects, order).order_by("-opened_at", "-id"),
        "write_offs": _write_offs(order),
        "papers": credit_notes_and_restorations(order),
    }
    return render(request, "portal/order.html", context)


def _listed(assessment: OrderAssessment) -> ListedOrder:
    order = assessment.order
    return ListedOrder(
        number=order.number,
        placed_at=order.placed_at,
        customer_name=order.customer_name,
        currency=order.currency,
        paid_minor=_paid_minor(assessment),
        parcels=[_parcel(box) for box in parcels_of(assessment.units) if box.code],
    )


def _parcel(box: ShownParcel) -> ListedParcel:
    refusals = [refusal for unit in box.units for refusal in unit.assessment.refusals]
    lasting = sorted(refusals, key=lambda refusal: refusal.eligible_from is not None)  # Stable: else in their order.
    return ListedParcel(box.carrier, box.state, box.eligible_from, lasting[0].code if lasting else "")


def _items(assessment: OrderAssessment) -> list[ItemRow]:
    items = {unit.item.id: unit.item for unit in assessment.units}
    return sorted(items.values(), key=lambda item: item.item)


def _paid_minor(assessment: OrderAssessment) -> int:
    return assessment.order.delivery_costs_minor + sum(item.paid_minor for item in _items(assessment))


def _returns(order: Order) -> list[dict[str, Any]]:
    """Return the order's returns with what comes back in each: two statements, however many there are."""
    rows = list(_of_order(Return.objects, order).order_by("registered_at", "id"))
    inside = defaultdict(list)
    units = ReturnUnit.objects.filter(seller_id=order.seller_id, return_id__in=[row.id for row in rows])
    for unit in units.select_related("parcel_unit__order_item") if rows else ():
        inside[unit.return_id].append({"title": unit.parcel_unit.order_item.title, "quantity": unit.quantity})
    return [
        {
            "code": row.code,
            "status_name": state_text("return", row.status),
            "registered_at": row.registered_at,
            "units": inside[row.id],
        }
        for row in rows
    ]


def _write_offs(order: Order) -> list[dict[str, Any]]:
    write_offs = _of_order(WriteOff.objects.select_related("query", "refund"), order).order_by("confirmed_at", "id")
    return [
        {
            "number": write_off.number,
            "query_number": write_off.query.number,
            "confirmed_at": write_off.confirmed_at,
            "refund_minor": write_off.refund_minor,
            "currency": write_off.currency,
            "refund_state": write_off.refund.state,
        }
        for write_off in write_offs
    ]


def _of_order(rows: Any, order: Order) -> Any:
    return rows.filter(seller_id=order.seller_id, order_id=order.id)
