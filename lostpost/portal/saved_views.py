"""Keep a view of the list of customer queries, and remove it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from lostpost.accounts.sections import Section
from lostpost.core.errors import Refused
from lostpost.customer_queries.keep_view import keep_view
from lostpost.customer_queries.list_filters import ListFilters
from lostpost.customer_queries.models import SavedView
from lostpost.customer_queries.remove_view import remove_view
from lostpost.portal.access import PortalRequest, of_shop
from lostpost.portal.sent_forms import posted


@of_shop(Section.QUERIES)
@posted(back="portal:customer-queries")
def keep_list_view(request: PortalRequest) -> HttpResponse:
    """Keep the list that is looked at under a name."""
    filters = ListFilters.from_text(request.POST.get("filters", ""))
    try:
        view = keep_view(name=request.POST.get("name", ""), filters=filters.text, by=request.actor)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The view “%(name)s” stands among the others now.") % {"name": view.name})
    address = reverse("portal:customer-queries", kwargs={"seller": request.seller.code})
    return redirect(f"{address}?{filters.text}")


@of_shop(Section.QUERIES)
def remove_list_view(request: PortalRequest, view: UUID) -> HttpResponse:
    """Remove a view that was kept."""
    if request.method == "POST":
        if not SavedView.objects.filter(seller_id=request.seller.id, user_id=request.user.pk, id=view).exists():
            raise Http404  # Somebody else's is none.
        remove_view(view_id=view, by=request.actor)
        messages.success(request, _("The view is removed."))
    to_list: HttpResponse = redirect("portal:customer-queries", seller=request.seller.code)
    return to_list
