"""Declarations of non-arrival: asked for, and read once they are signed."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from ninja import Router

from lostpost.api.customer_queries.routes import Number, requested_query
from lostpost.api.customer_queries.schemas import DeclarationIn, DeclarationOut, DeclarationsOut
from lostpost.api.http.auth import ApiRequest, acting_in_shop, scope
from lostpost.api.http.pagination import Shop
from lostpost.declarations.ask_for_declaration import ask_for_declaration
from lostpost.declarations.models import Declaration
from lostpost.declarations.reads import declarations_of

router = Router(tags=["customer queries"])


@router.get(
    "/customer-queries/{number}/declarations",
    response=DeclarationsOut,
    auth=scope("seller:read", "seller:write"),
    operation_id="list_declarations",
)
def list_declarations(request: ApiRequest, number: Number, seller: Shop = None) -> dict[str, Any]:
    """Get what the customer was asked to declare, and what of it they signed."""
    return {"items": [_declaration(each) for each in declarations_of(requested_query(request, seller, number))]}


@router.post(
    "/customer-queries/{number}/declarations",
    response=DeclarationOut,
    auth=scope("seller:write"),
    operation_id="ask_for_declaration",
)
def post_declaration(request: ApiRequest, number: Number, body: DeclarationIn, seller: Shop = None) -> dict[str, Any]:
    """Ask the customer to sign that a parcel did not come; asked again, nothing changes."""
    by = acting_in_shop(request, seller)
    declaration = ask_for_declaration(number=number, parcel=body.parcel, by=by, now=timezone.now())
    rows = declarations_of(requested_query(request, seller, number))
    return next(_declaration(row) for row in rows if row.id == declaration.id)


def _declaration(declaration: Declaration) -> dict[str, Any]:
    return {
        "id": declaration.id,
        "parcel": declaration.parcel.code,
        "language": declaration.language,
        "sentence": declaration.sentence or None,
        "asked_at": declaration.asked_at,
        "signed_at": declaration.signed_at,
        "signed_on": declaration.signed_on,
        "signed_name": declaration.signed_name or None,
        "deleted_at": declaration.content_deleted_at,
    }
