"""Where somebody came from: the list and the row of it, which the pages of a query carry in their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.urls import reverse

from lostpost.answering.drafts import open_elsewhere
from lostpost.customer_queries.list_filters import ListFilters
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.worklist import Listing, RowKey, next_keys, order_of, row_key_from_text, row_key_text
from lostpost.portal.access import PortalRequest

_LOOKED_AHEAD = 10  # For a query that no colleague has open.
_PAGES = ("q", "after", "before")  # Parameters of a list beside its filters.


@dataclass(frozen=True, slots=True)
class ListPlace:
    """A list, as its address has it, and a row of it; both empty where somebody came from elsewhere."""

    listed: str = ""
    at: str = ""

    @classmethod
    def read(cls, request: PortalRequest) -> ListPlace:
        """Read the place from an address; what is no list of ours is left out."""
        if "list" not in request.GET:
            return cls()
        filters, at = ListFilters.from_text(request.GET["list"]), request.GET.get("at", "")
        pages = {name: value for name, value in parse_qsl(request.GET["list"]) if name in _PAGES}
        key = row_key_from_text(at, order_of(filters))
        return cls(_joined(filters, pages), row_key_text(key) if key else "")

    @property
    def parameters(self) -> str:
        """The place as parameters of an address; empty where there is none."""
        return urlencode({"list": self.listed, "at": self.at}) if self.listed or self.at else ""

    @property
    def suffix(self) -> str:
        """What an address of the query's pages ends with, so that the place is kept."""
        return f"?{self.parameters}" if self.parameters else ""

    def added_to(self, address: str) -> str:
        """Return an address, which may have parameters of its own, with the place in it."""
        if not self.parameters:
            return address
        return f"{address}{'&' if '?' in address else '?'}{self.parameters}"

    def list_url(self, request: PortalRequest) -> str:
        """Return the address of the list."""
        address = reverse("portal:customer-queries", kwargs={"seller": request.seller.code})
        return f"{address}?{self.listed}" if self.listed else address

    def neighbours(self, request: PortalRequest, now: datetime) -> tuple[str, str]:
        """Return the addresses of the queries before and after this row in the list; empty where there is none."""
        filters = ListFilters.from_text(self.listed)
        key = row_key_from_text(self.at, order_of(filters))
        if key is None:
            return "", ""
        listing = Listing(request.seller.id, filters, request.policy, now, request.actor.user_id)
        rows = [next_keys(listing, behind=key, most=1, backwards=backwards).keys for backwards in (True, False)]
        ids = [keys[0].id for keys in rows if keys]
        queries = CustomerQuery.objects.filter(seller_id=request.seller.id, id__in=ids)
        numbers = dict(queries.values_list("id", "number"))
        before, after = (self._url(request, numbers, keys[0]) if keys else "" for keys in rows)
        return before, after

    def next_free(self, request: PortalRequest, now: datetime) -> str:
        """Return the address of the next query that nobody else has open; the next at all where others have many.

        Empty where the list ends.
        """
        filters = ListFilters.from_text(self.listed)
        key, user_id = row_key_from_text(self.at, order_of(filters)), request.actor.user_id
        if key is None:
            return ""
        listing = Listing(request.seller.id, filters, request.policy, now, user_id)
        keys = next_keys(listing, behind=key, most=_LOOKED_AHEAD).keys
        ids = [each.id for each in keys]
        taken = open_elsewhere(request.seller.id, ids, but=user_id, now=now)
        following = next((each for each in keys if each.id not in taken), keys[0] if keys else None)
        if following is None:
            return ""
        queries = CustomerQuery.objects.filter(seller_id=request.seller.id, id=following.id)
        return self._url(request, dict(queries.values_list("id", "number")), following)

    def _url(self, request: PortalRequest, numbers: dict[UUID, str], key: RowKey) -> str:
        return query_url(request, numbers[key.id], ListPlace(self.listed, row_key_text(key)))


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """A place with the addresses around it; empty where there is none."""

    suffix: str
    list_url: str
    preceding: str
    following: str


def shown_place(request: PortalRequest, now: datetime) -> ShownPlace:
    """Return the place that somebody came from: three statements where that is a row of a list, else none."""
    place = ListPlace.read(request)
    preceding, following = place.neighbours(request, now)
    return ShownPlace(place.suffix, place.list_url(request), preceding, following)


def place_of_row(listed: str, key: RowKey) -> ListPlace:
    """Return the place of a row in a list whose address has this query string."""
    return ListPlace(listed, row_key_text(key))


def query_url(request: PortalRequest, number: str, place: ListPlace) -> str:
    """Return the address of a query that somebody comes to from a place in a list."""
    address = reverse("portal:customer-query", kwargs={"seller": request.seller.code, "number": number})
    return address + place.suffix


def _joined(filters: ListFilters, pages: dict[str, str]) -> str:
    return "&".join(part for part in (filters.text, urlencode(pages)) if part)
