"""The pages of a seller, and the customer's link."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.http import Http404, HttpResponseBase
from django.urls import URLPattern, URLResolver, path, register_converter

from lostpost.portal.access import PortalRequest, View, of_shop


class NameConverter:
    """A name that the marketplace gave: of a shop or an order."""

    regex = "[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}"

    def to_python(self, value: str) -> str:
        """Take it as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Write it as it is."""
        return value


class DigitsConverter(NameConverter):
    """The number of a customer query."""

    regex = "[0-9]{1,20}"


register_converter(NameConverter, "name")
register_converter(DigitsConverter, "digits")


def later(module: str, name: str) -> View:
    """Find a view that may not be written yet; until then there is nothing at its address."""
    if find_spec(f"lostpost.portal.{module}"):
        found = getattr(import_module(f"lostpost.portal.{module}"), name, None)
        if found:
            return found  # type: ignore[no-any-return]

    @of_shop
    def missing(request: PortalRequest, /, **kwargs: str) -> HttpResponseBase:
        raise Http404

    return missing


app_name = "portal"

SHOP = "shops/<name:seller>/"
ORDER = SHOP + "orders/<name:order_number>/"
QUERY = SHOP + "customer-queries/<digits:number>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", later("shops", "shops"), name="shops"),
    path(SHOP, later("home", "home"), name="home"),
    path(SHOP + "orders/", later("orders", "orders"), name="orders"),
    path(ORDER, later("orders", "order"), name="order"),
    path(SHOP + "contact/", later("contact", "find_order"), name="find-order"),
    path(ORDER + "contact/", later("contact", "start_contact"), name="start-contact"),
    path(SHOP + "customer-queries/", later("query_list", "customer_queries"), name="customer-queries"),
    path(QUERY, later("queries", "customer_query"), name="customer-query"),
    path(QUERY + "answer/", later("queries", "answer"), name="query-answer"),
    path(QUERY + "note/", later("queries", "note"), name="query-note"),
    path(QUERY + "close/", later("queries", "close"), name="query-close"),
    path(QUERY + "reopen/", later("queries", "reopen"), name="query-reopen"),
    path(QUERY + "put-aside/", later("queries", "put_aside"), name="query-put-aside"),
    path(QUERY + "write-off/", later("write_offs", "write_off"), name="write-off"),
    path(QUERY + "write-off/check/", later("write_offs", "check"), name="write-off-check"),
    path(QUERY + "write-off/confirm/", later("write_offs", "confirm"), name="write-off-confirm"),
    path(QUERY + "ask-partnerservice/", later("partnerservice", "ask"), name="ask-partnerservice"),
]
