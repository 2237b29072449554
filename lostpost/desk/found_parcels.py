"""Partnerservice: parcels of all shops that were found after their write-off. Their shops decide about them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from lostpost.accounts.reads import seller_of_code
from lostpost.core.keyset import key_from_text, pager
from lostpost.desk.access import DeskRequest, staff
from lostpost.found_parcels.cases_of_all import (
    OLDEST_FIRST,
    CaseOfShop,
    cases_counted,
    cases_of_all,
    with_money_and_deadline,
)
from lostpost.found_parcels.models import FoundCase
from lostpost.found_parcels.reads import evidence_of, found_case, outcomes_of
from lostpost.found_parcels.states import State
from lostpost.found_parcels.units_left import units_left
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.texts.found_parcels import shown_evidence

PAGE_SIZE, MOST_COUNTED = 25, 100


@staff("partnerservice")
@require_safe
def all_found_parcels(request: DeskRequest) -> HttpResponse:
    """List the cases in a state, of all shops or of one."""
    state = request.GET.get("state", "")
    state = state if state in State.values else State.OPEN
    shop = seller_of_code(request.GET.get("seller", ""))
    rows, page = cases_of_all(
        state,
        seller_id=shop.id if shop else None,
        after=key_from_text(request.GET.get("after", "")),
        size=PAGE_SIZE,
    )
    counts: dict[str, int] = {} if shop else cases_counted(most=MOST_COUNTED)
    context = {
        "state": state,
        "states": [
            {"state": each, "count": _counted(counts.get(each)), "url": _link(each, shop.code if shop else "")}
            for each in State.values
        ],
        "oldest_first": state in OLDEST_FIRST,
        "shop": shop,
        "all_shops_url": _link(state, ""),
        "cases": [{**_row(row), "shop_url": _link(state, row.case.seller.code)} for row in rows],
    }
    return render(request, "desk/found_parcels.html", {**context, **pager(page, request.GET)})


@staff("partnerservice")
@require_safe
def one_found_parcel(request: DeskRequest, seller: str, number: str) -> HttpResponse:
    """Show a case: what says that the parcel was found, and what its shop decided."""
    shop = seller_of_code(seller)
    case = found_case(seller_id=shop.id, number=number) if shop else None
    if case is None or shop is None:
        raise Http404
    case.seller = shop
    (row,) = with_money_and_deadline([case])
    requests = PartnerserviceRequest.objects.filter(seller_id=shop.id, query_id=case.query_id).order_by("asked_at")
    context = {
        "case": case,
        "row": _row(row),
        "lines": units_left(case.seller_id, case.write_off_id, case.parcel_id),
        "evidence": shown_evidence(evidence_of(case), to_shop=False),
        "outcomes": outcomes_of(case),
        "requests": list(requests),
    }
    return render(request, "desk/found_parcel.html", context)


def case_url(case: FoundCase) -> str:
    """Return the address of a case's page at the desk."""
    return reverse("desk:found-parcel", kwargs={"seller": case.seller.code, "number": case.number})


def _link(state: str, seller: str) -> str:
    return f"?{urlencode({name: value for name, value in (('state', state), ('seller', seller)) if value})}"


def _counted(number: int | None) -> str | None:
    if number is None:
        return None
    return f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number)


def _row(row: CaseOfShop) -> dict[str, Any]:
    return {
        "url": case_url(row.case),
        "case": row.case,
        "refunded_minor": row.refunded_minor,
        "currency": row.case.write_off.currency,
        "deadline_at": row.deadline_at,
        "late": row.deadline_at is not None and row.deadline_at < timezone.now(),
    }
