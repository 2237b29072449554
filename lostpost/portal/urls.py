"""The pages of a seller, and the customer's link."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from lostpost.core import converters  # noqa: F401  Registering is what importing does.
from lostpost.portal import (
    api_clients,
    contact,
    home,
    orders,
    partnerservice,
    queries,
    query_list,
    shops,
    webhooks,
    write_offs,
)

app_name = "portal"

SHOP = "shops/<name:seller>/"
WEBHOOK = SHOP + "webhooks/<name:webhook>/"
ORDER = SHOP + "orders/<name:order_number>/"
QUERY = SHOP + "customer-queries/<digits:number>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", shops.shops, name="shops"),
    path(SHOP, home.home, name="home"),
    path(SHOP + "api-clients/", api_clients.api_clients, name="api-clients"),
    path(SHOP + "webhooks/", webhooks.webhooks, name="webhooks"),
    path(WEBHOOK, webhooks.webhook, name="webhook"),
    path(WEBHOOK + "remove/", webhooks.remove, name="webhook-remove"),
    path(SHOP + "orders/", orders.orders, name="orders"),
    path(ORDER, orders.order, name="order"),
    path(SHOP + "contact/", contact.find_order, name="find-order"),
    path(ORDER + "contact/", contact.start_contact, name="start-contact"),
    path(SHOP + "customer-queries/", query_list.customer_queries, name="customer-queries"),
    path(QUERY, queries.customer_query, name="customer-query"),
    path(QUERY + "answer/", queries.answer, name="query-answer"),
    path(QUERY + "note/", queries.note, name="query-note"),
    path(QUERY + "close/", queries.close, name="query-close"),
    path(QUERY + "reopen/", queries.reopen, name="query-reopen"),
    path(QUERY + "put-aside/", queries.put_aside, name="query-put-aside"),
    path(QUERY + "write-off/", write_offs.write_off, name="write-off"),
    path(QUERY + "write-off/check/", write_offs.check, name="write-off-check"),
    path(QUERY + "write-off/confirm/", write_offs.confirm, name="write-off-confirm"),
    path(QUERY + "ask-partnerservice/", partnerservice.ask, name="ask-partnerservice"),
]
