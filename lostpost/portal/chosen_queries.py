"""Which customer queries of a list somebody chose: the ticked ones, or all that the list holds."""

from __future__ import annotations

from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _

from lostpost.customer_queries.list_filters import ListFilters
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.worklist import Listing, RowKey, next_keys
from lostpost.portal.access import PortalRequest
from lostpost.portal.list_place import ListPlace

ALL_OF_LIST = "yes"


def chosen_queries(request: PortalRequest, *, most: int) -> list[str]:
    """Return the numbers that a list's form sent, each once, in the list's order.

    All of the list are those that it holds now: their numbers go on from page to page, so that what comes into the list
    later is not acted on. Of more than `most`, which is what the policy allows at once, the first are taken, and that
    is said.
    """
    if request.GET.get("all") != ALL_OF_LIST:
        return list(dict.fromkeys(request.GET.getlist("query")))
    filters = ListFilters.from_text(ListPlace.read(request).listed)
    listing = Listing(request.seller.id, filters, request.policy, timezone.now(), request.actor.user_id)
    ids = [key.id for key in _keys(listing, most=most + 1)]
    if len(ids) > most:
        words = _("The list has more: these are its first %(most)d, as many as may be chosen at once.")
        messages.info(request, words % {"most": most})
    rows = CustomerQuery.objects.filter(seller_id=request.seller.id, id__in=ids[:most])
    numbers = dict(rows.values_list("id", "number"))
    return [numbers[each] for each in ids[:most] if each in numbers]


def _keys(listing: Listing, *, most: int) -> list[RowKey]:
    """Return the first keys of a list, over the stretches in which few of many fit; so many stretches at most."""
    keys: list[RowKey] = []
    behind = None
    for _stretch in range(10):
        page = next_keys(listing, behind=behind, most=most - len(keys))
        keys += page.keys
        behind = page.looked_until
        if behind is None or len(keys) >= most:
            break
    return keys
