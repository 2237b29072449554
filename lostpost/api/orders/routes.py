"""A shop's orders, and how the policy looks at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Router

from lostpost.api.http.auth import ApiRequest, acting_seller, scope
from lostpost.api.http.pagination import After, Find, Shop, Size, after_key, page_out
from lostpost.api.http.paths import NamePath
from lostpost.api.orders.schemas import AssessmentOut, OrderOut, OrdersOut
from lostpost.insight.order_parcels import return_codes_of
from lostpost.orders.models import Order, OrderItem, Parcel, ParcelUnit
from lostpost.orders.order_search import matching_orders, newest_orders
from lostpost.orders.reads import AssessedUnit
from lostpost.relay.addresses import relay_is_on
from lostpost.texts.refusals import caution_text, lifted_text, refusal_text
from lostpost.web.problems import not_found
from lostpost.writeoffs.assess_order import OrderAssessment, assess_order

router = Router(tags=["orders"], auth=scope("seller:read", "seller:write"))


@router.get("/orders", response=OrdersOut, operation_id="list_orders")
def list_orders(
    request: ApiRequest, seller: Shop = None, q: Find = None, after: After = None, size: Size = 50
) -> dict[str, Any]:
    """List orders, newest first; `q` finds by number, customer or tracking number."""
    shop = acting_seller(request, seller)
    key = after_key(after)
    page = (
        matching_orders(shop.id, q, after=key, size=size)
        if q and q.strip()
        else newest_orders(shop.id, after=key, size=size)
    )
    return page_out(
        page,
        lambda order: {
            "order_number": order.number,
            "placed_at": order.placed_at,
            "currency": order.currency,
            "customer_name": order.customer_name,
        },
    )


def requested_order(request: ApiRequest, seller: str | None, number: str) -> Order:
    """Return the shop's order of this number. Raises Problem 404."""
    order = Order.objects.filter(seller_id=acting_seller(request, seller).id, number=number).first()
    if order is None:
        raise not_found()
    return order


@router.get("/orders/{order_number}", response=OrderOut, operation_id="get_order")
def get_order(request: ApiRequest, order_number: NamePath, seller: Shop = None) -> dict[str, Any]:
    """Get an order with its items and parcels."""
    order = requested_order(request, seller, order_number)
    items = OrderItem.objects.filter(seller_id=order.seller_id, order_id=order.id).order_by("item")
    parcels = Parcel.objects.filter(seller_id=order.seller_id, order_id=order.id).order_by("shipped_at", "code")
    units = ParcelUnit.objects.filter(seller_id=order.seller_id, parcel__order_id=order.id).select_related("order_item")
    in_parcel: dict[Any, list[dict[str, Any]]] = {}
    for unit in units.order_by("order_item__item"):
        in_parcel.setdefault(unit.parcel_id, []).append(
            {
                "item": unit.order_item.item,
                "quantity": unit.quantity,
                "quantity_written_off": unit.quantity_written_off,
                "quantity_paid_again": unit.quantity_paid_again,
                "quantity_returned": unit.quantity_returned,
            }
        )
    return {
        "order_number": order.number,
        "placed_at": order.placed_at,
        "currency": order.currency,
        "delivery_costs_minor": order.delivery_costs_minor,
        "customer": {
            "name": order.customer_name,
            "email": order.customer_email if request.auth.is_platform or not relay_is_on() else "",
            "language": order.customer_language,
            "country": order.customer_country,
            "postal_code": order.customer_postal_code,
        },
        "payment": (
            {"provider": order.payment_provider, "reference": order.payment_reference}
            if order.payment_provider
            else None
        ),
        "customer_invoice": order.customer_invoice,
        "items": list(items),
        "parcels": [
            {
                "parcel": parcel.code,
                "shipping_method": parcel.shipping_method,
                "carrier": parcel.carrier,
                "tracking_number": parcel.tracking_number,
                "shipped_at": parcel.shipped_at,
                "last_scanned_at": parcel.last_scanned_at,
                "last_status": parcel.last_status or None,
                "units": in_parcel.get(parcel.id, []),
            }
            for parcel in parcels
        ],
    }


@router.get("/orders/{order_number}/assessment", response=AssessmentOut, operation_id="assess_order")
def get_assessment(request: ApiRequest, order_number: NamePath, seller: Shop = None) -> dict[str, Any]:
    """Assess every unit of an order against the policy as it is now: all reasons at once."""
    order = requested_order(request, seller, order_number)
    assessed = assess_order(order, now=timezone.now())
    codes = return_codes_of(assessed)
    with timezone.override(assessed.policy.zone):  # Sentences name days and hours; pages mean the same zone.
        units = [_unit(unit, assessed, codes) for unit in assessed.units]
    return {
        "order_number": order.number,
        "assessed_at": assessed.assessed_at,
        "policy_version": assessed.policy.version,
        "currency": order.currency,
        "eligible": assessed.eligible,
        "units": units,
    }


def _unit(unit: AssessedUnit, assessed: OrderAssessment, return_codes: Mapping[UUID, str]) -> dict[str, Any]:
    item = unit.item
    code = return_codes.get(unit.id, "") if unit.id else ""
    return {
        "parcel": unit.parcel,
        "item": item.item,
        "title": item.title,
        "shipped": unit.facts.shipped,
        "available": unit.available,
        "eligible": unit.eligible,
        "refusals": [
            {
                "code": refusal.code,
                "text": refusal_text(refusal, unit.assessment, return_code=code),
                "eligible_from": refusal.eligible_from,
            }
            for refusal in unit.assessment.refusals
        ],
        "lifted": _lifted(unit),
        "warnings": [
            {"code": caution.code, "text": caution_text(caution.code)} for caution in unit.assessment.cautions
        ],
        "refund_minor": assessed.worth_of(unit, unit.available).refund_minor,
    }


def _lifted(unit: AssessedUnit) -> list[dict[str, Any]]:
    override = unit.facts.override
    return [
        {
            "code": refusal.code,
            "text": lifted_text(refusal, unit.assessment),
            "until": override.until,
            "reason": override.reason,
        }
        for refusal in unit.assessment.lifted
        if override
    ]
