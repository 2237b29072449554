"""Sellers, as the marketplace puts them in."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from ninja import Router

from lostpost.accounts.invoice_cadence import cadences_of
from lostpost.accounts.put_seller import put_seller
from lostpost.api.http.auth import ApiRequest, scope
from lostpost.api.http.paths import NamePath
from lostpost.api.sellers.schemas import SellerIn, SellerOut

router = Router(tags=["platform"], auth=scope("platform"))


@router.put("/sellers/{seller}", response=SellerOut, operation_id="put_seller")
def seller_put(request: ApiRequest, seller: NamePath, body: SellerIn) -> dict[str, Any]:
    """Put a seller in, or what changed of it. Naturally idempotent."""
    shop = put_seller(seller=body.data(seller), now=timezone.now())
    values = {name: getattr(shop, name) for name in ("code", "name", "country", "language", "currency", "legal")}
    newest = cadences_of(shop.id)[-1]
    return {**values, "invoice_cadence": newest.cadence, "invoice_cadence_from": newest.from_on}
