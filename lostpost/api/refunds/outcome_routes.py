"""Outcomes of refunds, reported by the marketplace."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from lostpost.accounts.actor import Actor
from lostpost.api.http.auth import ApiRequest, known_seller, scope
from lostpost.api.http.idempotency import KeyHeader, json_text, with_idempotency_key
from lostpost.api.http.paths import NamePath
from lostpost.api.refunds.schemas import OutcomeIn, RefundOut
from lostpost.connectors.payments.switch_to_manual_payment import switch_to_manual_payment
from lostpost.refunds.models import Refund
from lostpost.refunds.settle_refund import mark_refund_failed, mark_refund_paid, retry_refund
from lostpost.web.problems import not_found

router = Router(tags=["platform"], auth=scope("platform"))


@router.post("/refunds/{seller}/{number}/outcome", response=RefundOut, operation_id="post_refund_outcome")
def post_refund_outcome(request: ApiRequest, seller: NamePath, number: NamePath, body: OutcomeIn) -> Any:
    """Mark a manual refund paid, with its reference, or failed, with the problem. The same again changes nothing.

    One that failed may be paid after all. What became of a refund at a payment provider is asked there, and not told
    here (409 `refund-at-provider`): let it be tried again, or take it to pay it by hand.
    """
    shop, by, now = known_seller(seller), Actor.of_client(request.auth.client), timezone.now()
    if body.outcome == "paid":
        return mark_refund_paid(seller_id=shop.id, number=number, reference=body.reference, by=by, now=now)
    return mark_refund_failed(seller_id=shop.id, number=number, problem=body.problem, by=by, now=now)


@router.post("/refunds/{seller}/{number}/retry", response={201: RefundOut}, operation_id="retry_refund")
def post_refund_retry(request: ApiRequest, seller: NamePath, number: NamePath, key: KeyHeader) -> HttpResponse:
    """Ask again for a refund that failed, the way that it went. Safe to repeat with the same Idempotency-Key.

    At a payment provider it is looked up first whether an earlier attempt went through after all. One that is asked for
    already stays as it is.
    """
    shop, by = known_seller(seller), Actor.of_client(request.auth.client)
    return with_idempotency_key(
        lambda key: retry_refund(seller_id=shop.id, number=number, by=by, now=timezone.now(), key=key),
        key=key,
        scope="refund-retry",
        seller_id=shop.id,
        answer=lambda refund: json_text(RefundOut.from_orm(refund)),
    )


@router.post("/refunds/{seller}/{number}/by-hand", response=RefundOut, operation_id="take_refund_by_hand")
def post_manual_payment(request: ApiRequest, seller: NamePath, number: NamePath) -> Any:
    """Take a refund from its payment provider, to pay it yourself and tell the outcome. The same again changes nothing.

    It is looked up at the provider first: one that lives there stays there (409 `refund-at-provider`).
    """
    shop, by = known_seller(seller), Actor.of_client(request.auth.client)
    refund = Refund.objects.select_related("order").filter(seller_id=shop.id, number=number).first()
    if refund is None:
        raise not_found()
    switch_to_manual_payment(seller_id=shop.id, refund_id=refund.id, by=by, now=timezone.now())
    refund.refresh_from_db()
    return refund
