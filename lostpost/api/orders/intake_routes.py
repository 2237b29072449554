"""Orders, parcels and returns, as the marketplace puts them in."""

from __future__ import annotations

from django.utils import timezone
from ninja import Router, Status

from lostpost.api.http.auth import ApiRequest, known_seller, scope
from lostpost.api.http.paths import NamePath
from lostpost.api.orders.schemas import OrderIn, ParcelIn, PutOut, ReturnIn
from lostpost.intake.put_orders import put_order
from lostpost.intake.put_parcels import put_parcel
from lostpost.intake.put_returns import put_return
from lostpost.orders.data import Outcome

router = Router(tags=["platform"], auth=scope("platform"))


@router.put("/orders/{seller}/{order_number}", response={200: PutOut, 201: PutOut}, operation_id="put_order")
def order_put(request: ApiRequest, seller: NamePath, order_number: NamePath, body: OrderIn) -> Status[dict[str, str]]:
    """Put an order in, or what changed of it. A repeat of the same content changes nothing; contradictions are 409."""
    return _outcome(put_order(seller=known_seller(seller), order=body.data(order_number), now=timezone.now()))


@router.put("/parcels/{seller}/{parcel}", response={200: PutOut, 201: PutOut}, operation_id="put_parcel")
def parcel_put(request: ApiRequest, seller: NamePath, parcel: NamePath, body: ParcelIn) -> Status[dict[str, str]]:
    """Put a parcel in, or what changed of it. A corrected tracking number starts the clock again."""
    return _outcome(put_parcel(seller=known_seller(seller), parcel=body.data(parcel), now=timezone.now()))


@router.put("/returns/{seller}/{return_code}", response={200: PutOut, 201: PutOut}, operation_id="put_return")
def return_put(request: ApiRequest, seller: NamePath, return_code: NamePath, body: ReturnIn) -> Status[dict[str, str]]:
    """Put a return in, or what changed of it. Its units cannot be written off; a cancelled one gives them free."""
    return _outcome(put_return(seller=known_seller(seller), data=body.data(return_code), now=timezone.now()))


def _outcome(outcome: Outcome) -> Status[dict[str, str]]:
    return Status(201 if outcome.state == "created" else 200, {"state": outcome.state})
