"""Declarations of non-arrival on the page of a query: asked for, and downloaded once they are signed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lostpost.accounts.sections import Section
from lostpost.core.errors import Refused
from lostpost.declarations.ask_for_declaration import ask_for_declaration
from lostpost.declarations.models import Declaration
from lostpost.declarations.reads import declaration_text
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.own_query import own_query
from lostpost.portal.queries import refused, to_query
from lostpost.portal.sent_forms import posted
from lostpost.web.downloads import strangers_file


@of_shop(Section.QUERIES)
@posted(back="portal:customer-query")
def ask_for_declaration_of_parcel(request: PortalRequest, number: str) -> HttpResponse:
    """Ask the customer to sign that a parcel did not come."""
    own_query(request, number)
    try:
        ask_for_declaration(number=number, parcel=request.POST.get("parcel", ""), by=request.actor, now=timezone.now())
    except Refused as refusal:
        return refused(request, number, refusal)
    messages.success(request, _("The customer gets an e-mail with a link by which they can sign."))
    return to_query(request, number)


@of_shop(Section.QUERIES)
@require_safe
def declaration_file(request: PortalRequest, number: str, declaration: UUID) -> HttpResponse:
    """Download what the customer signed, for the claim at the carrier."""
    query = own_query(request, number)
    rows = Declaration.objects.filter(seller_id=query.seller_id, query_id=query.id, id=declaration)
    row = rows.filter(content_deleted_at=None, signed_at__isnull=False).first()
    if row is None:
        raise Http404
    name = f"declaration-{query.order.number}-{query.number}.txt"
    return strangers_file(declaration_text(row).encode(), name=name, media_type="text/plain; charset=utf-8")
