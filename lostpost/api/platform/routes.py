"""What the marketplace's own systems put in: sellers, orders, parcels, returns, and what became of refunds."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Router, Status

from lostpost.accounts.invoice_cadence import cadences_of
from lostpost.accounts.members import Staff
from lostpost.accounts.put_seller import put_seller
from lostpost.api.http.auth import ApiRequest, known_seller, scope
from lostpost.api.http.idempotency import KeyHeader, as_text, once
from lostpost.api.schemas_in import NAME, OrderIn, OutcomeIn, ParcelIn, ReturnIn, SellerIn
from lostpost.api.schemas_out import PutOut, RefundOut, SellerOut
from lostpost.connectors.payments.switch_to_manual_payment import take_by_hand
from lostpost.intake.put_orders import put_order
from lostpost.intake.put_parcels import put_parcel
from lostpost.intake.put_returns import put_return
from lostpost.orders.data import Outcome
from lostpost.refunds.models import Refund
from lostpost.refunds.settle_refund import mark_refund_failed, mark_refund_paid, retry_refund
from lostpost.web.problems import not_found

router = Router(tags=["platform"], auth=scope("platform"))
NamePath = Annotated[str, Path(pattern=NAME)]


@router.put("/sellers/{seller}", response=SellerOut, operation_id="put_seller")
def seller_put(request: ApiRequest, seller: NamePath, body: SellerIn) -> dict[str, Any]:
    """Put a seller in, or what changed of it. Naturally idempotent."""
    shop = put_seller(seller=body.data(seller), now=timezone.now())
    values = {name: getattr(shop, name) for name in ("code", "name", "country", "language", "currency", "legal")}
    newest = cadences_of(shop.id)[-1]
    return {**values, "invoice_cadence": newest.cadence, "invoice_cadence_from": newest.from_on}


@router.put("/orders/{seller}/{order_number}", response={200: PutOut, 201: PutOut}, operation_id="put_order")
def order_put(request: ApiRequest, seller: NamePath, order_number: NamePath, body: OrderIn) -> Status[dict[str, str]]:
    """Put an order in, or what changed of it. A repeat of the same content changes nothing; contradictions are 409."""
    return _put(put_order(seller=known_seller(seller), order=body.data(order_number), now=timezone.now()))


@router.put("/parcels/{seller}/{parcel}", response={200: PutOut, 201: PutOut}, operation_id="put_parcel")
def parcel_put(request: ApiRequest, seller: NamePath, parcel: NamePath, body: ParcelIn) -> Status[dict[str, str]]:
    """Put a parcel in, or what changed of it. A corrected tracking number starts the clock again."""
    return _put(put_parcel(seller=known_seller(seller), parcel=body.data(parcel), now=timezone.now()))


@router.put("/returns/{seller}/{return_code}", response={200: PutOut, 201: PutOut}, operation_id="put_return")
def return_put(request: ApiRequest, seller: NamePath, return_code: NamePath, body: ReturnIn) -> Status[dict[str, str]]:
    """Put a return in, or what changed of it. Its units cannot be written off; a cancelled one gives them free."""
    return _put(put_return(seller=known_seller(seller), data=body.data(return_code), now=timezone.now()))


def _put(outcome: Outcome) -> Status[dict[str, str]]:
    return Status(201 if outcome.state == "created" else 200, {"state": outcome.state})


@router.post("/refunds/{seller}/{number}/outcome", response=RefundOut, operation_id="post_refund_outcome")
def refund_outcome(request: ApiRequest, seller: NamePath, number: NamePath, body: OutcomeIn) -> Any:
    """Mark a manual refund paid, with its reference, or failed, with the problem. The same again changes nothing.

    One that failed may be paid after all. What became of a refund at a payment provider is asked there, and not told
    here (409 `refund-at-provider`): let it be tried again, or take it to pay it by hand.
    """
    shop, by, now = known_seller(seller), Staff(0, request.auth.client.name), timezone.now()
    if body.outcome == "paid":
        return mark_refund_paid(seller_id=shop.id, number=number, reference=body.reference, by=by, now=now)
    return mark_refund_failed(seller_id=shop.id, number=number, problem=body.problem, by=by, now=now)


@router.post("/refunds/{seller}/{number}/retry", response={201: RefundOut}, operation_id="retry_refund")
def refund_retry(request: ApiRequest, seller: NamePath, number: NamePath, key: KeyHeader) -> HttpResponse:
    """Ask again for a refund that failed, the way that it went. Safe to repeat with the same Idempotency-Key.

    At a payment provider it is looked up first whether an earlier attempt went through after all. One that is asked for
    already stays as it is.
    """
    shop, by = known_seller(seller), Staff(0, request.auth.client.name)
    return once(
        lambda key: retry_refund(seller_id=shop.id, number=number, by=by, now=timezone.now(), key=key),
        key=key,
        scope="refund-retry",
        seller_id=shop.id,
        answer=lambda refund: as_text(RefundOut.from_orm(refund)),
    )


@router.post("/refunds/{seller}/{number}/by-hand", response=RefundOut, operation_id="take_refund_by_hand")
def refund_by_hand(request: ApiRequest, seller: NamePath, number: NamePath) -> Any:
    """Take a refund from its payment provider, to pay it yourself and tell the outcome. The same again changes nothing.

    It is looked up at the provider first: one that lives there stays there (409 `refund-at-provider`).
    """
    shop, by = known_seller(seller), Staff(0, request.auth.client.name)
    refund = Refund.objects.select_related("order").filter(seller_id=shop.id, number=number).first()
    if refund is None:
        raise not_found()
    take_by_hand(seller_id=shop.id, refund_id=refund.id, by=by, now=timezone.now())
    refund.refresh_from_db()
    return refund
