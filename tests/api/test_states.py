"""Closed sets of words in the API's shapes are those that the database knows: a client may list them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import pytest

from lostpost.accounts.models import Seller
from lostpost.api.customer_queries.schemas import QueryState
from lostpost.api.http.fields import ScanStatus, ShippingMethod
from lostpost.api.http.schemas import Cadence
from lostpost.api.partnerservice_requests.schemas import RequestKind, RequestOutcome, RequestParty, RequestState
from lostpost.api.refunds.schemas import RefundState
from lostpost.api.restorations.schemas import RestorationState
from lostpost.customer_queries.models import CustomerQuery
from lostpost.eligibility import facts
from lostpost.orders.models import Parcel
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.refunds.models import Refund
from lostpost.restorations.models import Restoration

SETS = {
    "query": (QueryState, CustomerQuery.State.values),
    "refund": (RefundState, Refund.State.values),
    "restoration": (RestorationState, Restoration.State.values),
    "request": (RequestState, PartnerserviceRequest.State.values),
    "request kind": (RequestKind, PartnerserviceRequest.Kind.values),
    "request outcome": (RequestOutcome, PartnerserviceRequest.Outcome.values),
    "request party": (RequestParty, PartnerserviceRequest.Party.values),
    "cadence": (Cadence, Seller.Cadence.values),
    "shipping method": (ShippingMethod, Parcel.ShippingMethod.values),
    "scan status": (ScanStatus, [status.value for status in facts.ScanStatus]),
}


@pytest.mark.parametrize(("documented", "known"), SETS.values(), ids=SETS)
def test_the_document_lists_every_value(documented: Any, known: Sequence[str]) -> None:
    assert sorted(get_args(documented)) == sorted(known)
