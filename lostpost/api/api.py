"""The API itself: its routes, its documentation, its problems."""

from __future__ import annotations

from ninja import NinjaAPI

from lostpost.api import customer_queries, events, orders, platform, problems, write_offs

api = NinjaAPI(
    title="Lostpost",
    version="1",
    description="Write off shipments that were lost in the mail. Amounts are integers of minor units with their ISO "
    "4217 currency, instants RFC 3339 with offset, errors problem details (RFC 9457) with a stable `code`.",
    docs_url=None,
    urls_namespace="api",
)
for router in (orders.router, platform.router, customer_queries.router, write_offs.router, events.router):
    api.add_router("", router)
problems.install(api)
